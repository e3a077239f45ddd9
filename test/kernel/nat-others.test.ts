/** The verbs beside the rules of other programs, beside one another, and after what can go wrong. */

import { describe, expect, it } from 'vitest'
import { addConntrack, listConntrack } from '../../src/conntrack.js'
import { masquerade } from '../../src/nftables.js'
import { run } from './nat-network.js'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn, plainRuleset } from './nft-support.js'
import { hasTool, ip, withNetns } from './support.js'

needNftables()

/** What Docker, firewalld and libvirt put there, in short. */
const OTHERS = `
table ip nat {
  chain DOCKER { iifname "docker0" counter return; iifname != "docker0" tcp dport 8443 counter dnat to 172.17.0.2:443; }
  chain PREROUTING { type nat hook prerouting priority dstnat; policy accept; fib daddr type local counter jump DOCKER; }
  chain OUTPUT { type nat hook output priority -100; policy accept; ip daddr != 127.0.0.0/8 fib daddr type local counter jump DOCKER; }
  chain POSTROUTING { type nat hook postrouting priority srcnat; policy accept; ip saddr 172.17.0.0/16 oifname != "docker0" counter masquerade; }
}
table inet firewalld {
  set allowed { type ipv4_addr . inet_service; elements = { 192.0.2.1 . 22 } }
  chain filter_INPUT { type filter hook input priority filter + 10; policy accept; ct state { established, related } accept; ip saddr . tcp dport @allowed accept; reject with icmpx admin-prohibited; }
  chain nat_POST { type nat hook postrouting priority srcnat + 10; policy accept; }
}
table bridge ours {
  chain c { type filter hook forward priority 0; ether type arp accept; }
}
`
const IPTABLES = [
  '-t nat -A POSTROUTING -s 10.88.0.0/16 ! -o cni0 -j MASQUERADE',
  '-t nat -A PREROUTING -p tcp --dport 9443 -j DNAT --to-destination 10.88.0.2:443',
  '-A FORWARD -i cni0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT',
]

