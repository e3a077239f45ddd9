import { describe, expect, it } from 'vitest'
import { type Neighbour, streamNeighbours } from '../../src/index.js'
import { MAC, NEIGHBOURS, PROXIES } from './made-by-ip.js'
import { FACES, ip, ipJson, type Printed, withVeth } from './support.js'

/** Entries that have flags, besides those of NEIGHBOURS and PROXIES. */
const FLAGGED = [
  `neighbour add 192.0.2.33 lladdr ${MAC} dev eth1 nud stale router extern_learn`,
  'neighbour add 192.0.2.34 dev eth1 managed',
]

/** Filters by flags, and what ip prints of the same entries. */
const FILTERS = [
  [{ flags: ['router'] }, ({ router }: Printed) => router !== undefined],
  [{ flags: [1 << 7] }, ({ router }: Printed) => router !== undefined],
  [
    { flags: ['router', 'extern_learn'] },
    (it: Printed) => it['router'] !== undefined && it['extern_learn'] !== undefined,
  ],
  [{ flags: ['managed'] }, ({ managed }: Printed) => managed !== undefined],
  [{ flags: [] }, () => true],
  [{ withoutFlags: [] }, () => true],
  [{ withoutFlags: ['router'] }, ({ router }: Printed) => router === undefined],
  [
    { withoutFlags: ['router', 'extern_learn', 'managed'] },
    (it: Printed) => !['router', 'extern_learn', 'managed'].some((key) => it[key] !== undefined),
  ],
  [
    { flags: ['extern_learn'], withoutFlags: ['router'] },
    (it: Printed) => it['extern_learn'] !== undefined && it['router'] === undefined,
  ],
] as const

/** The kernel makes entries of multicast groups at moments of its own. */
const keys = (told: readonly { to?: string; dst?: string; dev?: string | null }[]) =>
  told
    .map(({ to, dst, dev }) => `${to ?? dst} ${dev}`)
    .filter((key) => !key.startsWith('ff02::'))
    .sort()

describe.each(FACES)('filters of neighbours by flags, $face', ({ nl }) => {
  it('let through what ip prints with these flags', () =>
    withVeth(async (netns) => {
      for (const command of [...NEIGHBOURS, ...PROXIES, ...FLAGGED]) ip(command, netns)
      const counts = new Set<number>()
      for (const proxy of [false, true]) {
        const told = ipJson(`neighbour show ${proxy ? 'proxy' : 'nud all'}`, netns)
        for (const [filter, matches] of FILTERS) {
          const listed = await nl.listNeighbours({ ...filter, proxy, netns })
          expect(keys(listed), JSON.stringify(filter)).toEqual(keys(told.filter(matches)))
          const streamed: Neighbour[] = []
          for await (const one of streamNeighbours({ ...filter, proxy, netns })) streamed.push(one)
          expect(keys(streamed)).toEqual(keys(listed))
          counts.add(listed.length)
        }
      }
      expect(counts.size).toBeGreaterThan(4)
    }))

  it('flush what they let through', () =>
    withVeth(async (netns) => {
      for (const command of [...NEIGHBOURS, ...FLAGGED]) ip(command, netns)
      const left = () => keys(ipJson('neighbour show nud stale', netns))
      expect(left()).toEqual(['192.0.2.3 eth1', '192.0.2.33 eth1', '2001:db8::1 eth0'])
      expect(await nl.flushNeighbours({ flags: ['router', 'extern_learn'], netns })).toBe(1)
      expect(left()).toEqual(['192.0.2.3 eth1', '2001:db8::1 eth0'])
      expect(await nl.flushNeighbours({ state: 'stale', withoutFlags: ['extern_learn'], netns })).toBe(1)
      expect(left()).toEqual(['192.0.2.3 eth1'])
    }))
})
