/** What CHECK of docs/examples/cni finds: all that others changed, and nothing where nobody did. And what becomes of it by DEL and ADD. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ask, type Config, eachWithContainer } from './cni-support.js'
import { needNftables } from './needs.js'
import { execFileSync } from './programs.js'
import { ip, ipJson, type Printed } from './support.js'

needNftables()

const each = eachWithContainer()

const bridge = (more: object = {}): Config => ({
  cniVersion: '1.1.0',
  name: 'net1',
  type: 'bridge',
  ipam: { type: 'host-local', dataDir: each.dataDir, subnet: '10.22.0.0/24', routes: [{ dst: '0.0.0.0/0' }] },
  isGateway: true,
  ipMasq: true,
  ...more,
})

const portmap = (more: object = {}): Config => ({
  cniVersion: '1.1.0',
  name: 'net1',
  type: 'portmap',
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
  ...more,
})

/** A whole list: each plugin gets what the first one answered. */
async function added(...plugins: Config[]): Promise<Printed> {
  const prevResult = (await ask('ADD', plugins[0]!))!
  for (const plugin of plugins.slice(1))
    expect(await ask('ADD', { ...plugin, prevResult })).toEqual(prevResult)
  return prevResult
}

it.each([
  ['no condition', {}],
  ['masqAll', { masqAll: true }],
  ['conditions', { conditionsV4: ['-s', '203.0.113.0/24'] }],
  ['conditions and masqAll', { conditionsV4: ['-s', '203.0.113.0/24'], masqAll: true }],
])('a list of bridge and portmap with %s: both find all as it was made', async (_, keys) => {
  const list = [bridge({ macspoofchk: true }), portmap(keys)]
  const prevResult = await added(...list)
  for (const plugin of list) expect(await ask('CHECK', { ...plugin, prevResult })).toBe(null)
  for (const plugin of list.reverse()) expect(await ask('DEL', plugin)).toBe(null)
})

const nft = (...args: string[]) => execFileSync('nft', args)

/** A table as nft prints it, and made again with a change. */
function remade(table: string, before: string, after: string): void {
  const text = nft('list', 'table', ...table.split(' '))
  const input = `delete table ${table}\n${text.replace(before, after)}`
  execFileSync('nft', ['-f', '-'], { input })
}

/** What becomes of it by DEL and ADD. */
const MENDED = true
const LEFT = false

const [SPOOF, NAT] = ['bridge netlink-ts-cni', 'inet netlink-ts']
const ELEMENT = `element ${NAT} ports4`

