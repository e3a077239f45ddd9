/** What other programs made, which a topology could not make: it is read, compared and drawn all the same. */

import { afterEach, describe, expect, it } from 'vitest'
import { createNetns, createVethPair } from '../../src/sync.js'
import { drawTopologySvg } from '../../src/topology/svg.js'
import {
  drawTopology,
  normalizeTopology,
  type Topology,
  type TopologyNamespace,
  type TopologyVeth,
} from '../../src/topology.js'
import { hasTun } from './needs.js'
import { execFileSync } from './programs.js'
import { hasKind, ip, ipJson } from './support.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'

afterEach(cleanAll)

/**
 * Commands of ip, in a namespace 'n' with a pair e and p that is up; what is read of them, in the namespaces that it is about; what is drawn of
 * it; what there is to say against it in a plan.
 */
interface World {
  readonly commands: readonly string[]
  readonly read: Record<string, Partial<TopologyNamespace>>
  readonly drawn: string
  readonly refused?: string
}

const RULE = {
  family: 'ipv4',
  priority: 9,
  from: '10.0.0.0/8',
  table: 100,
  protocol: 'unspec',
} as const
const [E, P] = [
  { via: null, dev: 'e' },
  { via: null, dev: 'p' },
]

const VIA = ['-n n address add 10.0.0.1/24 dev e', '-n n route add 10.8.0.0/16 via 10.0.0.254']

