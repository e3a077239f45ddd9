/** The networks of vxlan devices: requests against those of iproute2, and what is refused. */

import { describe, expect, it } from 'vitest'
import {
  type AddVxlanVniOptions,
  addVxlanVni,
  deleteVxlanVni,
  listVxlanVnis,
} from '../../src/rtnetlink/vxlan-vni/operations.js'
import { loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'
import { refusal } from './refusal.js'

function add(name: string, options: AddVxlanVniOptions): GoldenCase {
  return { name, operation: () => addVxlanVni('vx0', options) }
}

const cases: GoldenCase[] = [
  add('vni-add', { vni: 100 }),
  add('vni-add-range', { vni: [100, 110] }),
  add('vni-add-remote', { vni: 100, group: '192.0.2.9' }),
  add('vni-add-group', { vni: 100, group: '239.1.1.1' }),
  add('vni-add-remote-v6', { vni: 100, group: '2001:db8::9' }),
  { name: 'vni-delete', operation: () => deleteVxlanVni('vx0', { vni: 100 }) },
  { name: 'vni-delete-range', operation: () => deleteVxlanVni('vx0', { vni: [100, 105] }) },
  { name: 'vni-show', operation: () => listVxlanVnis() },
  { name: 'vni-show-dev', operation: () => listVxlanVnis({ dev: 'vx0' }) },
  { name: 'vni-show-statistics', operation: () => listVxlanVnis({ statistics: true }) },
]

const BAD_VNI = [0, 2 ** 24, 1.5, '100', null, undefined, [], [1], [1, 2, 3], [5, 4], [0, 4], [1, 2 ** 24]]

describe('requests about networks of vxlan devices', () => {
  it.each(cases)('$name', (it) => {
    expectGolden('vxlan-vni', it)
  })

  it('cover every fixture', () => {
    expect(cases.map(({ name }) => name)).toEqual(loadGolden('vxlan-vni').map(({ name }) => name))
  })

  it('refuse a bad network', () => {
    for (const vni of BAD_VNI) {
      const bad = { vni } as never
      for (const operation of [addVxlanVni, deleteVxlanVni])
        expect(refusal(() => operation('vx0', bad)).message, String(vni)).toMatch(/^vni(\[[01]\])?: /)
      if (vni !== undefined) expect(refusal(() => listVxlanVnis(bad)).message).toMatch(/^vni(\[[01]\])?: /)
    }
  })

  it.each<[string, () => Generator]>([
    ['dev', () => addVxlanVni('', { vni: 1 })],
    ['dev', () => deleteVxlanVni(0, { vni: 1 })],
    ['dev', () => listVxlanVnis({ dev: 'a b' })],
    ['group', () => addVxlanVni('vx0', { vni: 1, group: '192.0.2.9/24' })],
    ['group', () => addVxlanVni('vx0', { vni: 1, group: 9 as never })],
    ['statistics', () => listVxlanVnis({ statistics: 1 as never })],
    ['bigint', () => listVxlanVnis({ bigint: 1 as never })],
    ['addVxlanVni', () => addVxlanVni('vx0', { vni: 1, remote: '192.0.2.9' } as never)],
    ['deleteVxlanVni', () => deleteVxlanVni('vx0', { id: 1 } as never)],
    ['listVxlanVnis', () => listVxlanVnis({ device: 'vx0' } as never)],
  ])('refuse a bad %s', (option, operation) => {
    expect(refusal(operation as never).message).toContain(`${option}:`)
  })
})
