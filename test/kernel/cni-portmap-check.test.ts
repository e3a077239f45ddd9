/** Conditions of published ports of docs/examples/cni: what CHECK misses, and what DEL and GC leave. */

import { createSocket } from 'node:dgram'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { addConntrack, listConntrack } from '../../src/conntrack.js'
import { getSysctl } from '../../src/index.js'
import { nft, portmap } from './cni-portmap-support.js'
import { ask, eachWithContainer } from './cni-support.js'
import { needNftables } from './needs.js'
import { ip } from './support.js'

needNftables()
eachWithContainer()

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

  it.each(['DEL', 'GC'])(
    '%s takes conditions away also beside somebody else’s map of a name of the library’s',
    async (command) => {
      const ofIpv4 = { prevResult: { ips: [{ address: '10.22.0.2/24' }] }, 'cni.dev/valid-attachments': [] }
      const config = portmap({ ...keys, ...ofIpv4 })
      await ask('ADD', config)
      expect(nft('list', 'ruleset')).toContain('10.22.0.2')
      nft('add map inet netlink-ts ports4 { type inet_service : inet_service; elements = { 80 : 80 } }')
      expect(await ask(command, config)).toBe(null)
      expect(nft('list', 'ruleset')).not.toContain('10.22.0.2')
    },
  )

  it('what ADD failed for is told, also where what it made cannot be read any more', async () => {
    nft('add table inet netlink-ts')
    nft('add map inet netlink-ts ports4 { type inet_service : inet_service; elements = { 80 : 80 } }')
    expect(await ask('ADD', portmap({}))).toMatchObject({
      code: 100,
      msg: expect.stringContaining("set 'ports4'"),
    })
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