/** The ruleset as nft and iptables print it, but for our table. */
function othersIn(netns: string): string[] {
  const { nftables } = JSON.parse(nftIn(netns, 'list ruleset', ['-j'])) as {
    nftables: Record<string, Named>[]
  }
  const kept = nftables.filter((one) => {
    const [kind, about] = Object.entries(one)[0]!
    return (kind === 'table' ? about.name : about.table) !== 'netlink-ts'
  })
  const saved = hasTool('iptables-nft-save') ? ['iptables-nft-save', 'iptables-legacy-save'] : []
  return [JSON.stringify(kept), ...saved.map((tool) => run(netns, tool).replace(/^#.*$/gm, ''))]
}
interface Named {
  name?: string
  table?: string
}

const port = { hostPort: 8080, to: '192.168.15.2:80' } as const

async function withOthers(work: (netns: string) => Promise<void>): Promise<void> {
  await withNetns(async (netns) => {
    nftIn(netns, OTHERS)
    if (hasTool('iptables-nft-save'))
      for (const tool of ['iptables-nft', 'iptables-legacy'])
        for (const line of IPTABLES) run(netns, `${tool} ${line}`)
    await work(netns)
  })
}

describe.each(NFT_FACES)('verbs and others ($face)', ({ nft }) => {
  it('leave what others made as it is, byte for byte', () =>
    withOthers(async (netns) => {
      const before = othersIn(netns)
      expect(before[0]).toContain('firewalld')
      const made = [
        await nft.masquerade({ source: '192.168.15.0/24', netns }),
        await nft.publishPort({ ...port, netns }),
        await nft.publishPort({ hostPort: '9000-9100', protocol: 'udp', to: '[2001:db8::2]:53-153', netns }),
        await nft.isolate('br0', { netns }),
        await nft.allowForwarding({ from: 'br0', to: 'eth0', netns }),
        await nft.blockPort({ port: 22, netns }),
      ]
      expect(othersIn(netns)).toEqual(before)
      for (const one of made) await one.withdraw()
      expect(othersIn(netns)).toEqual(before)
      expect(await nft.listNat({ netns })).toEqual([])
    }))

  it('twice is once, and moves nothing', () =>
    withNetns(async (netns) => {
      const all = async () => {
        await nft.masquerade({
          source: '192.168.15.7/24',
          outgoing: ['eth0', 'eth1'],
          except: '10.0.0.0/8',
          netns,
        })
        await nft.publishPort({ ...port, netns })
        await nft.publishPort({ ...port, hostPort: 8081, netns })
        await nft.isolate('br0', { from: 'br1', netns })
        await nft.allowForwarding({ from: 'br0', netns })
        await nft.blockPort({ port: '22-23', protocol: 'udp', source: '2001:db8::/32', netns })
      }
      await all()
      const once = nftIn(netns, 'list ruleset', ['-j', '-a'])
      await all()
      expect(nftIn(netns, 'list ruleset', ['-j', '-a'])).toBe(once)
    }))

  it('none are listed where nobody made any', () =>
    withNetns(async (netns) => {
      expect(await nft.listNat({ netns })).toEqual([])
    }))

  it('are found again, with what withdraws them', () =>
    withNetns(async (netns) => {
      const made = [
        await nft.masquerade({ source: '2001:db8::/64', outgoing: 'eth0', name: 'v6', netns }),
        await nft.isolate('br0', { netns }),
        await nft.blockPort({ port: 22, address: '192.0.2.1', netns }),
        await nft.publishPort({ ...port, netns }),
        await nft.publishPort({ hostPort: '9000-9009', to: '192.168.15.2:80-89', netns, name: 'range' }),
        await nft.publishPort({
          hostPort: 53,
          hostAddress: '2001:db8::1',
          protocol: 'udp',
          to: '[2001:db8::2]:5353',
          netns,
        }),
        await nft.allowForwarding({ from: 'br0', to: 'eth0', netns }),
        await nft.allowForwarding({ from: 'br1', netns }),
        await nft.allowForwarding({ to: 'br2', netns }),
      ]
      const plain = (list: object[]) =>
        list.map((one) => JSON.stringify({ ...one, withdraw: 0 }, Object.keys(one).sort())).sort()
      const found = await nft.listNat({ netns })
      expect(plain(found)).toEqual(plain(made))
      for (const one of found) await one.withdraw()
      expect(await nft.listNat({ netns })).toEqual([])
      expect(nftIn(netns, 'list ruleset')).not.toMatch(/elements|masquerade-|isolate-|blockPort-/)
    }))

  it('a target of two ports stays until the last is withdrawn', () =>
    withNetns(async (netns) => {
      const a = await nft.publishPort({ ...port, netns })
      const b = await nft.publishPort({ ...port, hostPort: 8081, hostAddress: '127.0.0.1', netns })
      expect(nftIn(netns, 'list set inet netlink-ts targets4')).toContain(
        '192.168.15.2 . tcp . 80 comment "ports: 2"',
      )
      await a.withdraw()
      expect(nftIn(netns, 'list set inet netlink-ts targets4')).toContain('{ 192.168.15.2 . tcp . 80 }')
      await a.withdraw()
      await b.withdraw()
      expect(nftIn(netns, 'list set inet netlink-ts targets4')).not.toContain('elements')
    }))

  it('nft can restore what it lists, and the next call goes on with it', () =>
    withNetns(async (netns) => {
      ip('link add br0 type bridge', netns)
      ip('address add 192.168.15.5/24 dev br0', netns)
      ip('link set br0 up', netns)
      await nft.publishPort({ ...port, netns })
      await nft.publishPort({ ...port, hostPort: 8081, netns })
      await nft.masquerade({ source: '192.168.15.0/24', netns })
      const listed = nftIn(netns, 'list ruleset')
      nftIn(netns, 'flush ruleset')
      nftIn(netns, listed)
      expect(nftIn(netns, 'list ruleset')).toBe(listed)
      const made = [
        await nft.publishPort({ ...port, netns }),
        await nft.publishPort({ ...port, hostPort: 8081, netns }),
        await nft.masquerade({ source: '192.168.15.0/24', netns }),
      ]
      expect(nftIn(netns, 'list ruleset').split('\n').sort()).toEqual(listed.split('\n').sort())
      for (const one of made) await one.withdraw()
      expect(nftIn(netns, 'list ruleset')).not.toMatch(/elements|masquerade-/)
    }))

  it('a port under another name is refused, and the ruleset stays as it was', () =>
    withNetns(async (netns) => {
      await nft.publishPort({ hostPort: '8080-8085', to: '192.168.15.2', name: 'theirs', netns })
      const before = plainRuleset(netns)
      await expect(async () => nft.publishPort({ ...port, hostPort: 8083, netns })).rejects.toMatchObject({
        code: 'EEXIST',
        message: expect.stringContaining(
          "port 8083/tcp: EEXIST (File exists); it is published as 'theirs' to 192.168.15.2 port 8083",
        ),
      })
      expect(plainRuleset(netns)).toEqual(before)
    }))

  it('a table, a chain or rules that somebody deleted are made again', () =>
    withNetns(async (netns) => {
      const one = await nft.publishPort({ ...port, netns })
      const masquerade = () => nft.masquerade({ source: '192.168.15.0/24', netns })
      const made = await masquerade()
      const whole = plainRuleset(netns)
      for (const damage of [
        'flush chain inet netlink-ts publish',
        'flush chain inet netlink-ts output',
        'flush chain inet netlink-ts localnet',
        'flush table inet netlink-ts',
        'flush chain inet netlink-ts masquerade-192.168.15.0/24',
        'flush ruleset',
      ]) {
        nftIn(netns, damage)
        await masquerade()
        await nft.publishPort({ ...port, netns })
        const now = (plainRuleset(netns) as object[]).map((it) => JSON.stringify(it)).sort()
        expect([damage, now]).toEqual([damage, (whole as object[]).map((it) => JSON.stringify(it)).sort()])
      }
      nftIn(netns, 'flush ruleset')
      await one.withdraw()
      await made.withdraw()
      expect(plainRuleset(netns)).toEqual([])
    }))

  it('what a program that died left between the rules and the connections is put right by the next call', () =>
    withNetns(async (netns) => {
      ip('address add 192.0.2.1/24 dev lo', netns)
      await nft.publishPort({ ...port, netns })
      const stale = {
        original: { protocol: 'udp', src: '192.0.2.7', sport: 4000, dst: '192.0.2.1', dport: 5353 },
        reply: { protocol: 'udp', src: '192.0.2.1', sport: 5353, dst: '192.0.2.7', dport: 4000 },
        timeout: 600,
      } as const
      const udp = { protocol: 'udp', hostPort: 5353, to: '192.168.15.2:53', netns } as const
      // Published, and then killed before the connections were looked at.
      await nft.publishPort(udp)
      await addConntrack({ ...stale, netns })
      // Another machine's port of the same number.
      const other = { ...stale.original, dst: '198.51.100.1' }
      await addConntrack({ ...stale, original: other, reply: { ...stale.reply, src: '198.51.100.1' }, netns })
      await nft.publishPort(udp)
      const left = await listConntrack({ protocol: 'udp', netns })
      expect(left.map(({ original }) => original.dst)).toEqual(['198.51.100.1'])
    }))

  it.each([
    [1, 0],
    [15, 0],
    [16, 0],
    [40, 0],
    [1, 16],
    [1, 40],
  ])(
    'of the connections to a port only those of the old way are ended (%i addresses, one more on %i interfaces)',
    (count, interfaces) =>
      withNetns(async (netns) => {
        // As gateways of point-to-point links have it.
        for (let i = 0; i < interfaces; i++) {
          ip(`link add p${i} up type veth peer name q${i}`, netns)
          ip(`address add 192.0.1.1/32 dev p${i}`, netns)
        }
        const own = Array.from({ length: count }, (_, i) => `192.0.2.${i + 1}`)
        // Of a loopback interface the whole network of an address would be local.
        for (const address of own) ip(`address add ${address}/32 dev lo`, netns)
        await nft.publishPort({ ...port, netns })
        let sport = 4000
        const begun = (dst: string, dport: number, target = dst, to = dport) =>
          addConntrack({
            original: { protocol: 'udp', src: '192.0.2.99', sport: ++sport, dst, dport },
            reply: { protocol: 'udp', src: target, sport: to, dst: '192.0.2.99', dport: sport },
            timeout: 600,
            netns,
          })
        const left = async () =>
          (await listConntrack({ protocol: 'udp', netns }))
            .map(({ original, reply }) => `${original.dst}:${original.dport} ${reply.src}:${reply.sport}`)
            .sort()
        const udp = { protocol: 'udp', hostPort: 5353, netns } as const
        // To this machine, to another one, to another port, and one that is translated already.
        const others = ['198.51.100.1:5353 198.51.100.1:5353', '192.0.2.1:5354 192.0.2.1:5354']
        await begun(own.at(-1)!, 5353)
        await begun('127.0.0.1', 5353)
        await begun('198.51.100.1', 5353)
        await begun('192.0.2.1', 5354)
        await begun('192.0.2.1', 5353, '192.168.15.2', 53)
        const first = await nft.publishPort({ ...udp, to: '192.168.15.2:53' })
        expect(await left()).toEqual([...others, '192.0.2.1:5353 192.168.15.2:53'].sort())
        const moved = await nft.publishPort({ ...udp, to: '192.168.15.3:54' })
        expect(await left()).toEqual([...others].sort())
        await begun('192.0.2.1', 5353, '192.168.15.3', 54)
        await first.withdraw()
        expect(await left()).toEqual([...others, '192.0.2.1:5353 192.168.15.3:54'].sort())
        await moved.withdraw()
        expect(await left()).toEqual([...others].sort())
      }),
  )

  it('connections of a table that somebody deleted go where the new one says', () =>
    withNetns(async (netns) => {
      ip('address add 192.0.2.1/24 dev lo', netns)
      const to = '192.168.15.2:53'
      await nft.publishPort({ ...port, netns })
      await addConntrack({
        original: { protocol: 'udp', src: '192.0.2.7', sport: 4000, dst: '192.0.2.1', dport: 5353 },
        reply: { protocol: 'udp', src: '192.168.15.2', sport: 53, dst: '192.0.2.7', dport: 4000 },
        timeout: 600,
        netns,
      })
      nftIn(netns, 'flush ruleset')
      const udp = { protocol: 'udp', hostPort: 5353, netns } as const
      await nft.publishPort({ ...port, netns })
      await (await nft.publishPort({ ...udp, hostPort: 5354, to })).withdraw()
      expect(await listConntrack({ protocol: 'udp', netns })).toHaveLength(1)
      await nft.publishPort({ ...udp, to: '192.168.15.3:53' })
      expect(await listConntrack({ protocol: 'udp', netns })).toEqual([])
    }))
})

it('the table is tagged as this library’s', () =>
  withNetns(async (netns) => {
    await masquerade({ source: '192.168.15.0/24', netns })
    expect(nftIn(netns, 'list table inet netlink-ts')).toContain('comment "made by netlink-ts"')
  }))
