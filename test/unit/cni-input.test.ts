/** What docs/examples/cni takes of a call of a runtime, and how it answers, before any plugin does anything. */

import { expect, it } from 'vitest'
import { handle } from '../../docs/examples/cni/handle.js'
import { parseCall } from '../../docs/examples/cni/input.js'

const C1 = { CNI_CONTAINERID: 'c1', CNI_NETNS: '/run/netns/c1', CNI_IFNAME: 'eth0' }
const CONFIG = { cniVersion: '1.1.0', name: 'net1', type: 'bridge' }

const answer = async (CNI_COMMAND: string, env: Record<string, string> = {}, config: object = CONFIG) =>
  await handle({ CNI_COMMAND, ...env }, JSON.stringify(config))

it.each<[string, Record<string, string>, string]>([
  ['ADD', {}, 'CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME'],
  ['CHECK', { CNI_CONTAINERID: 'c1' }, 'CNI_NETNS, CNI_IFNAME'],
  ['DEL', { CNI_NETNS: '/run/netns/c1', CNI_IFNAME: '' }, 'CNI_CONTAINERID, CNI_IFNAME'],
])('%s with %j: the error names all that are missing: %s', async (command, env, names) => {
  const msg = `${names}: missing, ${command} needs it`
  expect(await answer(command, env)).toEqual({ output: { cniVersion: '1.1.0', code: 4, msg }, status: 1 })
})

it.each(['', 'add', 'VERSIONS'])('the command %j: 4 with the variable', async (command) => {
  const output = { cniVersion: '1.1.0', code: 4, msg: `CNI_COMMAND: '${command}' is no command` }
  expect(await answer(command, C1)).toEqual({ output, status: 1 })
})

it.each(['GC', 'STATUS'])('%s is of no container, whatever the variables of one say', (command) => {
  const env = { CNI_COMMAND: command, CNI_CONTAINERID: '../c1', CNI_IFNAME: 'a/b', CNI_NETNS: '/nowhere' }
  const call = parseCall({ ...env, CNI_ARGS: 'IP' }, JSON.stringify(CONFIG))
  expect(call).toMatchObject({ containerID: '', ifname: '', netns: '', args: {} })
})

it('DEL gets through with CNI_ARGS that ADD refuses', () => {
  const of = (CNI_COMMAND: string) =>
    parseCall({ CNI_COMMAND, ...C1, CNI_ARGS: 'IP=10.1.1.1;K8S' }, JSON.stringify(CONFIG))
  expect(of('DEL')).toMatchObject({ containerID: 'c1', args: {} })
  expect(() => of('ADD')).toThrow("CNI_ARGS: 'K8S' is not KEY=VALUE")
})

it('keys that are the runtime’s, or nobody’s, are passed over', () => {
  const config = {
    ...CONFIG,
    cniVersions: ['0.4.0', '1.0.0', '2.0.0'],
    capabilities: { portMappings: true },
    disableCheck: true,
    disableGC: true,
    loadOnlyInlinedPlugins: true,
    args: { labels: { a: 'b' } },
    keyA: ['some more'],
  }
  expect(parseCall({ CNI_COMMAND: 'ADD', ...C1 }, JSON.stringify(config)).config).toMatchObject(config)
})

it.each<[string, object]>([
  ['VERSION', {}],
  ['VERSION', { cniVersion: '0.4.0' }],
  ['VERSION', { cniVersion: '9.9.9', name: '../' }],
])('%s with %j: the versions, and the one that was asked in', async (command, config) => {
  const cniVersion = (config as { cniVersion?: string }).cniVersion ?? '1.1.0'
  const supportedVersions = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']
  expect(await answer(command, {}, config)).toEqual({ output: { cniVersion, supportedVersions }, status: 0 })
})

it.each<[string, unknown]>([
  ['ADD', undefined],
  ['DEL', '0.1.0'],
  ['ADD', '0.2.0'],
  ['ADD', '1.2.0'],
  ['DEL', 'newest'],
  ['CHECK', '0.3.1'],
  ['STATUS', '1.0.0'],
  ['GC', '1.0.0'],
])('%s of version %s: 1', async (command, cniVersion) => {
  const { output, status } = await answer(command, C1, { ...CONFIG, cniVersion })
  expect([status, output]).toEqual([1, expect.objectContaining({ code: 1 })])
  expect(output).toHaveProperty('msg', expect.stringMatching(/^cniVersion: /))
})

it.each([5, ['1.1.0'], {}, true])('a version that is no text, %j: 6', async (cniVersion) => {
  const msg = `cniVersion: ${JSON.stringify(cniVersion)} is no string`
  const refused = { output: { cniVersion: '1.1.0', code: 6, msg }, status: 1 }
  for (const command of ['ADD', 'DEL', 'GC'])
    expect(await answer(command, C1, { ...CONFIG, cniVersion })).toEqual(refused)
})

it.each(['toString', 'constructor', '__proto__', '', 'vlan'])('the plugin %j: 7', async (type) => {
  const msg = `type: '${type}' is none of bridge,portmap`
  expect((await answer('ADD', C1, { ...CONFIG, type })).output).toMatchObject({ code: 7, msg })
})
