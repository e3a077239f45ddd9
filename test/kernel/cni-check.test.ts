/** What CHECK of docs/examples/cni finds in the packet filter: all that others changed there, and nothing where nobody did. */

import { expect, it } from 'vitest'
import { ask, type Config, eachWithContainer } from './cni-support.js'
import { needNftables } from './needs.js'
import type { Printed } from './support.js'

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
