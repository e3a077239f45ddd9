/** GC of docs/examples/cni: all that attachments left of which the runtime knows nothing, and nothing else. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { gatewayPort } from '../../docs/examples/cni/vlan.js'
import { bundle } from './bundle.js'
import { ask, type Config, eachWithContainer, run } from './cni-support.js'
import { needNftables } from './needs.js'
import { execFileSync } from './programs.js'
import { hasTool, ip, ipJson } from './support.js'
import { linkNames } from './topology-support.js'

needNftables()

const each = eachWithContainer()
beforeEach(() => void ip('netns add c2'))

const TWO = { CNI_CONTAINERID: 'c2', CNI_NETNS: '/run/netns/c2' }

const bridge = (more: object = {}): Config => ({
  cniVersion: '1.1.0',
  name: 'net1',
  type: 'bridge',
  isGateway: true,
  ipMasq: true,
  ipam: { type: 'host-local', dataDir: each.dataDir, ranges: [[{ subnet: '10.22.0.0/24' }]] },
  ...more,
})

const portmap = (more: object = {}): Config => ({
  cniVersion: '1.1.0',
  name: 'net1',
  type: 'portmap',
  runtimeConfig: { portMappings: [{ hostPort: 80, containerPort: 8 }] },
  ...more,
})

/** Those of containers by their ids. */
const valid = (...ids: string[]) => ({
  'cni.dev/valid-attachments': ids.map((containerID) => ({ containerID, ifname: 'eth0' })),
})

const addresses = () => readdirSync(join(each.dataDir, 'net1')).filter((name) => /^[\d.]+$/.test(name))
const ruleset = () => execFileSync('nft', ['list', 'ruleset'])

it('GC takes away what the runtime knows nothing of, and nothing else', async () => {
  const prevResult = await ask('ADD', bridge())
  const ports = portmap({ prevResult })
  await ask('ADD', ports)
  await ask('ADD', bridge(), TWO)
  for (const config of [ports, bridge()])
    expect(await ask('GC', { ...config, ...valid('c1', 'c2') })).toBe(null)
  expect(await ask('CHECK', ports)).toBe(null)
  for (const config of [ports, bridge()]) expect(await ask('GC', { ...config, ...valid('c2') })).toBe(null)
  expect([linkNames('c1'), linkNames('c2')]).toEqual([['lo'], ['lo', 'eth0']])
  expect(await ask('CHECK', ports)).toMatchObject({ code: 101 })
  for (const config of [ports, bridge()]) expect(await ask('GC', { ...config, ...valid() })).toBe(null)
  expect(linkNames()).toEqual(['lo', 'cni0'])
  expect(ruleset()).not.toContain('10.22.0')
})

it('GC of a network without IPAM takes its interfaces, and no others of the same bridge', async () => {
  const layer2 = bridge({ ipam: {} })
  ip('link add veth-other type veth peer name other netns c2')
  await ask('ADD', layer2)
  await ask('ADD', layer2, { CNI_IFNAME: 'eth1' })
  await ask('ADD', layer2, TWO)
  await ask('ADD', { ...layer2, name: 'net2' }, { ...TWO, CNI_IFNAME: 'eth1' })
  ip('link set veth-other master cni0')
  const one = { 'cni.dev/valid-attachments': [{ containerID: 'c1', ifname: 'eth1' }] }
  expect(await ask('GC', { ...layer2, ...one })).toBe(null)
  expect([linkNames('c1'), linkNames('c2')]).toEqual([
    ['lo', 'eth1'],
    ['lo', 'other', 'eth1'],
  ])
  expect(await ask('GC', { ...layer2, ...valid() })).toBe(null)
  expect([linkNames('c1'), linkNames('c2')]).toEqual([['lo'], ['lo', 'other', 'eth1']])
})

