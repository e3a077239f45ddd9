import type { Topology } from '../../src/topology/value.js'

/** A topology of thirty steps, of every kind that there is. */
export const THIRTY_STEPS: Topology = {
  name: 'thirty',
  namespaces: Object.fromEntries(
    [1, 2, 3, 4, 5].map((number) => [
      `n${number}`,
      {
        sysctls: { 'net.ipv4.ip_forward': 1 },
        links: { eth0: { addresses: [`10.7.0.${number + 1}/24`] }, mv: { kind: 'macvlan', link: 'eth0' } },
        routes: [{ to: 'default', via: '10.7.0.1' }],
      },
    ]),
  ),
  bridges: { br7: { addresses: ['10.7.0.1/24'], ports: [1, 2, 3, 4, 5].map((number) => `n${number}:eth0`) } },
  links: {
    a: { peer: 'b', addresses: ['10.8.0.1/30'] },
    mv7: { kind: 'macvlan', link: 'a', mode: 'bridge' },
  },
  routes: [
    { to: '10.9.0.0/24', via: '10.7.0.2', metric: 5 },
    { to: '10.9.1.0/24', nexthops: [{ via: '10.7.0.2' }, { via: '10.7.0.3' }] },
    { to: '10.9.2.0/24', type: 'blackhole' },
  ],
  rules: [{ from: '10.9.0.0/16', table: 100, priority: 900 }],
  neighbours: [
    { to: '10.7.0.99', mac: '02:00:00:00:00:99', dev: 'br7' },
    { to: '10.7.0.98', mac: '02:00:00:00:00:98', dev: 'br7' },
  ],
  sysctls: { 'net.ipv4.ip_forward': 1, 'net.ipv4.conf.default.rp_filter': 2 },
}

/** What it is changed into: something of every kind goes, comes or becomes another. */
export const CHANGED: Topology = {
  ...THIRTY_STEPS,
  namespaces: {
    ...Object.fromEntries(Object.entries(THIRTY_STEPS.namespaces!).filter(([name]) => name !== 'n5')),
    n1: {
      sysctls: { 'net.ipv4.ip_forward': 0 },
      links: {
        eth0: { addresses: ['10.7.0.2/24', '10.7.1.2/24'], mtu: 1300 },
        mv: { kind: 'macvlan', link: 'eth0', mode: 'bridge' },
      },
      routes: [{ to: 'default', via: '10.7.0.1', metric: 3 }],
    },
    n6: { links: { eth0: { addresses: ['10.7.0.60/24'] } } },
  },
  bridges: {
    br7: {
      addresses: ['10.7.0.1/24'],
      stp: true,
      ports: ['n1:eth0', 'n2:eth0', 'n3:eth0', 'n4:eth0', 'n6:eth0'],
    },
    br8: {},
  },
  rules: [{ from: '10.9.0.0/16', table: 101, priority: 901 }],
  neighbours: [{ to: '10.7.0.99', mac: '02:00:00:00:00:aa', dev: 'br7' }],
}

/** With what is translated, for kernels that have a packet filter; its last two steps. */
export const TRANSLATED: Topology = {
  name: 'translated',
  bridges: { br7: { addresses: ['10.7.0.1/24'] } },
  nat: {
    masquerade: [{ source: '10.7.0.0/24', outgoing: 'up*' }],
    publish: [{ hostPort: 8080, to: '10.7.0.2:80' }],
  },
}
