/** A web server behind a bridge, published on the host, made as one value, drawn, and taken away again: `node --import tsx docs/examples/published.ts`, as root. */
import {
  createTopology,
  deleteTopology,
  drawTopology,
  readTopology,
  type Topology,
} from 'netlink-ts/topology'
import { isMain } from './run.js'

export const published: Topology = {
  name: 'published',
  namespaces: {
    web: {
      links: { eth0: { mac: '02:00:00:00:05:02', addresses: ['10.5.0.2/24'] } },
      routes: [{ to: 'default', via: '10.5.0.1' }],
    },
  },
  sysctls: { 'net.ipv4.ip_forward': 1 },
  bridges: { br0: { mac: '02:00:00:00:05:01', addresses: ['10.5.0.1/24'], ports: ['web:eth0'] } },
  nat: {
    masquerade: [{ source: '10.5.0.0/24', except: '10.5.0.0/24' }],
    publish: [{ hostPort: 8080, to: '10.5.0.2:80' }],
  },
}

if (isMain(import.meta.url)) {
  await createTopology(published)
  console.log(drawTopology(await readTopology(), { format: 'dot' }))
  await deleteTopology('published')
}