const WORLDS: readonly (readonly [title: string, world: World])[] = [
  [
    'an address of DHCP, with its default route',
    {
      commands: [
        '-n n address add 10.0.0.1/24 dev e valid_lft 3600 preferred_lft 3600',
        '-n n route add default via 10.0.0.254 proto dhcp',
      ],
      read: {
        n: {
          links: { e: { addresses: ['10.0.0.1/24'] }, p: { peer: 'e' } },
          routes: [{ to: 'default', via: '10.0.0.254', dev: 'e', protocol: 'dhcp' }],
        },
      },
      drawn: '10.0.0.1/24',
    },
  ],
  [
    'a route whose address is gone',
    {
      commands: [...VIA, '-n n address add 10.0.0.2/32 dev e', '-n n link set p down'],
      read: {
        n: {
          links: { e: { addresses: ['10.0.0.1/24', '10.0.0.2/32'] }, p: { up: false } },
          routes: [{ to: '10.8.0.0/16', via: '10.0.0.254', dev: 'e' }],
        },
      },
      drawn: '10.0.0.1/24<br>10.0.0.2/32',
    },
  ],
  [
    'several nexthops on links, whatever addresses there are',
    {
      commands: [
        '-n n route add 10.9.0.0/16 nexthop via 10.1.1.1 dev e onlink nexthop via 10.1.1.2 dev p onlink weight 3',
      ],
      read: {
        n: {
          routes: [
            {
              to: '10.9.0.0/16',
              nexthops: [
                { via: '10.1.1.1', dev: 'e', onlink: true },
                { via: '10.1.1.2', dev: 'p', weight: 3, onlink: true },
              ],
            },
          ],
        },
      },
      drawn: '"n"',
    },
  ],
  [
    'what few routes, rules, addresses and links have',
    {
      commands: [
        '-n n address add 10.0.0.1/24 dev e metric 7 label e:x',
        '-n n address add 10.0.2.1 peer 10.0.2.2 dev e scope link',
        '-n n -6 address add 2001:db8::1/64 dev e home nodad mngtmpaddr',
        '-n n route add 10.1.0.0/16 via 10.0.0.2 mtu lock 1400 advmss 1000 realms 3/5',
        '-n n -6 route add 2001:db8:5::/48 via 2001:db8::2 pref high',
        '-n n -6 route add 2001:db8:6::/48 from 2001:db8:7::/64 via 2001:db8::2',
        '-n n rule add from 10.0.0.0/8 priority 9 lookup 100 realms 1/2',
        '-n n route add local 10.77.0.0/16 dev lo',
        '-n n neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev e protocol static',
        '-n n link set p txqueuelen 77 group 4 promisc on multicast off',
      ],
      read: {
        n: {
          links: {
            p: { txQueueLength: 77, group: 4, promiscuous: true, multicast: false },
            e: {
              addresses: [
                { address: '10.0.2.1/32', peer: '10.0.2.2', scope: 'link' },
                { address: '10.0.0.1/24', metric: 7, label: 'e:x' },
                { address: '2001:db8::1/64', flags: ['nodad', 'home', 'mngtmpaddr'] },
              ],
            },
          },
          routes: [
            {
              ...{ to: '10.1.0.0/16', via: '10.0.0.2', dev: 'e' },
              ...{ metrics: { mtu: 1400, lock: ['mtu'], advmss: 1000 }, realms: { from: 3, to: 5 } },
            },
            { to: '10.77.0.0/16', dev: 'lo', type: 'local' },
            { to: '2001:db8:5::/48', via: '2001:db8::2', dev: 'e', preference: 'high' },
            { to: '2001:db8:6::/48', from: '2001:db8:7::/64', via: '2001:db8::2', dev: 'e' },
          ],
          rules: [{ ...RULE, realms: { from: 1, to: 2 } }],
          neighbours: [{ to: '10.0.0.9', mac: '02:00:00:00:00:09', dev: 'e', protocol: 'static' }],
        },
      },
      drawn: '10.0.0.1/24',
    },
  ],
  [
    'routes through nexthop objects and tunnels without an interface, which a value cannot say',
    {
      commands: [
        '-n n address add 10.0.0.1/24 dev e',
        '-n n route add 10.2.0.0/16 encap ip id 5 dst 10.0.0.9 dev e',
        '-n n route add 10.3.0.0/16 via 10.0.0.2',
        '-n n nexthop add id 5 via 10.0.0.3 dev e',
        '-n n nexthop add id 6 blackhole',
        '-n n route add 10.4.0.0/16 nhid 5',
        '-n n route add 10.5.0.0/16 nhid 6',
      ],
      read: { n: { routes: [{ to: '10.3.0.0/16', via: '10.0.0.2', dev: 'e' }] } },
      drawn: '10.0.0.1/24',
    },
  ],
  [
    'neighbours that lo answers for',
    {
      commands: ['-n n neigh add proxy 10.3.3.4 dev lo'],
      read: { n: { neighbours: [{ to: '10.3.3.4', dev: 'lo', proxy: true }] } },
      drawn: '"n"',
    },
  ],
  [
    'entries that a value tells no difference between',
    {
      commands: [
        '-n n route add 10.5.0.0/16 nexthop dev e nexthop dev p',
        '-n n route append 10.5.0.0/16 nexthop dev p nexthop dev e',
        '-n n rule add from 10.0.0.0/8 tun_id 5 priority 9 lookup 100',
        '-n n rule add from 10.0.0.0/8 tun_id 6 priority 9 lookup 100',
      ],
      read: {
        n: {
          routes: [
            { to: '10.5.0.0/16', nexthops: [E, P] },
            { to: '10.5.0.0/16', nexthops: [P, E] },
          ],
          rules: [
            { ...RULE, tunId: 5 },
            { ...RULE, tunId: 6 },
          ],
        },
      },
      drawn: '"n"',
      refused: 'namespaces.n.routes[1]: namespaces.n.routes[0] excludes it',
    },
  ],
  [
    'IPv6 routes that lead nowhere, and by the kernel’s own addresses',
    {
      commands: [
        '-n n -6 address add 2001:db8::1/64 dev e nodad',
        '-n n -6 route add default via fe80::5 dev e',
        '-n n -6 route add 2001:db8:5::/48 via 2001:db8::2',
        '-n n -6 route add unreachable 2001:db8:6::/48',
      ],
      read: {
        n: {
          links: { e: { addresses: [{ address: '2001:db8::1/64', flags: ['nodad'] }] }, p: { peer: 'e' } },
          routes: [
            { to: '2001:db8:5::/48', via: '2001:db8::2', dev: 'e' },
            { to: '2001:db8:6::/48', dev: 'lo', type: 'unreachable' },
            { to: 'default', via: 'fe80::5', dev: 'e' },
          ],
        },
      },
      drawn: '2001:db8::1/64',
    },
  ],
  [
    'a colon in a name',
    {
      commands: ['netns add a:b', '-n a:b link add q type veth peer name r netns n'],
      read: {
        'a:b': { loopback: false, links: { q: { peer: 'n:r', up: false } } },
        n: { links: { r: { up: false } } },
      },
      drawn: '"a:b"',
    },
  ],
]

