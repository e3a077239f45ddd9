/** Connections that are listed and deleted by what they have. */

import { describe, expect, it } from 'vitest'
import type { ConntrackEntry, ConntrackFilter } from '../../src/conntrack.js'
import { asPrinted, CONNTRACK_FACES, printedEntries } from './conntrack-oracle.js'
import { byText, COMMANDS, hasZones, lasting, withEntries } from './conntrack-support.js'
import { since } from './needs.js'
import { hasTool } from './support.js'

/** Who deletes the entries of a filter: the kernel, which does not count them, since Linux 6.12 or ever; or we, one by one. */
type By = 'kernel' | 'newer kernel' | 'here'
type FilterCase = readonly [ConntrackFilter, By, (entry: ConntrackEntry) => boolean]

const FILTERS: readonly FilterCase[] = [
  [{}, 'kernel', () => true],
  [{ family: 'ipv6' }, 'kernel', ({ family }) => family === 'ipv6'],
  [{ mark: 7 }, 'kernel', ({ mark }) => mark === 7],
  [{ mark: 7, markMask: 0xff }, 'kernel', ({ mark }) => (mark & 0xff) === 7],
  [{ status: ['assured'] }, 'newer kernel', ({ status }) => status.includes('assured')],
  [{ statusMask: ['seen-reply'] }, 'newer kernel', ({ status }) => !status.includes('seen-reply')],
  [
    { status: ['dst-nat'], statusMask: ['dst-nat', 'src-nat'] },
    'newer kernel',
    ({ reply }) => reply.src === '172.17.0.2',
  ],
  [{ protocol: 'sctp' }, 'newer kernel', ({ original }) => original.protocol === 'sctp'],
  [
    { protocol: ['udp', 'icmp'] },
    'newer kernel',
    ({ original }) => ['udp', 'icmp'].includes(String(original.protocol)),
  ],
  [{ protocol: 'tcp', original: { dport: 80 } }, 'newer kernel', ({ original }) => original.dport === 80],
  [{ original: { dport: 80 } }, 'here', ({ original }) => original.dport === 80],
  [
    { original: { dport: { start: 54, end: 8000 } } },
    'here',
    ({ original }) => original.dport! > 53 && original.dport! <= 8000,
  ],
  [{ original: { dst: '10.0.0.3' } }, 'newer kernel', ({ original }) => original.dst === '10.0.0.3'],
  [{ original: { src: '10.1.0.0/16' } }, 'here', ({ original }) => original.src.startsWith('10.1.')],
  [{ original: { dst: '2001:db8::2' } }, 'here', ({ original }) => original.dst === '2001:db8::2'],
  [{ original: { dst: '2001:db8::2/127' } }, 'here', ({ family }) => family === 'ipv6'],
  [{ reply: { src: '172.17.0.2', sport: 5353 } }, 'here', ({ reply }) => reply.src === '172.17.0.2'],
  [
    { protocol: 'udp', reply: { dst: '172.17.0.1', dport: 4000 } },
    'newer kernel',
    ({ reply }) => reply.dst === '172.17.0.1',
  ],
  [
    {
      protocol: 'tcp',
      original: { src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 80 },
      reply: { src: '10.0.0.2' },
    },
    'here',
    ({ original }) => original.sport === 1 && original.protocol === 'tcp',
  ],
  [{ protocol: 'tcp', original: { dport: 8080 } }, 'newer kernel', () => false],
]

const ZONE_FILTERS: readonly FilterCase[] = [
  [{ zone: 5 }, 'newer kernel', ({ zone }) => zone === 5],
  [{ zone: 6 }, 'newer kernel', ({ original }) => original.zone === 6],
  // The kernel does not find those that have a zone in one direction.
  [{ zone: 0 }, 'here', ({ zone }) => zone === 0],
]

const EACH_FILTER = [
  { of: '', filters: FILTERS, lacked: false },
  { of: ' of a zone', filters: ZONE_FILTERS, lacked: !hasZones },
]

describe.skipIf(!hasTool('conntrack')).each(CONNTRACK_FACES)('connections ($face)', ({ ct }) => {
  it.for(EACH_FILTER)('lists what each filter$of lets through', ({ filters, lacked }, { skip }) =>
    withEntries(async (netns) => {
      skip(lacked, 'cannot be installed: this kernel has no zones')
      const all = (await ct.listConntrack({ netns })).sort(byText)
      for (const [filter, , expected] of filters) {
        const found = (await ct.listConntrack({ ...filter, netns })).sort(byText)
        const told = JSON.stringify(filter)
        expect(found.map(lasting), told).toEqual(all.filter(expected).map(lasting))
      }
      expect(printedEntries(netns, ' -m 7/0xff')).toEqual(
        (await ct.listConntrack({ mark: 7, markMask: 0xff, netns })).map(asPrinted).sort(),
      )
      expect(printedEntries(netns, ' -u ASSURED')).toEqual(
        (await ct.listConntrack({ status: ['assured'], netns })).map(asPrinted).sort(),
      )
    }),
  )

  it.for(EACH_FILTER)(
    'flushes what each filter$of lets through, and nothing else',
    ({ filters, lacked }, { skip }) =>
      withEntries(async (netns) => {
        skip(lacked, 'cannot be installed: this kernel has no zones')
        for (const [filter, by, expected] of filters) {
          const all = await ct.listConntrack({ netns })
          expect(all).toHaveLength(COMMANDS.length)
          const gone = all.filter(expected)
          const deleted = await ct.flushConntrack({ ...filter, netns })
          const told = JSON.stringify(filter)
          const counts = by === 'here' || (by === 'newer kernel' && !since(6, 12))
          expect(deleted, told).toBe(counts ? gone.length : null)
          const left = all.filter((entry) => !gone.includes(entry))
          expect(printedEntries(netns), told).toEqual(left.map(asPrinted).sort())
          for (const entry of gone) await ct.addConntrack({ ...entry, netns })
        }
      }),
  )
})
