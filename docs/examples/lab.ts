/** A router between two networks, made as one value, drawn, and taken away again: `node --import tsx docs/examples/lab.ts`, as root. */
import { pathToFileURL } from 'node:url'
import {
  createTopology,
  deleteTopology,
  drawTopology,
  readTopology,
  settled,
  type Topology,
} from 'netlink-ts/topology'

export const lab: Topology = {
  name: 'lab',
  namespaces: {
    red: {
      links: { eth0: { addresses: ['192.168.15.1/24'] } },
      routes: [{ to: 'default', via: '192.168.15.254' }],
    },
    blue: {
      links: { eth0: { addresses: ['192.168.15.2/24'] } },
      routes: [{ to: 'default', via: '192.168.15.254' }],
    },
    router: {
      sysctls: { 'net.ipv4.ip_forward': 1 },
      links: {
        inside: { addresses: ['192.168.15.254/24'] },
        outside: { peer: 'far:eth0', addresses: ['10.0.0.1/30'] },
      },
    },
    far: {
      links: { eth0: { addresses: ['10.0.0.2/30'] }, spare: { kind: 'macvlan', link: 'eth0', up: false } },
      routes: [{ to: '192.168.15.0/24', via: '10.0.0.1' }],
    },
  },
  bridges: { 'v-net-0': { ports: ['red:eth0', 'blue:eth0', 'router:inside'] } },
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await createTopology(lab)
  await settled(lab)
  console.log(drawTopology(await readTopology()))
  await deleteTopology('lab')
}