describe.each(TOPOLOGY_FACES)('$face', ({ topology: tp }) => {
  /** What there is, after every use of it that changes nothing. */
  async function used(): Promise<{ value: Topology; drawn: string }> {
    const value = await tp.readTopology()
    expect(await tp.readTopology(value)).toEqual(normalizeTopology(value))
    expect(await drawTopologySvg(value)).toMatch(/<\/svg>\s*$/)
    return { value, drawn: drawTopology(value) }
  }

  function makeN(): void {
    ip('netns add n')
    ip('-n n link set lo up')
    ip('-n n link add e type veth peer name p')
    for (const end of ['e', 'p']) ip(`-n n link set ${end} up`)
  }

  it('nothing', async () => {
    const { value } = await used()
    expect(value).toEqual({})
    await expect(async () => tp.planTopology(value)).rejects.toThrow('topology: it is empty')
  })

  it.each(WORLDS)('%s', async (_, { commands, read, drawn, refused }) => {
    makeN()
    for (const command of commands) ip(command)
    const { value, drawn: drawing } = await used()
    expect(value.namespaces).toMatchObject(read)
    expect(drawing).toContain(drawn)
    if (refused === undefined) expect((await tp.planTopology(value)).explain()).toEqual([])
    else await expect(async () => tp.planTopology(value)).rejects.toThrow(refused)
  })

  it('a route of the topology that others replaced by another, for some packets or through a tunnel', async () => {
    const routes = [{ to: '10.3.0.0/16', via: '10.0.0.2' }]
    const lab: Topology = {
      namespaces: { red: { links: { e: { peer: 'p', addresses: ['10.0.0.1/24'] } }, routes } },
    }
    await tp.createTopology(lab)
    const add = 'ip -n red route add 10.3.0.0/16 via 10.0.0.2'
    for (const other of ['tos 8 via 10.0.0.2', 'encap ip id 5 dst 10.0.0.9 dev e']) {
      expect((await tp.planTopology(lab)).explain()).toEqual([])
      ip('-n red route delete 10.3.0.0/16')
      ip(`-n red route add 10.3.0.0/16 ${other}`)
      expect((await tp.planTopology(lab)).explain()).toEqual([add])
      ip('-n red route flush to 10.3.0.0/16')
      await tp.applyTopology(lab)
    }
    await tp.deleteTopology(lab)
  })

  it('a rule of the topology, whose mask others changed', async () => {
    const rules = [{ family: 'ipv4', fwmark: 1, table: 100, priority: 7 }] as const
    const lab: Topology = { namespaces: { red: { rules: [...rules] } } }
    await tp.createTopology(lab)
    expect((await tp.planTopology(lab)).explain()).toEqual([])
    ip('-n red rule delete priority 7')
    ip('-n red rule add priority 7 fwmark 1/0xff lookup 100')
    expect((await tp.planTopology(lab)).explain()).toContain(
      'ip -n red rule add priority 7 fwmark 1 lookup 100',
    )
    await tp.deleteTopology(lab)
  })

  it.for([
    ['bridge', 'type bridge'],
    ['dummy', 'type dummy'],
    ['macvlan', 'link e type macvlan'],
    ['vxlan', 'type vxlan id 5 dstport 4789'],
    ['gretap', 'type gretap remote 10.0.0.9'],
    ['geneve', 'type geneve id 5 remote 10.0.0.9'],
    ['bond', 'type bond'],
  ] as const)(
    'a %s of other settings than it is born with, made again of what is read',
    async ([kind, words], context) => {
      context.skip(!hasKind(kind), `cannot be installed: this kernel has no ${kind}`)
      const k = ({ namespaces }: Topology) => {
        const { links, bridges } = namespaces!['n']!
        return { ...links, ...bridges }['k'] as TopologyVeth
      }
      for (const word of ['on', 'off']) {
        makeN()
        ip(`-n n link add k ${words}`)
        const { arp, multicast, allMulticast, promiscuous } = k(await tp.readTopology())
        expect({ arp, multicast, allMulticast, promiscuous }).toEqual({})
        ip(`-n n link set k arp ${word} multicast ${word} allmulticast ${word}`)
        const value = await tp.readTopology()
        ip('netns delete n')
        await tp.createTopology({ name: 'again', ...value })
        // Which end of the pair says so of the other is another one now.
        expect(k(await tp.readTopology())).toEqual(k(value))
        await tp.deleteTopology('again')
      }
    },
  )

  it('a bridge whose port leads to a namespace without a name, as those of containers do', async () => {
    using container = createNetns()
    ip('link add docker0 type bridge')
    createVethPair({ name: 'vethX', master: 'docker0' }, { name: 'far', netns: container })
    const { value, drawn } = await used()
    expect(value.bridges!['docker0']!.ports).toEqual(['vethX'])
    expect(drawn).toMatch(/"vethX \(down\)/)
    await expect(async () => tp.planTopology(value)).rejects.toThrow('links.vethX: a veth pair has two ends')
  })

  it('a TAP device', async (context) => {
    context.skip(!hasTun(), 'cannot be installed: /dev/net/tun is not there for this user')
    ip('tuntap add dev tap0 mode tap')
    const { value, drawn } = await used()
    expect(drawn).toContain('tap0 (down)<br>tun')
    await expect(async () => tp.planTopology(value)).rejects.toThrow('links.tap0.kind: TUN and TAP devices')
  })

  it('the own namespace, and another one, by several names', async () => {
    makeN()
    ip('link add q type veth peer name far netns n')
    execFileSync('ip', ['netns', 'attach', 'own', String(process.pid)])
    execFileSync('sh', ['-c', 'touch /run/netns/again; mount --bind /run/netns/n /run/netns/again'])
    const { value } = await used()
    expect(Object.keys(value.namespaces!)).toEqual(['again'])
    expect(value.links).toMatchObject({ q: { peer: 'again:far' } })
    expect(ipJson('link show dev far', 'n')).toHaveLength(1)
  })
})