it('GC takes the interface of an ADD that was killed before it had said whose that is', async () => {
  const layer2 = bridge({ ipam: {} })
  ip('link add veth-other type veth peer name other netns c1')
  const ports: string[] = []
  for (const [name, netns] of [
    ['net1', 'c1'],
    ['net1', 'c2'],
    ['net2', 'c2'],
  ] as const) {
    const env = { CNI_CONTAINERID: netns, CNI_NETNS: `/run/netns/${netns}`, CNI_IFNAME: name }
    ports.push(String((await ask('ADD', { ...layer2, name }, env))!['interfaces'][1].name))
  }
  execFileSync('sh', ['-c', 'for port; do ip link set dev $port alias ""; done', 'sh', ...ports])
  for (const port of ports) expect(ipJson(`link show dev ${port}`)[0]).not.toHaveProperty('ifalias')
  // Of others, by names that begin as ours: too short, and on no bridge.
  const [short, elsewhere] = [ports[0]!.slice(0, 11), `${ports[0]!.slice(0, 8)}0000000`]
  for (const [name, peer] of [
    [short, 'short'],
    [elsewhere, 'elsewhere'],
  ] as const)
    ip(`link add ${name} type veth peer name ${peer} netns c1`)
  ip(`link set ${short} master cni0`)
  const one = { 'cni.dev/valid-attachments': [{ containerID: 'c2', ifname: 'net1' }] }
  expect(await ask('GC', { ...layer2, ...one })).toBe(null)
  expect([linkNames('c1'), linkNames('c2')]).toEqual([
    ['lo', 'other', 'short', 'elsewhere'],
    ['lo', 'net1', 'net2'],
  ])
})

it.each<[string, object]>([
  ['keys that exclude each other', { hairpinMode: true, promiscMode: true }],
  ['a VLAN that is none', { vlan: 5000 }],
  ['values of another kind', { bridge: 5, mtu: 'x', isGateway: 'yes' }],
])('GC takes what it can whatever the configuration says by then: %s', async (_, more) => {
  await ask('ADD', bridge({ macspoofchk: true }))
  expect(await ask('GC', { ...bridge(more), ...valid() })).toBe(null)
  expect([linkNames('c1'), addresses(), ruleset().includes('veth')]).toEqual([['lo'], [], false])
})

it('GC of a network by the name of its bridge keeps the gateway of a VLAN', async () => {
  // As ADD makes it on a kernel that filters VLANs.
  ip('link add cni0 type bridge')
  for (const end of ['cni0.100', 'cni0.101'])
    ip(`link add ${gatewayPort('cni0', end)} master cni0 type veth peer name ${end}`)
  const made = linkNames()
  expect(await ask('GC', { ...bridge({ name: 'cni0', vlan: 100 }), ...valid() })).toBe(null)
  expect(linkNames()).toEqual(made)
})

it.each([
  ['net', 'net-2'],
  ['net.1', 'net.1-10.22.0.0'],
])('GC of %s keeps the masquerading of %s', async (name, other) => {
  const subnet = (base: string) => ({
    ipam: { type: 'host-local', dataDir: each.dataDir, subnet: `${base}/24` },
  })
  const elsewhere = bridge({ name: other, bridge: 'cni1', ...subnet('10.23.0.0') })
  await ask('ADD', bridge({ name, ...subnet('10.22.0.0') }))
  const prevResult = await ask('ADD', elsewhere, { ...TWO, CNI_IFNAME: 'eth1' })
  expect(await ask('GC', { ...bridge({ name }), ...valid() })).toBe(null)
  expect([ruleset().includes('10.22.0'), ruleset().includes('10.23.0')]).toEqual([false, true])
  expect(await ask('CHECK', { ...elsewhere, prevResult }, { ...TWO, CNI_IFNAME: 'eth1' })).toBe(null)
})

it('masquerades a network whose name is as long as a file name can be', async () => {
  const long = bridge({ name: 'n'.repeat(255) })
  expect(await ask('ADD', long)).not.toHaveProperty('code')
  expect(await ask('GC', { ...long, ...valid() })).toBe(null)
  expect(ruleset()).not.toContain('10.22.0')
})

const C1 = [{ containerID: 'c1', ifname: 'eth0' }]
const KEY = 'cni.dev/valid-attachments'
const OLD = 'cni.dev/attachments'

it.each<[string, object, boolean]>([
  ['the key of the specification', { [KEY]: C1 }, true],
  ['the key of its first text', { [OLD]: C1 }, true],
  ['both keys, as libcni writes them', { [KEY]: C1, [OLD]: C1 }, true],
  ['two lists: what is on one of them stays', { [KEY]: [], [OLD]: C1 }, true],
  // A slice of Go with nothing in it.
  ['null', { [KEY]: null }, false],
  ['null twice, as libcni writes it', { [KEY]: null, [OLD]: null }, false],
])('GC with %s', async (_, keys, isKept) => {
  const prevResult = await ask('ADD', bridge())
  await ask('ADD', portmap({ prevResult }))
  for (const config of [portmap(), bridge()]) expect(await ask('GC', { ...config, ...keys })).toBe(null)
  expect([linkNames('c1').includes('eth0'), ruleset().includes('10.22.0.2')]).toEqual([isKept, isKept])
})