it.each<[string, boolean, string, (port: string, tag: string) => void]>([
  [
    'an address that is missing',
    MENDED,
    'eth0: 10.22.0.2/24',
    () => ip('address delete 10.22.0.2/24 dev eth0', 'c1'),
  ],
  ['a route that is missing', MENDED, 'eth0: the route to 0.0.0.0/0', () => ip('route delete default', 'c1')],
  ['another MAC', MENDED, 'eth0: its MAC', () => ip('link set eth0 address 02:00:00:00:00:99', 'c1')],
  [
    'another MAC of the port',
    MENDED,
    ': its MAC is 02:00:00:00:00:98',
    (port) => ip(`link set ${port} address 02:00:00:00:00:98`),
  ],
  [
    'another MAC of the bridge',
    MENDED,
    'cni0: its MAC is 02:00:00:00:00:97',
    () => ip('link set cni0 address 02:00:00:00:00:97'),
  ],
  ['a bridge that is down', MENDED, 'cni0: it is down', () => ip('link set cni0 down')],
  [
    'a bridge without the gateway',
    MENDED,
    'cni0: 10.22.0.1/24 is missing',
    () => ip('address flush dev cni0'),
  ],
  ['no interface', MENDED, 'is missing', () => ip('link delete eth0', 'c1')],
  ['a port of no bridge', MENDED, 'no port of cni0', (port) => ip(`link set ${port} nomaster`)],
  [
    'a port that gives back what it sent',
    MENDED,
    'hairpinMode: of veth',
    (port) => execFileSync('bridge', ['link', 'set', 'dev', port, 'hairpin', 'on']),
  ],
  [
    'a port that is isolated',
    MENDED,
    'portIsolation: of veth',
    (port) => execFileSync('bridge', ['link', 'set', 'dev', port, 'isolated', 'on']),
  ],
  [
    'other ends in the place of both',
    MENDED,
    'is not its other end',
    (port) => {
      const [near, far] = [ipJson(`link show ${port}`)[0]!, ipJson('link show eth0', 'c1')[0]!]
      ip(`link delete ${port}`)
      ip(`link add ${port} address ${near['address']} up master cni0 type veth peer name eth9 netns c1`)
      ip(`link add other type veth peer name eth0 address ${far['address']} netns c1`)
      ip('link set eth0 up', 'c1')
    },
  ],
  ['an interface that is down', MENDED, 'eth0: it is down', () => ip('link set eth0 down', 'c1')],
  [
    'a host that does not forward',
    MENDED,
    'isGateway: net.ipv4.ip_forward is 0',
    () => execFileSync('sysctl', ['-qw', 'net.ipv4.ip_forward=0']),
  ],
  ['a port that is down', MENDED, 'it is down', (port) => ip(`link set ${port} down`)],
  [
    'an address that was given back',
    MENDED,
    'ipam: eth0',
    () => rmSync(join(each.dataDir, 'net1/10.22.0.2')),
  ],
  ['no masquerading', MENDED, 'ipMasq: ', () => nft(`flush table ${NAT}`)],
  ['masquerading in no table', MENDED, 'ipMasq: ', () => nft(`delete table ${NAT}`)],
  [
    'masquerading that does nothing',
    LEFT,
    'ipMasq: its rule was changed',
    () => {
      const [chain] = /masquerade-\S+/.exec(nft('list', 'table', ...NAT.split(' ')))!
      nft(`flush chain ${NAT} ${chain}; add rule ${NAT} ${chain} accept`)
    },
  ],
  [
    'a map of published ports with other flags',
    LEFT,
    `portMappings: set 'ports4' has another type or other flags (table inet 'netlink-ts')`,
    () => remade(NAT, 'map ports4 {', 'map ports4 {\nflags timeout'),
  ],
  [
    'a published port that goes elsewhere',
    MENDED,
    "portMappings: tcp . 81 was changed in 'ports4'",
    (_, tag) =>
      nft(`delete ${ELEMENT} { tcp . 81 }; add ${ELEMENT} { tcp . 81 comment "${tag}" : 10.22.0.9 . 9 }`),
  ],
  [
    'a published port that is there twice',
    MENDED,
    "portMappings: tcp . 82 is too many in 'ports4'",
    (_, tag) => nft(`add ${ELEMENT} { tcp . 82 comment "${tag}" : 10.22.0.2 . 9 }`),
  ],
  [
    'a port that is not published',
    MENDED,
    "portMappings: tcp . 81 is missing in 'ports4'",
    () => nft(`delete ${ELEMENT} { tcp . 81 }`),
  ],
  [
    'published ports that no packet meets',
    MENDED,
    "portMappings: its rule is missing in chain 'prerouting'",
    () => nft(`flush chain ${NAT} prerouting`),
  ],
  [
    'published ports that no packet meets, with another rule in place of it',
    MENDED,
    "portMappings: its rule was changed in chain 'output'",
    () => nft(`flush chain ${NAT} output; add rule ${NAT} output accept`),
  ],
])('%s; mended by DEL and ADD: %j', async (_, isMended, message, change) => {
  const portMappings = [
    { hostPort: 80, containerPort: 8 },
    { hostPort: 81, containerPort: 9 },
  ]
  const list = [bridge({ macspoofchk: true }), portmap({ runtimeConfig: { portMappings } })]
  const other = portmap({ runtimeConfig: { portMappings: [{ hostPort: 90, containerPort: 8 }] } })
  const answers = async (result: Printed) => {
    const all = []
    for (const plugin of list) all.push(await ask('CHECK', { ...plugin, prevResult: result }))
    return all.filter((answer) => answer !== null)
  }
  const prevResult = await added(...list)
  expect(await ask('ADD', { ...other, prevResult }, { CNI_CONTAINERID: 'c2' })).toEqual(prevResult)
  expect(await answers(prevResult)).toEqual([])
  const port = String(prevResult['interfaces'][1].name)
  const [, tag] = /tcp \. 81 comment "([^"]+)"/.exec(nft('list', 'map', ...NAT.split(' '), 'ports4'))!
  change(port, tag!)
  const msg = expect.stringContaining(message)
  expect(await answers(prevResult)).toContainEqual(expect.objectContaining({ code: 101, msg }))
  for (const plugin of list.toReversed()) expect(await ask('DEL', { ...plugin, prevResult })).toBe(null)
  const mended = await answers(await added(...list))
  expect(mended.map(({ code }) => code as number)).toEqual(isMended ? [] : mended.map(() => 101))
  expect(mended.length > 0).toBe(!isMended)
})

