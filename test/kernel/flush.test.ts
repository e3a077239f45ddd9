import { describe, expect, it } from 'vitest'
import { FACES, type Face, ip, ipJson, withVeth } from './support.js'

const GIVEN = [
  ...['eth0', 'eth1'].map((dev) => `link set ${dev} addrgenmode none`),
  'address flush scope link',
  'address add 192.0.2.17/24 dev eth0',
  'address add 192.0.2.9/24 dev lo',
  'address add 2001:db8::9/64 dev lo',
  'neighbour add 192.0.2.1 lladdr 02:00:00:00:00:01 dev eth0 nud permanent',
  'neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev eth0 nud stale',
  '-6 neighbour add 2001:db8::2 lladdr 02:00:00:00:00:02 dev eth0 nud stale',
  'route add 198.51.100.0/24 dev eth0',
  'route add 198.51.100.0/24 dev eth0 table 77',
  '-6 route add 2001:db8:1::/64 dev eth0',
  'rule add table 77',
  '-6 rule add table 77',
]

/** What is flushed with `all: true`, the commands that do the same, and what shows the table. */
const FLUSHES: [
  what: string,
  flush: (nl: Face, netns: string) => unknown,
  same: string[],
  shown: string[],
][] = [
  [
    'addresses',
    (nl, netns) => nl.flushAddresses({ all: true, netns }),
    ['lo', 'eth0', 'eth1'].map((dev) => `address flush dev ${dev}`),
    ['-4 address', '-6 address'],
  ],
  [
    'addresses of interfaces that are down',
    (nl, netns) => nl.flushAddresses({ up: false, netns }),
    ['address flush dev lo'],
    ['-4 address', '-6 address'],
  ],
  [
    'neighbours',
    (nl, netns) => nl.flushNeighbours({ all: true, netns }),
    ['neighbour flush all'],
    ['neighbour'],
  ],
  [
    'routes',
    (nl, netns) => nl.flushRoutes({ all: true, netns }),
    ['-4 route flush table main', '-6 route flush table main'],
    ['-4 route show table all', '-6 route show table main'],
  ],
  [
    'rules',
    (nl, netns) => nl.flushRules({ all: true, netns }),
    ['-4 rule flush', '-6 rule flush'],
    ['-4 rule', '-6 rule'],
  ],
]

describe.each(FACES)('a flush of all, $face', ({ nl }) => {
  it.each(FLUSHES)('%s go as ip deletes them', (_, flush, same, shown) =>
    withVeth((theirs) =>
      withVeth(async (ours) => {
        for (const netns of [theirs, ours]) {
          ip('link set lo down', netns)
          for (const command of GIVEN) ip(command, netns)
        }
        const tables = (netns: string) =>
          shown.map((table) => ipJson(table, netns).map(({ address: _, ...entry }) => entry))
        const before = tables(ours)
        for (const command of same) ip(command, theirs)
        await flush(nl, ours)
        expect(tables(ours)).toEqual(tables(theirs))
        expect(tables(ours)).not.toEqual(before)
      }),
    ),
  )
})
