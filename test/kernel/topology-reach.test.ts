/** Which gateways a namespace reaches: a topology is refused that the kernel would not make, and no other. */

import { afterEach, expect, it } from 'vitest'
import { createTopology, planTopology, type Topology } from '../../src/topology.js'
import { ipJson } from './support.js'
import { cleanAll } from './topology-support.js'

afterEach(cleanAll)

it.each([
  ['ipv4', '-4', '10.9.0.0/16', '10.77.0.1'],
  ['ipv6', '-6', '2001:db8:9::/48', '2001:db8::1'],
] as const)('%s: a gateway is reached by a default route without one', async (family, option, to, via) => {
  const value: Topology = {
    name: 'reach',
    namespaces: {
      red: {
        links: { e: { peer: 'f', addresses: ['10.0.0.1/24', '2001:db8:1::1/64'] }, f: {} },
        routes: [
          { to: 'default', family, dev: 'e' },
          { to, via, dev: 'e' },
        ],
      },
    },
  }
  await createTopology(value)
  expect(ipJson(`${option} route show ${to}`, 'red')).toMatchObject([{ dst: to, gateway: via, dev: 'e' }])
  expect((await planTopology(value)).explain()).toEqual([])
})
