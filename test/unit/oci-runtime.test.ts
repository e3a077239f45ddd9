/** docs/examples/oci-runtime.ts: what a container's network is called. */

import { expect, it } from 'vitest'
import { networkOf } from '../../docs/examples/oci-runtime.js'
import { parseTopology } from '../../src/topology/parse.js'

/** The bridge's end of a container's pair. */
function portOf(id: string): string {
  const network = networkOf({ id, address: '10.22.0.2', publish: ['8080:80'] })
  expect(() => parseTopology(network)).not.toThrow()
  const [port = '', ...others] = Object.keys(network.links!)
  expect(others).toEqual([])
  expect(network.namespaces![id]!.links!['eth0']).toMatchObject({ peer: `:${port}` })
  return port
}

it('a short id is in the name of the port', () => {
  expect(portOf('web')).toBe('veth-web')
  expect(portOf('container1')).toBe('veth-container1')
})

it('a longer one has a name of its own that an interface can have, whichever of its digits tells it apart', () => {
  const digits = '0123456789abcdef'
  const last = digits.slice(0, 15)
  const ids = [
    ...[digits.slice(0, 11), digits.slice(0, 12), `${digits.slice(0, 11)}0`],
    ...[digits.repeat(4), `${digits.repeat(3)}${last}0`, `1${digits.repeat(3)}${last}`],
  ]
  const ports = ids.map(portOf)
  expect(new Set(ports).size).toBe(ids.length)
  for (const port of ports) expect(port).toMatch(/^veth-[0-9a-f]{10}$/)
  // Whoever ends a container finds what began it, in another process.
  expect(ids.map(portOf)).toEqual(ports)
})
