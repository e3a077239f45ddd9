/** What runtimes ask besides the ordinary: docs/examples/cni and the plugins of containernetworking-plugins do the same. */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { handle } from '../../docs/examples/cni/handle.js'
import { ask, type Config, call, eachWithContainer, skipWithoutTheirs, THEIRS } from './cni-support.js'
import { needNftables } from './needs.js'
import { execFileSync, spawnSync } from './programs.js'
import { hasTool, ipJson, type Printed } from './support.js'
import { linkNames } from './topology-support.js'

needNftables()

const each = eachWithContainer()

type Ask = (command: string, config: Config, args?: string) => Promise<Printed | null>
const ours: Ask = (command, config, args = '') => ask(command, config, { CNI_ARGS: args, CNI_PATH: THEIRS })
const theirs: Ask = (command, config, args) => call(THEIRS, command, { id: 'c1', netns: 'c1', args }, config)

const bridge = (more: object = {}): Config => ({
  cniVersion: '1.0.0',
  name: 'net1',
  type: 'bridge',
  ipam: { type: 'host-local', dataDir: each.dataDir, ranges: [[{ subnet: '10.22.0.0/24' }]] },
  ...more,
})
const held = () => readdirSync(join(each.dataDir, 'net1')).filter((name) => /^[\d.]+$/.test(name))

/** The rules in which published ports are. */
function published(by: Ask): string {
  const command = by === ours ? 'nft list ruleset' : 'iptables-save -t nat'
  const [program, ...args] = command.split(' ')
  return execFileSync(program!, args)
}