it.each<[string, object, string]>([
  ['no key', {}, KEY],
  ['a key that is misspelt', { 'cni.dev/validAttachments': C1 }, KEY],
  ['no list', { [KEY]: {} }, `${KEY}: {} is no list`],
  ['an attachment without its interface', { [KEY]: [...C1, { containerID: 'c2' }] }, `${KEY}[1]: `],
  ['attachments in words', { [OLD]: ['c1'] }, `${OLD}[0]: "c1" `],
])('GC with %s is an error, and takes nothing', async (_, keys, message) => {
  const prevResult = await ask('ADD', bridge())
  await ask('ADD', portmap({ prevResult }))
  const before = [ruleset(), linkNames()]
  for (const config of [portmap(), bridge()])
    expect(await ask('GC', { ...config, ...keys })).toMatchObject({
      code: 7,
      msg: expect.stringContaining(message),
    })
  expect([ruleset(), linkNames()]).toEqual(before)
})

describe('an ADD that is killed while it takes an address', () => {
  let bin: string
  let program: string
  beforeAll(() => {
    program = bundle('cni/plugin')
    bin = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-killed-'))
    const calls = 'link,linkat'
    const strace = `strace -f -qq -o /dev/null -e trace=${calls} -e inject=${calls}:error=EIO:signal=KILL`
    writeFileSync(join(bin, 'bridge'), `#!/bin/sh\nexec ${strace} ${program}\n`, { mode: 0o755 })
  })
  afterAll(() => {
    rmSync(program)
    rmSync(bin, { recursive: true })
  })

  beforeEach((context) => context.skip(!hasTool('strace'), 'not installed: strace'))

  it.each(['DEL', 'GC'])('leaves nothing behind %s', async (command) => {
    // Another one, which stays.
    await ask('ADD', bridge(), TWO)
    const files = () => readdirSync(join(each.dataDir, 'net1')).sort()
    const kept = files()
    expect(await run(bin, 'ADD', { id: 'c1', netns: 'c1' }, bridge())).toMatchObject({ stdout: '' })
    expect(files()).toHaveLength(kept.length + 1)
    expect(await ask(command, { ...bridge(), ...valid('c2') })).toBe(null)
    expect(files()).toEqual(kept)
  })
})

it('GC takes an address of which an old host-local wrote no interface with the last attachment of its container', async () => {
  await ask('ADD', bridge())
  for (const [address, id] of [
    ['10.22.0.8', 'c2'],
    ['10.22.0.9', 'c9'],
  ] as const)
    writeFileSync(join(each.dataDir, 'net1', address), id)
  expect(await ask('GC', { ...bridge(), ...valid('c1', 'c2') })).toBe(null)
  expect(addresses().sort()).toEqual(['10.22.0.2', '10.22.0.8'])
  expect(await ask('GC', { ...bridge(), ...valid('c1') })).toBe(null)
  expect(addresses()).toEqual(['10.22.0.2'])
})

describe('where GC cannot take something it takes the rest, and says what is left', () => {
  it('a rule that somebody else needs', async () => {
    const config = bridge({ macspoofchk: true })
    const port = String((await ask('ADD', config))!['interfaces'][1].name)
    const other = String((await ask('ADD', config, TWO))!['interfaces'][1].name)
    const elsewhere = `add chain bridge netlink-ts-cni other; add rule bridge netlink-ts-cni other jump ${port}`
    execFileSync('nft', elsewhere.split(' '))
    const collected = { ...config, ...valid() }
    expect(await ask('GC', collected)).toMatchObject({ code: 11, details: 'EBUSY' })
    expect([linkNames('c1'), linkNames('c2')]).toEqual([['lo'], ['lo']])
    expect(ruleset()).toContain(`chain ${port} `)
    expect(ruleset()).not.toContain(other)
    expect(ruleset()).not.toContain('masquerade')
    expect(addresses()).toEqual([])
    execFileSync('nft', ['delete', 'chain', 'bridge', 'netlink-ts-cni', 'other'])
    expect(await ask('GC', collected)).toBe(null)
    expect(ruleset()).not.toContain(port)
  })

  it('files of two containers, each of which is named', async () => {
    await ask('ADD', bridge())
    for (const id of ['c8', 'c9']) mkdirSync(join(each.dataDir, `net1/.${id}:eth0`))
    const refused = await ask('GC', { ...bridge(), ...valid() })
    expect(refused).toMatchObject({
      code: 5,
      msg: expect.stringMatching(/c8:eth0.*; .*c9:eth0|c9.*; .*c8/),
    })
    expect([linkNames('c1'), addresses()]).toEqual([['lo'], []])
  })
})
