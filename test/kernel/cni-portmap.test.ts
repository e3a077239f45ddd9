/** The keys conditionsV4, conditionsV6 and masqAll of docs/examples/cni, next to the plugin portmap, to nft and to iptables-translate. */

import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, it } from 'vitest'
import { addConntrack, listConntrack } from '../../src/conntrack.js'
import { getSysctl } from '../../src/index.js'
import { enableForwarding } from '../../src/nftables.js'
import {
  ask,
  type Config,
  call,
  eachWithContainer,
  mirror,
  page,
  skipWithoutTheirs,
  THEIRS,
} from './cni-support.js'
import { needNftables } from './needs.js'
import { PATIENCE } from './patience.js'
import { hasTool, ip, type Printed, withoutDad, withoutDadHere } from './support.js'

needNftables()

const each = eachWithContainer()

/** As a plugin before it would have answered. */
const prevResult = {
  cniVersion: '1.1.0',
  interfaces: [{ name: 'eth0', sandbox: '/run/netns/c1' }],
  ips: [
    { address: '10.22.0.2/24', interface: 0 },
    { address: 'fd00:22::2/64', interface: 0 },
  ],
}

const portmap = (more: object): Config => ({
  cniVersion: '1.1.0',
  name: 'net1',
  type: 'portmap',
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
  prevResult,
  ...more,
})

