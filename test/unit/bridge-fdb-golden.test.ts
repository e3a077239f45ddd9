import { describe, expect, it } from 'vitest'
import {
  addFdbEntry,
  appendFdbEntry,
  deleteFdbEntry,
  flushFdb,
  replaceFdbEntry,
} from '../../src/rtnetlink/bridge/fdb/change.js'
import { getFdbEntry, listFdb } from '../../src/rtnetlink/bridge/fdb/list.js'
import type { FdbInput } from '../../src/rtnetlink/bridge/fdb/options.js'
import { differenceFrom, findGolden, loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'
import { sentBy } from './sent-by.js'

const MAC = '02:00:00:00:00:09'
const PORT = { mac: MAC, dev: 'eth0', master: true } as const
const VX = { mac: MAC, dev: 'vx0', dst: '192.0.2.9' } as const

function add(name: string, input: FdbInput): GoldenCase {
  return { name, operation: () => addFdbEntry(input) }
}

const cases: GoldenCase[] = [
  add('bridge-fdb-add', PORT),
  add('bridge-fdb-add-self', { mac: MAC, dev: 'eth0' }),
  add('bridge-fdb-add-static', { ...PORT, state: 'static' }),
  add('bridge-fdb-add-dynamic', { ...PORT, state: 'dynamic' }),
  add('bridge-fdb-add-sticky', { ...PORT, state: 'static', flags: ['sticky'] }),
  add('bridge-fdb-add-extern-learn', { ...PORT, state: 'dynamic', flags: ['extern_learn'] }),
  add('bridge-fdb-add-vlan', { ...PORT, vlan: 1 }),
  { name: 'bridge-fdb-replace', operation: () => replaceFdbEntry(PORT) },
  { name: 'bridge-fdb-delete', operation: () => deleteFdbEntry(PORT) },
  { name: 'bridge-fdb-flush', operation: () => flushFdb('br0') },
  {
    name: 'bridge-fdb-flush-flags',
    operation: () => flushFdb('br0', { brport: 'eth0', vlan: 5, state: 'dynamic' }),
  },
  {
    name: 'bridge-fdb-vxlan-append',
    operation: () => appendFdbEntry({ mac: '00:00:00:00:00:00', dev: 'vx0', dst: '192.0.2.9' }),
  },
  add('bridge-fdb-vxlan-add', { ...VX, port: 8472, vni: 43, via: 'eth0' }),
  add('bridge-fdb-vxlan-add-v6', { ...VX, dst: '2001:db8::9' }),
  { name: 'bridge-fdb-vxlan-delete', operation: () => deleteFdbEntry(VX) },
  { name: 'bridge-fdb-show', operation: () => listFdb() },
  { name: 'bridge-fdb-show-br', operation: () => listFdb({ bridge: 'br0' }) },
  { name: 'bridge-fdb-show-brport', operation: () => listFdb({ dev: 'eth0' }) },
  { name: 'bridge-fdb-show-br-brport', operation: () => listFdb({ bridge: 'br0', dev: 'eth0' }) },
  {
    name: 'bridge-fdb-show-dynamic',
    operation: () => listFdb({ bridge: 'br0', state: ['dynamic', 'static', 'stale'] }),
  },
]

describe('forwarding table requests', () => {
  it.each(cases)('$name', (it) => {
    expectGolden('bridge-tool', it)
  })

  it('bridge-fdb-get', () => {
    const golden = findGolden('bridge-tool', 'bridge-fdb-get')
    const [sent] = sentBy(getFdbEntry({ mac: MAC, bridge: 'br0' }), [['an entry']])
    expect(differenceFrom(golden.messages[0]!, sent!)).toBeNull()
  })

  it('cover every fixture', () => {
    const all = loadGolden('bridge-tool').map(({ name }) => name)
    expect([...cases.map(({ name }) => name), 'bridge-fdb-get'].sort()).toEqual(
      all.filter((name) => name.startsWith('bridge-fdb-')).sort(),
    )
  })
})
