/** The JSON Schema, which is made from the types: another program's validator takes what the check takes. */

import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { lab } from '../../docs/examples/lab.js'
import { published } from '../../docs/examples/published.js'
import {
  leafSpine,
  line,
  normalizeTopology,
  pair,
  ring,
  star,
  type Topology,
} from '../../src/topology/public.js'
import { schemaOf } from '../../tsup.schema.js'
import { THIRTY_STEPS } from '../kernel/topology-thirty.js'

const validate = new Ajv2020({ strictTypes: false }).compile(schemaOf('src/topology/value.ts', 'Topology'))
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const KINDS: Topology = {
  namespaces: {
    red: {
      loopback: false,
      links: {
        bond0: { kind: 'bond', mode: 'active-backup' },
        x: { kind: 'dummy', master: 'bond0', mac: '02:00:00:00:00:01', up: false },
        v: { kind: 'vlan', link: 'x', id: 5 },
        vx: { kind: 'vxlan', id: 7, dstport: 4789, local: '10.0.0.1' },
        eth0: {
          peer: ':e',
          addresses: ['10.0.0.1/24', { address: 'fd00::1/64', flags: ['nodad'] }],
          queues: { tx: 1 },
        },
      },
      routes: [
        { to: 'default', family: 'ipv4', nexthops: [{ via: '10.0.0.2', weight: 2 }], metrics: { mtu: 1400 } },
      ],
      rules: [{ from: '10.0.0.0/8', table: 9, sport: { start: 1, end: 5 } }],
      neighbours: [{ to: '10.0.0.9', dev: 'eth0', mac: '02:00:00:00:00:09', state: 'permanent' }],
      sysctls: { 'net.ipv4.ip_forward': 1 },
    },
  },
}

const NAT: Topology = {
  namespaces: {
    red: {
      links: { eth0: { peer: ':e' } },
      nat: {
        masquerade: [
          { source: '10.1.0.0/24', outgoing: 'eth*', except: '10.2.0.0/24', name: 'out' },
          { source: 'fd00:1::/64', outgoing: ['eth0', 'eth1'], except: ['fd00:1::/64', 'ff00::/8'] },
        ],
        publish: [
          { protocol: 'udp', hostPort: '8000-8010', to: '10.1.0.2:9000-9010', dev: 'eth0', name: 'games' },
          { hostPort: 443, hostAddress: 'fd00:2::1', to: '[fd00:1::2]:443' },
        ],
      },
    },
  },
  nat: {},
}
const MASQUERADE = { source: '10.1.0.0/24' }
const PORT = { hostPort: 80, to: '10.1.0.2:80' }

describe('the JSON Schema', () => {
  it.each([
    ['the lab', lab],
    ['thirty steps', THIRTY_STEPS],
    ['kinds', KINDS],
    ['what is translated', NAT],
    ['a published port', published],
    ['a pair', pair()],
    ['a star', star(3)],
    ['a line', line(3)],
    ['a ring', ring(3)],
    ['leaves and spines', leafSpine({ spines: 2, leaves: 2 })],
  ])('takes %s', (_, value) => {
    validate(json(value))
    expect(validate.errors).toBeNull()
    expect(() => normalizeTopology(value)).not.toThrow()
  })

  it.each([
    [{ namespaces: [] }],
    [{ namespaces: { red: { colour: 1 } } }],
    [{ namespaces: { red: { links: { eth0: { mtu: 'x' } } } } }],
    [{ namespaces: { red: { links: { v: { kind: 'vlan' } } } } }],
    [{ namespaces: { red: { links: { v: { kind: 'nonsense' } } } } }],
    [{ bridges: { br: { ports: 'red:eth0' } } }],
    [{ bridges: { br: { stp: 1 } } }],
    [{ routes: [{ via: '10.0.0.1' }] }],
    [{ neighbours: [{ to: '10.0.0.1' }] }],
    [{ sysctls: { 'net.ipv4.ip_forward': true } }],
    [{ nat: [] }],
    [{ nat: { forward: [] } }],
    [{ nat: { masquerade: MASQUERADE } }],
    [{ nat: { masquerade: [{}] } }],
    [{ nat: { masquerade: [{ source: ['10.1.0.0/24'] }] } }],
    [{ nat: { masquerade: [{ ...MASQUERADE, outgoing: 1 }] } }],
    [{ nat: { masquerade: [{ ...MASQUERADE, except: [1] }] } }],
    [{ nat: { masquerade: [{ ...MASQUERADE, netns: 'red' }] } }],
    [{ nat: { publish: PORT } }],
    [{ nat: { publish: [{ hostPort: 80 }] } }],
    [{ nat: { publish: [{ to: '10.1.0.2:80' }] } }],
    [{ nat: { publish: [{ ...PORT, hostPort: true }] } }],
    [{ nat: { publish: [{ ...PORT, to: 80 }] } }],
    [{ nat: { publish: [{ ...PORT, protocol: 'icmp' }] } }],
    [{ nat: { publish: [{ ...PORT, hostAddress: ['10.0.0.1'] }] } }],
    [{ nat: { publish: [{ ...PORT, signal: {} }] } }],
    [{ namespaces: { red: { nat: { publish: [{ ...PORT, dev: 1 }] } } } }],
  ])('refuses %j, as the check does', (value) => {
    expect(validate(value)).toBe(false)
    expect(() => normalizeTopology(value as Topology)).toThrow()
  })
})