const nft = (...args: string[]) =>
  execFileSync('nft', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** The expressions of the last rule of a chain, as nft tells them; what it was made for is left out. */
function lastRule(...chain: string[]): Printed[] {
  const { nftables } = JSON.parse(nft('-j', 'list', 'chain', ...chain)) as { nftables: Printed[] }
  const expressions = nftables.findLast(({ rule }) => rule !== undefined)!['rule']['expr'] as Printed[]
  return expressions.filter((one) => one['match']?.left?.meta?.key !== 'nfproto')
}

/** What conditions have become. */
async function made(key: string, words: readonly string[]): Promise<Printed[]> {
  expect(await ask('ADD', portmap({ [key]: words }))).not.toHaveProperty('code')
  return lastRule('inet', 'netlink-ts', 'cni-prerouting')
}

/** What stands behind the conditions: the port, and where its connections go. */
const goal = (key: string, port = 'tcp dport 8080') =>
  key === 'conditionsV4'
    ? `fib daddr type local ${port} dnat ip to 10.22.0.2:80`
    : `ip6 daddr != ::1 fib daddr type local ${port} dnat ip6 to [fd00:22::2]:80`

const NFT: [key: string, text: string, port?: string][] = [
  ['conditionsV4', 'ip saddr != 192.0.2.0/24'],
  ['conditionsV4', 'ip saddr { 10.0.0.0/8, 192.0.2.7 } ip daddr 203.0.113.1'],
  ['conditionsV4', 'ip daddr != { 203.0.113.1, 203.0.113.5-203.0.113.9 }'],
  ['conditionsV4', 'iifname "eth*" tcp sport 1024-65535'],
  ['conditionsV4', 'meta iifname != { "eth0", "eth1" }'],
  ['conditionsV4', 'meta mark 0x10 tcp dport >= 1024'],
  ['conditionsV4', 'mark != 7 tcp sport { 1, 2 }'],
  ['conditionsV4', 'fib saddr type local'],
  ['conditionsV4', 'ct state new'],
  ['conditionsV4', 'meta l4proto tcp th dport != 53'],
  // Behind a list nft takes tcp.dport for a contradiction.
  ['conditionsV4', 'meta l4proto { tcp, udp } th dport != 53', 'meta l4proto tcp th dport 8080'],
  ['conditionsV6', 'ip6 saddr fc00::/7 ip6 daddr != 2001:db8::1'],
  ['conditionsV6', 'ip6 daddr ::1 iif lo'],
]

it.each(NFT)('%s %s: the rule that nft makes of it', async (key, text, port) => {
  const rule = await made(key, text.split(' '))
  const hook = '{ type nat hook prerouting priority 0; }'
  nft(`add table inet t; add chain inet t c ${hook}`)
  nft(`add rule inet t c meta nfproto ipv${key.at(-1)} ${text} ${goal(key, port)}`)
  expect(rule).toEqual(lastRule('inet', 't', 'c'))
  await ask('DEL', portmap({ [key]: text.split(' ') }))
  expect(nft('list', 'ruleset')).not.toContain('comment "cni-')
})

const IPTABLES: [string, string][] = [
  ['conditionsV4', '! -d 192.0.2.0/24'],
  ['conditionsV4', '--source 10.0.0.0/8'],
  ['conditionsV4', '! -i eth+ -m addrtype --src-type LOCAL'],
  ['conditionsV4', '-i eth0 ! --src 1.2.3.4 -m comment --comment hello'],
  ['conditionsV4', '-m mark --mark 0x1/0xff'],
  ['conditionsV4', '-m mark ! --mark 16'],
  ['conditionsV4', '-m conntrack --ctstate NEW'],
  ['conditionsV4', '-m conntrack --ctstate DNAT'],
  ['conditionsV4', '-s 10.0.0.0/255.0.0.0'],
  ['conditionsV6', '--in-interface lo ! -d fc00::/7'],
]

describe('in the words of iptables', () => {
  beforeEach((context) => context.skip(!hasTool('iptables-translate'), 'not installed: iptables'))
  it.each(IPTABLES)('%s %s: the rule that iptables-translate makes of it', async (key, text) => {
    const rule = await made(key, text.split(' '))
    const command = key === 'conditionsV4' ? 'iptables-translate' : 'ip6tables-translate'
    const args = ['-t', 'nat', '-A', 'PREROUTING', ...text.split(' '), '-j', 'RETURN']
    const translated = execFileSync(command, args, { encoding: 'utf8' })
    const [, body] = /add rule ip6? nat PREROUTING (.*?) counter return/.exec(translated)!
    nft(`add table inet t; add chain inet t c { type nat hook prerouting priority 0; }`)
    nft(`add rule inet t c meta nfproto ipv${key.at(-1)} ${body} ${goal(key)}`)
    expect(rule).toEqual(lastRule('inet', 't', 'c'))
  })
})

describe('what is not known or not right', () => {
  it.each<[number, string, string, string]>([
    [2, 'conditionsV4', '-m string --algo bm', "'string'"],
    [2, 'conditionsV4', '-s 10.0.0.0/8 -o eth0', "'-o'"],
    [2, 'conditionsV4', '! -m mark --mark 1', "'-m'"],
    [2, 'conditionsV6', 'ip6 saddr ::1 ip dscp 1', "'ip'"],
    [2, 'conditionsV4', 'meta mark & 1 == 1', "'&'"],
    [7, 'conditionsV4', 'ip saddr { 10.0.0.1', 'missing'],
    [7, 'conditionsV4', '-s', 'missing'],
    [2, 'conditionsV4', '-s example', 'example'],
    [7, 'conditionsV4', '--dport 70000', '70000'],
    [7, 'conditionsV4', 'tcp dport < 10, 20', 'one value'],
    // Of another protocol than the port is, or of another family.
    [
      7,
      'conditionsV4',
      'udp sport 53',
      'conditionsV4: port 8080/tcp: tcp: the rule is about packets of protocol 17',
    ],
    [7, 'conditionsV6', 'meta l4proto udp', 'conditionsV6: port 8080/tcp: tcp: the rule'],
    [7, 'conditionsV4', '-p udp', 'conditionsV4: port 8080/tcp: tcp: the rule'],
    [
      7,
      'conditionsV6',
      'ip saddr 10.0.0.1',
      'conditionsV6: port 8080/tcp: ip: the rule is about ip6 packets',
    ],
  ])('%i: %s %s', async (code, key, text, message) => {
    const answer = await ask('ADD', portmap({ [key]: text.split(' ') }))
    expect(answer).toMatchObject({ code, msg: expect.stringContaining(message) })
    expect(answer!['msg']).toContain(key)
    expect(nft('list', 'ruleset')).toBe('')
    // What was never made is withdrawn all the same.
    expect(await ask('DEL', portmap({ [key]: text.split(' ') }))).toBe(null)
  })
})

it.each([
  ['conditionsV4', 'conditionsV6'],
  ['conditionsV6', 'conditionsV4'],
])(
  '%s that contradicts its port beside %s that does not: it is named, by CHECK too',
  async (wrong, right) => {
    const config = portmap({ [wrong]: ['udp', 'sport', '53'], [right]: ['tcp', 'sport', '53'] })
    const msg = expect.stringMatching(new RegExp(`^${wrong}: port 8080/tcp: tcp: the rule`))
    for (const command of ['ADD', 'CHECK']) expect(await ask(command, config)).toMatchObject({ code: 7, msg })
  },
)

it('an interface of a condition that went since ADD: CHECK tells it', async () => {
  ip('link add eth77 type bridge')
  const config = portmap({ conditionsV4: ['iif', 'eth77'] })
  await ask('ADD', config)
  expect(await ask('CHECK', config)).toBe(null)
  ip('link delete eth77')
  const msg = expect.stringMatching(/^conditionsV4: .*eth77/)
  expect(await ask('CHECK', config)).toMatchObject({ code: 101, msg })
})

it('an interface of a condition that is not there: an error that names it', async () => {
  const answer = await ask('ADD', portmap({ conditionsV4: ['iif', 'eth77'] }))
  expect(answer).toMatchObject({ code: 7, msg: expect.stringMatching(/^conditionsV4: .*eth77/) })
})

describe('CHECK, DEL and GC', () => {
  const keys = {
    conditionsV4: ['!', '-s', '192.0.2.1'],
    conditionsV6: ['ip6', 'saddr', '::1'],
    masqAll: true,
  }
  /** The chains that have rules of containers. */
  const chains = () =>
    nft('list', 'ruleset')
      .split('chain ')
      .filter((text) => text.includes('comment "cni-'))
      .map((text) => text.split(' ')[0])
  const CHAINS = ['cni-prerouting', 'cni-output', 'cni-postrouting']

  it.each(CHAINS)('misses the rules of %s', async (chain) => {
    await ask('ADD', portmap(keys))
    expect(chains()).toEqual(CHAINS)
    expect(await ask('CHECK', portmap(keys))).toBe(null)
    nft('flush', 'chain', 'inet', 'netlink-ts', chain)
    expect(await ask('CHECK', portmap(keys))).toMatchObject({ code: 101 })
    nft('delete', 'chain', 'inet', 'netlink-ts', chain)
    expect(await ask('CHECK', portmap(keys))).toMatchObject({ code: 101 })
    expect(await ask('DEL', portmap(keys))).toBe(null)
    expect(chains()).toEqual([])
  })

  /** What somebody else does to the rules of a container, with nft. */
  const handle = (chain: string, which: number) => {
    const text = nft('-a', 'list', 'chain', 'inet', 'netlink-ts', chain)
    const own = text.split('\n').filter((line) => line.includes('comment "cni-'))
    const line = own.at(which)!
    return {
      number: /# handle (\d+)/.exec(line)![1]!,
      text: line.replace(/ # handle.*/, '').trim(),
    }
  }
  const replaced = (chain: string, which: number, change: (text: string) => string) => {
    const { number, text } = handle(chain, which)
    nft(`replace rule inet netlink-ts ${chain} handle ${number} ${change(text)}`)
  }
  const doubled = (chain: string, which: number) =>
    nft(`add rule inet netlink-ts ${chain} ${handle(chain, which).text}`)
  const deleted = (chain: string, which: number) =>
    nft(`delete rule inet netlink-ts ${chain} handle ${handle(chain, which).number}`)

  it.each<[string, () => void, string]>([
    [
      'another target',
      () => replaced('cni-prerouting', 3, (text) => text.replace('fd00:22::2', 'fd00:22::9')),
      "conditionsV6: port 8080/tcp: its rule was changed in chain 'cni-prerouting'",
    ],
    [
      'another condition',
      () => replaced('cni-output', 2, (text) => text.replace('192.0.2.1', '192.0.2.3')),
      "conditionsV4: port 8080/tcp: its rule was changed in chain 'cni-output'",
    ],
    [
      'a rule that does nothing more',
      () => replaced('cni-postrouting', 0, (text) => text.replace('masquerade', 'accept')),
      "masqAll: port 8080/tcp: its rule was changed in chain 'cni-postrouting'",
    ],
    [
      'one of them deleted',
      () => deleted('cni-prerouting', 2),
      "conditionsV4: port 8080/tcp: its rule is missing in chain 'cni-prerouting'",
    ],
    [
      'one of them twice',
      () => doubled('cni-output', 3),
      "conditionsV6: port 8080/tcp: its rule is there twice in chain 'cni-output'",
    ],
    [
      'another order',
      () => {
        doubled('cni-prerouting', 0)
        deleted('cni-prerouting', 0)
      },
      "the rules are in another order in chain 'cni-prerouting'",
    ],
    [
      'one where it has no place',
      () => nft('add rule inet netlink-ts cni-localnet accept'),
      "a rule too many is in chain 'cni-localnet'",
    ],
    [
      'a chain without its hook',
      () => {
        nft('delete chain inet netlink-ts cni-postrouting')
        nft('add chain inet netlink-ts cni-postrouting')
      },
      "masqAll: port 8080/tcp: chain 'cni-postrouting' has another type, hook, priority or policy",
    ],
  ])('CHECK: %s', async (_, change, message) => {
    await ask('ADD', portmap(keys))
    // Those of another container are passed over.
    await ask('ADD', portmap({ ...keys, conditionsV4: ['-s', '192.0.2.7'] }), { CNI_CONTAINERID: 'c2' })
    nft('add table inet other { chain c { counter; }; }')
    expect(await ask('CHECK', portmap(keys))).toBe(null)
    change()
    const msg = expect.stringContaining(message)
    expect(await ask('CHECK', portmap(keys))).toMatchObject({ code: 101, msg })
    expect(await ask('DEL', portmap(keys))).toBe(null)
  })

  it('keys that were removed between ADD and DEL: nothing is left', async () => {
    await ask('ADD', portmap(keys))
    expect(await ask('DEL', portmap({}))).toBe(null)
    expect(chains()).toEqual([])
  })

  it('twice is once', async () => {
    await ask('ADD', portmap(keys))
    const before = nft('list', 'ruleset')
    expect(await ask('ADD', portmap(keys))).not.toHaveProperty('code')
    expect(nft('list', 'ruleset')).toBe(before)
  })

  it('a port that is another container’s, without conditions: nothing is left of the second', async () => {
    await ask('ADD', portmap({ masqAll: true }))
    const before = nft('list', 'ruleset')
    const second = ask('ADD', portmap({ masqAll: true }), { CNI_CONTAINERID: 'c2' })
    expect(await second).toMatchObject({ details: 'EEXIST' })
    expect(nft('list', 'ruleset')).toBe(before)
  })

  it('GC takes those of what is not valid any more, and of no other network', async () => {
    const one = (hostPort: number, name = 'net1') =>
      portmap({ ...keys, name, runtimeConfig: { portMappings: [{ hostPort, containerPort: 80 }] } })
    await ask('ADD', one(81))
    await ask('ADD', one(82), { CNI_CONTAINERID: 'c2' })
    await ask('ADD', one(83, 'net2'))
    const valid = { 'cni.dev/valid-attachments': [{ containerID: 'c2', ifname: 'eth0' }] }
    expect(await ask('GC', { ...portmap({}), ...valid })).toBe(null)
    const ports = nft('list', 'ruleset').match(/dport 8[1-3]\b/g)
    expect([...new Set(ports)].sort()).toEqual(['dport 82', 'dport 83'])
  })
})

describe('under conditions', () => {
  const mapping = (hostPort: number, protocol: string) =>
    portmap({
      conditionsV4: ['!', '-s', '192.0.2.1'],
      runtimeConfig: { portMappings: [{ hostPort, containerPort: hostPort + 1000, protocol }] },
    })

  it.each([
    ['the host’s own', 'local 10.22.0.2 dev lo'],
    ['unreachable', 'unreachable 10.22.0.2'],
    ['prohibited', 'prohibit 10.22.0.2'],
    ['in a black hole', 'blackhole 10.22.0.2'],
  ])('an address that is %s: a port like any other, and no interface forwards', async (_, route) => {
    ip('link set lo up')
    ip(`route add ${route}`)
    try {
      expect(await ask('ADD', mapping(8080, 'tcp'))).not.toHaveProperty('code')
      expect(await getSysctl('net.ipv4.conf.lo.route_localnet')).toBe('0')
    } finally {
      ip(`route delete ${route}`)
    }
  })

  it('DEL ends what goes to a published port of SCTP, and no other', async () => {
    await ask('ADD', mapping(8080, 'sctp'))
    const begun = (dport: number, target: string) =>
      addConntrack({
        original: { src: '203.0.113.2', dst: '203.0.113.1', protocol: 'sctp', sport: 40000, dport },
        reply: { src: target, dst: '203.0.113.2', protocol: 'sctp', sport: dport + 1000, dport: 40000 },
        status: ['dst-nat'],
        state: 'established',
        timeout: 600,
      })
    await begun(8080, '10.22.0.2')
    await begun(8081, '10.22.0.3')
    expect(await ask('DEL', mapping(8080, 'sctp'))).toBe(null)
    const left = await listConntrack({ protocol: 'sctp' })
    expect(left.map(({ reply }) => reply.src)).toEqual(['10.22.0.3'])
  })

  it.each(['DEL', 'GC'])(
    'after %s a stream of UDP goes to no container that is gone, others go on',
    async (command) => {
      for (const args of ['link set lo up', 'address add 203.0.113.1/32 dev lo', 'link add br0 type bridge'])
        ip(args)
      for (const args of ['address add 10.22.0.1/24 dev br0', 'link set br0 up']) ip(args)
      await ask('ADD', mapping(8080, 'udp'))
      await ask('ADD', mapping(8081, 'udp'), { CNI_CONTAINERID: 'c2' })
      const socket = createSocket('udp4')
      const send = promisify<string, number, string>(socket.send.bind(socket))
      for (const port of [8080, 8081]) await send('hello', port, '203.0.113.1')
      socket.close()
      const ways = async () =>
        (await listConntrack({ protocol: 'udp', original: { dst: '203.0.113.1' } }))
          .map(({ reply }) => `${reply.src}:${reply.sport}`)
          .sort()
      expect(await ways()).toEqual(['10.22.0.2:9080', '10.22.0.2:9081'])
      const valid = [{ containerID: 'c2', ifname: 'eth0' }]
      const config = { ...mapping(8080, 'udp'), 'cni.dev/valid-attachments': valid }
      expect(await ask(command, config)).toBe(null)
      expect(await ways()).toEqual(['10.22.0.2:9081'])
    },
  )
})

describe('who reaches whom as whom', () => {
  beforeEach((context) => {
    skipWithoutTheirs(context)
    context.skip(!hasTool('iptables'), 'not installed: iptables')
    // The outside, which knows the way to containers by IPv4 alone.
    ip('netns add outside')
    withoutDad('outside', 'c1')
    // The bridge of the plugin: an address that is tentative answers nobody.
    withoutDadHere()
    ip('link add out0 type veth peer name eth0 netns outside')
    for (const args of ['address add 203.0.113.1/24 dev out0', 'address add 2001:db8:9::1/64 dev out0 nodad'])
      ip(args)
    for (const args of ['link set out0 up', 'link set lo up']) ip(args)
    for (const args of ['address add 203.0.113.2/24 dev eth0', 'address add 2001:db8:9::2/64 dev eth0 nodad'])
      ip(args, 'outside')
    ip('link set eth0 up', 'outside')
    ip('route add 10.22.0.0/24 via 203.0.113.1', 'outside')
  })

  const bridge = (): Config => ({
    cniVersion: '1.0.0',
    name: 'net1',
    type: 'bridge',
    isGateway: true,
    ipam: {
      type: 'host-local',
      dataDir: each.dataDir,
      ranges: [[{ subnet: '10.22.0.0/24' }], [{ subnet: 'fd00:22::/64' }]],
      routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
    },
  })

  type Ask = (command: string, config: Config) => Promise<Printed | null>
  const ours: Ask = (command, config) => ask(command, config)
  const theirs: Ask = (command, config) => call(THEIRS, command, { id: 'c1', netns: 'c1' }, config)

  const VISITS = [
    ['outside', 'outside', 'http://203.0.113.1:8080/'],
    ['outside6', 'outside', 'http://[2001:db8:9::1]:8080/'],
    ['host', null, 'http://203.0.113.1:8080/'],
    ['loopback', null, 'http://127.0.0.1:8080/'],
    ['direct', 'outside', 'http://10.22.0.2/'],
  ] as const

  /** The container tells visitors who they are, the host that it is the host. */
  async function seen(by: Ask, keys: object): Promise<Record<string, string>> {
    const result = (await ask('ADD', bridge()))!
    const config = { ...portmap({ cniVersion: '1.0.0', ...keys }), prevResult: result }
    const answer = await by('ADD', config)
    expect(answer).not.toHaveProperty('code')
    const host = http.createServer((_, response) => response.setHeader('connection', 'close').end('host'))
    const servers = [host]
    const reached: Record<string, string> = {}
    try {
      for (const address of ['10.22.0.2', 'fd00:22::2']) servers.push(await mirror('c1', address))
      await new Promise<void>((resolve) => host.listen(8080, '::', resolve))
      for (const [name, from, url] of VISITS) reached[name] = await page(from, url)
    } finally {
      for (const server of servers) server.close()
    }
    await by('DEL', config)
    await ask('DEL', bridge())
    ip('link delete cni0')
    nft('flush', 'ruleset')
    // The next one gets the same addresses.
    rmSync(join(each.dataDir, 'net1'), { recursive: true })
    return reached
  }

  const ROWS: [keys: object, expected: object][] = [
    [{}, { outside: '203.0.113.2', outside6: '2001:db8:9::2' }],
    [{ conditionsV4: ['-s', '203.0.113.2'] }, { outside: '203.0.113.2', host: 'host', loopback: 'host' }],
    [{ conditionsV4: ['!', '-s', '203.0.113.2/32'] }, { outside: 'host', outside6: '2001:db8:9::2' }],
    [{ conditionsV4: ['-d', '127.0.0.0/8'] }, { outside: 'host', host: 'host' }],
    [{ conditionsV4: ['-i', 'out+'] }, { outside: '203.0.113.2', host: 'host' }],
    [{ conditionsV4: ['!', '-i', 'out0'] }, { outside: 'host' }],
    [{ conditionsV4: ['-m', 'addrtype', '--src-type', 'LOCAL'] }, { outside: 'host' }],
    [
      { conditionsV4: ['-s', '203.0.113.0/24', '-m', 'tcp', '--sport', '1024:', '!', '-d', '203.0.113.9'] },
      { outside: '203.0.113.2' },
    ],
    [{ conditionsV4: ['-m', 'multiport', '--sports', '1,2:3'] }, { outside: 'host' }],
    [{ conditionsV6: ['!', '-s', '2001:db8:9::/64'] }, { outside: '203.0.113.2', outside6: 'host' }],
    [{ masqAll: true }, { outside: '10.22.0.1', outside6: 'fd00:22::1' }],
    [
      { masqAll: true, snat: false },
      { outside: '203.0.113.2', outside6: '2001:db8:9::2' },
    ],
    [
      { masqAll: true, conditionsV4: ['-s', '203.0.113.9'] },
      { outside: 'host', outside6: 'fd00:22::1' },
    ],
  ]

  it.each(ROWS)(
    '%j',
    async (keys, expected) => {
      expect(await seen(ours, keys)).toMatchObject({ ...expected, direct: '203.0.113.2' })
    },
    60_000 * PATIENCE,
  )

  /** Debian's portmap of 2023 has no masqAll: what that does is checked above, and here where the machine has a newer one. */
  const portmapFile = join(THEIRS, 'portmap')
  const knowsAll = existsSync(portmapFile) && readFileSync(portmapFile).includes('masqAll')
  const comparable = ROWS.filter(([keys]) => knowsAll || !('masqAll' in keys))

  it.each(comparable)(
    `%j: the same as by the plugin portmap, ${knowsAll ? 'which has' : 'which lacks'} masqAll`,
    async (keys) => {
      const mine = await seen(ours, keys)
      const { host, loopback, ...fromOutside } = await seen(theirs, keys)
      expect(mine).toMatchObject(fromOutside)
      // The host's own connections have one of its addresses.
      const isHost = (answer: string | undefined) => answer === 'host'
      expect([mine['host'], mine['loopback']].map(isHost)).toEqual([host, loopback].map(isHost))
    },
    60_000 * PATIENCE,
  )

  describe('one port of several containers, each under conditions of its own', () => {
    const HOST_ADDRESSES = ['203.0.113.1', '203.0.113.5', '203.0.113.6']
    const to = (address: string) => ({ conditionsV4: ['-d', address] })
    /** The one that was there first keeps what fits both. */
    const CONTAINERS: [id: string, keys: object][] = [
      ['c1', to('203.0.113.1')],
      ['c2', to('203.0.113.0/29')],
      ['c3', to('203.0.113.6')],
    ]
    const byId = (by: typeof ask | 'theirs') => async (command: string, id: string, keys: object) => {
      const own = {
        cniVersion: '1.0.0',
        interfaces: [{ name: 'eth0', sandbox: `/run/netns/${id}` }],
        ips: [{ address: `10.22.0.1${id.at(-1)}/24`, interface: 0, gateway: '10.22.0.1' }],
      }
      const config = { ...portmap({ cniVersion: '1.0.0', ...keys }), prevResult: own }
      const answer =
        by === 'theirs'
          ? await call(THEIRS, command, { id, netns: id }, config)
          : await by(command, config, { CNI_CONTAINERID: id, CNI_NETNS: `/run/netns/${id}` })
      if (answer !== null) expect(answer).not.toHaveProperty('code')
    }

    /** Which container answers at each address of the host, and as whom it sees a visitor from outside, the host, a neighbour. */
    async function answers(): Promise<string[]> {
      const all: string[] = []
      for (const address of HOST_ADDRESSES)
        for (const from of ['outside', null, 'c3']) all.push(await page(from, `http://${address}:8080/`))
      return all.map((one) => (/ECONNREFUSED|fetch failed/.test(one) ? 'nobody' : one))
    }

    async function shared(by: typeof ask | 'theirs') {
      const run = byId(by)
      ip('link add br0 type bridge')
      for (const args of ['address add 10.22.0.1/24 dev br0', 'link set br0 up']) ip(args)
      for (const address of HOST_ADDRESSES.slice(1)) ip(`address add ${address}/24 dev out0`)
      const servers: http.Server[] = []
      try {
        for (const [id] of CONTAINERS) {
          if (id !== 'c1') ip(`netns add ${id}`)
          ip(`link add port-${id} type veth peer name eth0 netns ${id}`)
          for (const args of [`master br0`, 'up']) ip(`link set port-${id} ${args}`)
          const own = `10.22.0.1${id.at(-1)}`
          for (const args of [`address add ${own}/24 dev eth0`, 'link set eth0 up', 'link set lo up'])
            ip(args, id)
          ip('route add default via 10.22.0.1', id)
          servers.push(await mirror(id, own, `${id} sees `))
        }
        await enableForwarding({ family: 'ipv4' })
        for (const [id, keys] of CONTAINERS) await run('ADD', id, keys)
        const three = await answers()
        if (by !== 'theirs') for (const [id, keys] of CONTAINERS) await run('CHECK', id, keys)
        await run('DEL', ...CONTAINERS[0]!)
        const two = await answers()
        for (const one of CONTAINERS.slice(1)) await run('DEL', ...one)
        return { three, two, none: await answers() }
      } finally {
        for (const server of servers) server.close()
      }
    }

    const from = (id: string, ...visitors: string[]) => visitors.map((one) => `${id} sees ${one}`)
    /** A neighbour comes in as the host, as does the host itself: by whichever of its addresses. */
    const EXPECTED = {
      three: [
        ...from('c1', '203.0.113.2', 'the host', 'the host'),
        ...from('c2', '203.0.113.2', 'the host', 'the host'),
        ...from('c2', '203.0.113.2', 'the host', 'the host'),
      ],
      two: Array.from({ length: 3 }, () => from('c2', '203.0.113.2', 'the host', 'the host')).flat(),
      none: Array.from({ length: 9 }, () => 'nobody'),
    }
    const ofHost = (text: string) => text.replace(/sees (10\.22\.0\.1|203\.0\.113\.[156])$/, 'sees the host')
    const plain = (found: Awaited<ReturnType<typeof shared>>) =>
      Object.fromEntries(Object.entries(found).map(([key, all]) => [key, all.map(ofHost)]))

    it('the first whose conditions fit has the connection', { timeout: 60_000 * PATIENCE }, async () => {
      expect(plain(await shared(ask))).toEqual(EXPECTED)
      expect(nft('list', 'table', 'inet', 'netlink-ts')).not.toContain('comment "cni-')
    })

    it('the same as by the plugin portmap', { timeout: 60_000 * PATIENCE }, async () => {
      expect(plain(await shared('theirs'))).toEqual(EXPECTED)
    })
  })

  const CONDITIONED = { conditionsV4: ['-s', '198.51.100.9'] }
  const every = { hostPort: 8080, containerPort: 80 }
  const single = { ...every, hostIP: '203.0.113.1' }
  const attachment = (id: string, portMapping: object, more: object = {}) =>
    [
      'ADD',
      {
        ...portmap({ ...more, runtimeConfig: { portMappings: [portMapping] } }),
        prevResult: {
          cniVersion: '1.1.0',
          interfaces: [{ name: 'eth0', sandbox: `/run/netns/${id}` }],
          ips: [{ address: `10.22.0.${id.at(-1)}/24`, interface: 0 }],
        },
      },
      { CNI_CONTAINERID: id },
    ] as const

  describe('every address with conditions beside one that is another container’s', () => {
    const A = () => attachment('c2', every, CONDITIONED)
    // Nobody listens where it leads to.
    const fitting = () => attachment('d3', { ...every, containerPort: 9 }, { conditionsV4: ['-i', 'out0'] })
    it.each([
      ['one first', () => [attachment('c3', single), A()], '203.0.113.2'],
      ['every one first', () => [A(), attachment('c3', single)], '203.0.113.2'],
      ['that fit, one first', () => [attachment('c3', single), fitting()], '203.0.113.2'],
      ['that fit, every one first', () => [fitting(), attachment('c3', single)], '203.0.113.2'],
      // Whose conditions nobody fits.
      ['with conditions of its own', () => [A(), attachment('c3', single, CONDITIONED)], 'refused'],
      ['with conditions of its own first', () => [attachment('c3', single, CONDITIONED), A()], 'refused'],
      [
        'with conditions that fit',
        () => [A(), attachment('c3', single, { conditionsV4: ['-i', 'out0'] })],
        '203.0.113.2',
      ],
    ] as const)('%s', async (_, calls, expected) => {
      ip('link add br0 type bridge')
      for (const args of ['address add 10.22.0.1/24 dev br0', 'link set br0 up']) ip(args)
      for (const args of ['address add 203.0.113.5/24 dev out0']) ip(args)
      ip('netns add c3')
      ip('link add port3 type veth peer name eth0 netns c3')
      for (const args of ['link set port3 master br0', 'link set port3 up']) ip(args)
      for (const args of [
        'address add 10.22.0.3/24 dev eth0',
        'link set eth0 up',
        'route add default via 10.22.0.1',
      ])
        ip(args, 'c3')
      await enableForwarding({ family: 'ipv4' })
      const server = await mirror('c3', '10.22.0.3')
      try {
        for (const call of calls()) expect(await ask(...call)).not.toHaveProperty('code')
        const answers = [
          await page('outside', 'http://203.0.113.1:8080/'),
          await page('outside', 'http://203.0.113.5:8080/'),
        ].map((answer) => (answer.includes('ECONNREFUSED') ? 'refused' : answer))
        expect(answers).toEqual([expected, 'refused'])
      } finally {
        server.close()
      }
    })
  })
})
