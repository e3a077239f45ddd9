import { describe, expect, it } from 'vitest'
import { addMdbEntry, deleteMdbEntry } from '../../src/rtnetlink/bridge/mdb/change.js'
import { listMdb } from '../../src/rtnetlink/bridge/mdb/list.js'
import type { MdbInput } from '../../src/rtnetlink/bridge/mdb/options.js'
import { loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'

const KEY = { dev: 'br0', port: 'eth0', group: '239.1.1.1' } as const

function add(name: string, input: Partial<MdbInput>): GoldenCase {
  return { name, operation: () => addMdbEntry({ ...KEY, ...input }) }
}

const cases: GoldenCase[] = [
  add('bridge-mdb-add', {}),
  add('bridge-mdb-add-permanent', { state: 'permanent' }),
  add('bridge-mdb-add-v6-vid', { group: 'ff05::100', state: 'permanent', vid: 5 }),
  add('bridge-mdb-add-source', { source: '192.0.2.7', state: 'permanent' }),
  add('bridge-mdb-add-mac', { group: '01:00:5e:01:01:01', state: 'permanent' }),
  add('bridge-mdb-add-host', { port: 'br0', state: 'temp' }),
  { name: 'bridge-mdb-delete', operation: () => deleteMdbEntry(KEY) },
  // iproute2 asks for the same twice.
  { name: 'bridge-mdb-show', message: 0, operation: () => listMdb() },
  { name: 'bridge-mdb-show', message: 1, operation: () => listMdb() },
  { name: 'bridge-mdb-show-dev', message: 0, operation: () => listMdb({ bridge: 'br0' }) },
]

describe('multicast table requests', () => {
  it.each(cases)('$name', (it) => {
    expectGolden('bridge-tool', it)
  })

  it('cover every fixture', () => {
    const all = loadGolden('bridge-tool').map(({ name }) => name)
    expect([...new Set(cases.map(({ name }) => name))].sort()).toEqual(
      all.filter((name) => name.startsWith('bridge-mdb-')).sort(),
    )
  })
})