it('a bridge that is promiscuous no more', async () => {
  const config = bridge({ promiscMode: true })
  const prevResult = await added(config)
  expect(await ask('CHECK', { ...config, prevResult })).toBe(null)
  ip('link set cni0 promisc off')
  const msg = 'promiscMode: cni0 is not promiscuous'
  expect(await ask('CHECK', { ...config, prevResult })).toMatchObject({ code: 101, msg })
})

it('a map of macspoofchk with other flags: CHECK and ADD tell it', async () => {
  const config = bridge({ macspoofchk: true })
  const prevResult = await added(config)
  remade(SPOOF, 'map ports {', 'map ports {\nflags timeout')
  const msg = expect.stringMatching(
    /^macspoofchk: veth\w+: set 'ports' has another type or other flags \(table bridge 'netlink-ts-cni'\)$/,
  )
  expect(await ask('CHECK', { ...config, prevResult })).toMatchObject({ code: 101, msg })
  expect(await ask('DEL', config)).toBe(null)
  expect(await ask('ADD', config)).toMatchObject({
    details: 'EEXIST',
    msg: expect.stringContaining("'ports'"),
  })
})

it('a port that somebody else has published is an error of ADD, and free after DEL', async () => {
  const prevResult = await added(bridge(), portmap())
  const ports = portmap({ prevResult })
  expect(await ask('ADD', ports, { CNI_CONTAINERID: 'c2' })).toMatchObject({ code: 100, details: 'EEXIST' })
  expect(await ask('CHECK', ports)).toBe(null)
  expect(await ask('DEL', ports)).toBe(null)
  expect(await ask('ADD', ports, { CNI_CONTAINERID: 'c2' })).toEqual(prevResult)
})

describe.each<[string, (result: Printed) => object]>([
  [
    'of another namespace',
    ({ interfaces: [...on] }) => [on[0], on[1], { ...on[2], sandbox: '/run/netns/c2' }],
  ],
  ['of another interface', ({ interfaces: [...on] }) => [on[0], on[1], { ...on[2], name: 'eth1' }]],
  ['of another bridge', ({ interfaces: [...on] }) => [{ ...on[0], name: 'cni1' }, on[1], on[2]]],
  ['without the port', ({ interfaces: [...on] }) => [on[0], on[2]]],
  ['without interfaces', () => []],
])('CHECK with a result %s', (_, change) => {
  it('is an error', async () => {
    const prevResult = await added(bridge())
    const interfaces = change(prevResult)
    const message = expect.stringMatching(/^prevResult: /)
    expect(await ask('CHECK', { ...bridge(), prevResult: { ...prevResult, interfaces } })).toMatchObject({
      code: 101,
      msg: message,
    })
  })
})

it('CHECK finds its interfaces in any order, between those of other plugins', async () => {
  const prevResult = await added(bridge())
  const other = { name: 'net1', sandbox: '/run/netns/c1', mac: '02:00:00:00:00:44' }
  const interfaces = [other, ...prevResult['interfaces']].reverse()
  const ips = [
    { address: '10.9.0.1/24', interface: interfaces.indexOf(other) },
    { ...prevResult['ips'][0], interface: 0 },
  ]
  const asked = { ...bridge(), prevResult: { ...prevResult, interfaces, ips } }
  expect(await ask('CHECK', asked)).toBe(null)
  ip(`address del ${ips[1].address} dev eth0`, 'c1')
  expect(await ask('CHECK', asked)).toMatchObject({ code: 101, msg: expect.stringContaining(ips[1].address) })
})