describe.each([
  ['docs/examples/cni', ours],
  ['the plugin of that name', theirs],
])('%s', (_, by) => {
  beforeEach((context) => {
    if (by !== theirs) return
    skipWithoutTheirs(context)
    context.skip(!hasTool('iptables'), 'not installed: iptables')
  })

  it('an address that is asked for in three places is one', async () => {
    const asked = {
      runtimeConfig: { ips: ['10.22.0.50/24'] },
      args: { cni: { ips: ['10.22.0.50', 'fd00:22:0::50'] } },
      ipam: {
        ...(bridge()['ipam'] as object),
        ranges: [[{ subnet: '10.22.0.0/24' }], [{ subnet: 'fd00:22::/64' }]],
      },
    }
    const result = await by('ADD', bridge(asked), 'IgnoreUnknown=1;IP=10.22.0.50')
    const ips = [{ address: '10.22.0.50/24' }, { address: 'fd00:22::50/64' }]
    expect(result).toMatchObject({ ips })
    expect(held()).toEqual(['10.22.0.50'])
    expect(await by('DEL', bridge(asked))).toBe(null)
  })

  it('two addresses of one range: an error, and none is taken', async () => {
    const asked = bridge({ runtimeConfig: { ips: ['10.22.0.50'] } })
    expect(await by('ADD', asked, 'IgnoreUnknown=1;IP=10.22.0.51')).toHaveProperty('code')
    expect(held()).toEqual([])
    expect(await by('DEL', asked)).toBe(null)
  })

  it('a MAC that is empty is none that is asked for', async () => {
    const asked = bridge({ runtimeConfig: { mac: '' }, args: { cni: { mac: '02:00:00:00:00:07' } } })
    expect(await by('ADD', asked)).not.toHaveProperty('code')
    expect(ipJson('link show dev eth0', 'c1')).toMatchObject([{ address: '02:00:00:00:00:07' }])
    expect(await by('DEL', asked)).toBe(null)
  })

  it('what Go writes where there is nothing is nothing', async () => {
    const nothing = { rangeStart: '', rangeEnd: '', gateway: '' }
    const asked = bridge({
      args: null,
      runtimeConfig: null,
      dns: {},
      ipam: {
        type: 'host-local',
        dataDir: each.dataDir,
        ranges: [[{ subnet: '10.22.0.0/24', ...nothing }]],
        routes: null,
        resolvConf: '',
      },
    })
    expect(await by('ADD', asked, 'IgnoreUnknown=1;IP=')).toMatchObject({
      ips: [{ address: '10.22.0.2/24' }],
    })
    expect(await by('DEL', asked)).toBe(null)
    const layer2 = bridge({ ipam: null, dns: null })
    expect(await by('ADD', layer2)).not.toHaveProperty('code')
    expect(await by('DEL', layer2)).toBe(null)
  })

  const RANGE = { subnet: '10.22.0.0/24' }
  const ONE = { subnet: '10.23.0.0/24' }
  const IPV6 = { subnet: 'fd00:22::/64' }

  it.each<[string, object[][]]>([
    ['a beginning elsewhere', [[{ ...RANGE, rangeStart: '10.21.255.255' }]]],
    ['an end elsewhere', [[{ ...RANGE, rangeEnd: '10.22.1.0' }]]],
    ['an end before the beginning', [[{ ...RANGE, rangeStart: '10.22.0.9', rangeEnd: '10.22.0.8' }]]],
    ['a beginning of the other family', [[{ ...RANGE, rangeStart: 'fd00:22::5' }]]],
    ['two families in a set', [[RANGE, IPV6]]],
    ['an empty set', [[RANGE], []]],
    ['an address in two sets', [[RANGE], [{ ...RANGE, rangeStart: '10.22.0.200' }]]],
    [
      'an address twice in a set',
      [[ONE, { ...RANGE, rangeEnd: '10.22.0.20' }, { ...RANGE, rangeStart: '10.22.0.20' }]],
    ],
  ])('ranges with %s: an error of the configuration', async (_, ranges) => {
    const config = bridge({ ipam: { ...(bridge()['ipam'] as object), ranges } })
    expect(await by('ADD', config)).toMatchObject({ code: by === ours ? 7 : expect.any(Number) })
    if (by === ours) expect(linkNames('c1')).toEqual(['lo'])
  })

  it.each<[string, string, object[], number, string, string]>([
    ['no range', '', [], 7, 'range set 0 is empty', 'empty range set'],
    ["the gateway's address", '10.22.0.1', [RANGE], 100, "is the gateway's", "is subnet's gateway"],
    ['an address that is taken', '10.22.0.9', [RANGE], 100, 'is taken', 'is not available'],
  ])('%s is an error that says so', async (_, asked, set, code, words, theirWords) => {
    mkdirSync(join(each.dataDir, 'net1'))
    writeFileSync(join(each.dataDir, 'net1/10.22.0.9'), 'other\r\neth0')
    const config = bridge({ ipam: { ...(bridge()['ipam'] as object), ranges: [set] } })
    const msg = expect.stringContaining(by === ours ? words : theirWords)
    const refused = { code: by === ours ? code : 999, msg }
    expect(await by('ADD', config, `IgnoreUnknown=1;IP=${asked}`)).toMatchObject(refused)
    expect(held()).toEqual(['10.22.0.9'])
  })

  it.each([
    ['the first address of the subnet', { rangeStart: '10.22.0.0', rangeEnd: '10.22.0.0' }, '10.22.0.0/24'],
    [
      'the last address of the subnet',
      { rangeStart: '10.22.0.255', rangeEnd: '10.22.0.255' },
      '10.22.0.255/24',
    ],
    ['another gateway', { gateway: '10.23.0.1' }, '10.22.0.1/24'],
  ])('a range of %s', async (_, range, address) => {
    const config = bridge({ ipam: { ...(bridge()['ipam'] as object), ranges: [[{ ...RANGE, ...range }]] } })
    expect(await by('ADD', config)).toMatchObject({ ips: [{ address }] })
    expect(await by('DEL', config)).toBe(null)
  })

  it('a default route in another spelling is the default route', async () => {
    const routes = [{ dst: '0::/0', gw: 'fd00:22::5' }]
    const ipam = { ...(bridge()['ipam'] as object), ranges: [[{ subnet: 'fd00:22::/64' }]], routes }
    const config = bridge({ isDefaultGateway: true, ipam })
    expect(await by('ADD', config)).toMatchObject({ routes: [{ dst: '::/0', gw: 'fd00:22::5' }] })
    expect(ipJson('-6 route show default', 'c1')).toMatchObject([{ gateway: 'fd00:22::5' }])
    expect(await by('DEL', config)).toBe(null)
  })

  it('bridge tells nothing of a result before it', async () => {
    const before = { interfaces: [{ name: 'other' }], ips: [{ address: '10.9.0.2/24' }] }
    const result = await by('ADD', bridge({ prevResult: { cniVersion: '1.0.0', ...before } }))
    expect(result!['ips']).toEqual([{ address: '10.22.0.2/24', gateway: '10.22.0.1', interface: 2 }])
    const names = (result!['interfaces'] as Printed[]).map(({ name }) => name as string)
    expect(names).toEqual(['cni0', expect.stringMatching(/^veth/), 'eth0'])
    expect(await by('DEL', bridge())).toBe(null)
  })

  it('IPAM of an empty type is none', async () => {
    const layer2 = bridge({ ipam: { type: '' } })
    expect(await by('ADD', layer2)).not.toHaveProperty('code')
    expect(linkNames('c1')).toContain('eth0')
    expect(await by('DEL', layer2)).toBe(null)
    expect(linkNames('c1')).toEqual(['lo'])
  })

  it('keys are taken in large and in small letters', async () => {
    const { ipam, ...others } = bridge({ HAIRPINMODE: true, Mtu: 1400 })
    const { ranges, ...named } = ipam as { ranges: object }
    const written = { ...others, IPAM: { ...named, Ranges: ranges, routes: [{ DST: '10.9.0.0/16' }] } }
    const more = { runtimeconfig: { IPs: ['10.22.0.50'] } }
    const result = await by('ADD', { ...written, ...more })
    expect(result).toMatchObject({ ips: [{ address: '10.22.0.50/24' }], routes: [{ dst: '10.9.0.0/16' }] })
    const [port] = ipJson('link show master cni0')
    expect([port!['mtu'], port!['linkinfo']['info_slave_data']['hairpin']]).toEqual([1400, true])
    expect(await by('DEL', written)).toBe(null)
    expect(held()).toEqual([])
  })

  it('an address of which an old host-local wrote no interface is given back', async () => {
    mkdirSync(join(each.dataDir, 'net1'))
    for (const [address, text] of [
      ['10.22.0.8', 'c1'],
      ['10.22.0.9', 'c2'],
    ] as const)
      writeFileSync(join(each.dataDir, 'net1', address), text)
    expect(await by('DEL', bridge())).toBe(null)
    expect(held()).toEqual(['10.22.0.9'])
  })

  it('an IPv6 route with bits behind its prefix, which the kernel passes over', async () => {
    const ipam = { ...(bridge()['ipam'] as object), ranges: [[{ subnet: 'fd00:22::/64' }]] }
    const config = bridge({ ipam: { ...ipam, routes: [{ dst: 'fd00:9::1/64' }] } })
    expect(await by('ADD', config)).not.toHaveProperty('code')
    expect(ipJson('-6 route show fd00:9::/64', 'c1')).toMatchObject([{ gateway: 'fd00:22::1' }])
    expect(await by('DEL', config)).toBe(null)
  })

  it.each([
    [
      'a port of the host that is none',
      { hostPort: 0, containerPort: 80 },
      'hostPort 0 is no port of the host',
    ],
    ['a port of the container that is none', { hostPort: 80, containerPort: 0 }, 'to: 0 is not a port'],
  ])('%s', async (_, mapping, words) => {
    const prevResult = { cniVersion: '1.0.0', ips: [{ address: '10.22.0.2/24' }] }
    const runtimeConfig = { portMappings: [{ ...mapping, protocol: 'tcp' }] }
    const config = { cniVersion: '1.0.0', name: 'net1', type: 'portmap', runtimeConfig, prevResult }
    const refused =
      by === ours ? { code: 7, msg: expect.stringContaining(words) } : { code: expect.any(Number) }
    expect(await by('ADD', config)).toMatchObject(refused)
  })

  it.for<[string, object]>([
    ['another plugin for addresses', { ipam: { type: 'static' } }],
    ['keys that exclude each other', { hairpinMode: true, promiscMode: true }],
  ])('DEL with %s takes the interface, as often as it is asked', async ([, more], context) => {
    // It is a program of theirs.
    if ('ipam' in more) skipWithoutTheirs(context)
    expect(await by('ADD', bridge())).not.toHaveProperty('code')
    for (let i = 0; i < 2; i++) expect(await by('DEL', bridge(more))).toBe(null)
    expect([linkNames('c1'), linkNames()]).toEqual([['lo'], ['lo', 'cni0']])
  })

  it('of two mappings of one port of the host the first counts', async () => {
    const config = {
      cniVersion: '1.0.0',
      name: 'net1',
      type: 'portmap',
      runtimeConfig: {
        portMappings: [80, 81].map((containerPort) => ({ hostPort: 8080, containerPort, protocol: 'tcp' })),
      },
      prevResult: { cniVersion: '1.0.0', ips: [{ address: '10.22.0.4/24' }] },
    }
    expect(await by('ADD', config)).not.toHaveProperty('code')
    expect(/10\.22\.0\.4(?:\s\.\s|:)(\d+)/.exec(published(by))![1]).toBe('80')
    expect(await by('DEL', config)).toBe(null)
  })

  it('portmap publishes the address of the interface that it is called for', async () => {
    const sandbox = '/run/netns/c1'
    const prevResult = {
      cniVersion: '1.0.0',
      interfaces: [
        { name: 'eth0' },
        { name: 'net1', sandbox },
        { name: 'eth0', sandbox },
        { name: 'eth0', sandbox },
      ],
      ips: [0, 1, 2, 3].map((index) => ({ address: `10.22.0.${index + 2}/24`, interface: index })),
    }
    const config = {
      cniVersion: '1.0.0',
      name: 'net1',
      type: 'portmap',
      runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
      prevResult,
    }
    expect(await by('ADD', config)).not.toHaveProperty('code')
    const rules = published(by)
    expect([...new Set(rules.match(/10\.22\.0\.[1-9]\d*/g))]).toEqual(['10.22.0.4'])
    expect(await by('DEL', config)).toBe(null)
  })
})

describe.each([
  ['a version to come', '{"cniVersion":"9.9.9"}', '9.9.9'],
  ['the first version', '{"cniVersion":"0.1.0"}', '0.1.0'],
  ['no version', '{}', '1.1.0'],
  ['no object', 'null', '1.1.0'],
  ['nothing', '', '1.1.0'],
  ['half an object', '{', '1.1.0'],
])('VERSION that is asked with %s tells which there are', (_, input, cniVersion) => {
  it('docs/examples/cni', async () => {
    const supportedVersions = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']
    const { output, status } = await handle({ CNI_COMMAND: 'VERSION' }, input)
    expect([status, output]).toEqual([0, { cniVersion, supportedVersions }])
  })

  it('the plugin of that name, whose version is its own whatever is asked', (context) => {
    skipWithoutTheirs(context)
    // It may have ended before it was given the input: that is no error of its own.
    const { stdout } = spawnSync('env', ['CNI_COMMAND=VERSION', join(THEIRS, 'bridge')], { input })
    const { cniVersion: own, supportedVersions } = JSON.parse(stdout) as Printed
    expect(supportedVersions).toEqual(expect.arrayContaining(['0.3.0', '0.3.1', '0.4.0', '1.0.0', own]))
  })
})
