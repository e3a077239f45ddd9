/** Where in the value an error says that something failed: a link is made together with its addresses and routes. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Topology } from '../../src/topology.js'
import { withoutDadHere } from './support.js'
import { cleanAll, stateOfAll, TOPOLOGY_FACES } from './topology-support.js'

beforeEach(withoutDadHere)
afterEach(cleanAll)

/** The route that the kernel makes with the address is there. */
const OWN = { to: '10.0.0.0/24', dev: 'eth0' }
const GATEWAY = { to: 'default', via: '10.0.0.2' }
const pair = (peer: string, addresses: string[]) => ({ eth0: { peer, addresses } })

/** What fails, the value, and where it says so. */
const FAILING: [string, Topology, string, string][] = [
  [
    'a route of a link in a namespace',
    { namespaces: { red: { links: pair(':far', ['10.0.0.1/24']), routes: [GATEWAY, OWN] } } },
    'namespaces.red.routes[1]',
    'EEXIST',
  ],
  [
    'a route of its other end',
    {
      namespaces: {
        red: { links: { eth0: { peer: 'blue:eth0' } } },
        blue: { links: { eth0: { addresses: ['10.0.0.1/24'] } }, routes: [GATEWAY, OWN] },
      },
    },
    'namespaces.blue.routes[1]',
    'EEXIST',
  ],
  [
    'a route of a bridge',
    {
      bridges: { br0: { addresses: ['10.0.0.1/24', '10.1.0.1/24'] } },
      routes: [
        { to: '10.2.0.0/24', via: '10.1.0.2' },
        { to: '10.1.0.0/24', dev: 'br0' },
      ],
    },
    'routes[1]',
    'EEXIST',
  ],
  [
    'an address of a link in a namespace',
    { namespaces: { red: { links: pair(':far', ['10.0.0.1/24', 'ff02::7/64']), routes: [GATEWAY] } } },
    'namespaces.red.links.eth0.addresses[1]',
    'EADDRNOTAVAIL',
  ],
  [
    'an address of a bridge',
    { bridges: { br0: { addresses: ['ff02::7/64'] } } },
    'bridges.br0.addresses[0]',
    'EADDRNOTAVAIL',
  ],
  [
    'a link itself',
    {
      namespaces: {
        red: { links: { v: { kind: 'macvlan', link: ':nowhere', addresses: ['10.0.0.1/24'] } } },
      },
    },
    'namespaces.red.links.v',
    'ENODEV',
  ],
]

describe.each(TOPOLOGY_FACES)('$face: the path is that of', ({ topology: tp }) => {
  it.each(FAILING)('%s', async (_, value, path, code) => {
    const before = stateOfAll()
    await expect((async () => tp.createTopology({ name: 'lab', ...value }))()).rejects.toMatchObject({
      ...{ path, code, left: [] },
      message: expect.stringContaining(`createTopology: ${path}: `),
    })
    expect(stateOfAll()).toEqual(before)
  })

  it('an address that a link gets later', async () => {
    const value = (...addresses: string[]): Topology => ({ name: 'lab', bridges: { br0: { addresses } } })
    await tp.createTopology(value('10.0.0.1/24'))
    const before = stateOfAll()
    const wider = value('10.0.0.1/24', '10.1.0.1/24', 'ff02::7/64')
    const planned = (await tp.planTopology(wider)).steps.map(({ path }) => path)
    expect(planned).toEqual(['bridges.br0.addresses[1]', 'bridges.br0.addresses[2]'])
    await expect((async () => tp.applyTopology(wider))()).rejects.toMatchObject({
      ...{ path: 'bridges.br0.addresses[2]', code: 'EADDRNOTAVAIL', left: [] },
    })
    expect(stateOfAll()).toEqual(before)
  })
})
