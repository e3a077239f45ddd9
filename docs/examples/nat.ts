/**
 * The tutorials' last step, for namespaces on a bridge (bridge.ts): out through the host, and a published port back in. A third namespace
 * is the internet, which knows no way to 192.168.15.0/24.
 *
 *   sysctl -w net.ipv4.ip_forward=1
 *   iptables -t nat -A POSTROUTING -s 192.168.15.0/24 -j MASQUERADE
 *   iptables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 192.168.15.2:80
 */
import http from 'node:http'
import { createNetns, createVethPair, deleteLink, type Netns, openSocketInNetns } from 'netlink-ts'
import { enableForwarding, masquerade, publishPort } from 'netlink-ts/nftables'
import { attach, BRIDGE, makeBridge } from './bridge.js'
import { get } from './http-in-namespace.js'
import { isMain } from './run.js'

const HOST = '203.0.113.1'
const INTERNET = '203.0.113.2'

type Step = <T>(what: string, work: () => Promise<T>) => Promise<T>

/** A web server that tells its visitors who they are. */
async function mirror(netns: string, address: string): Promise<http.Server> {
  const server = http.createServer(({ socket }, response) => {
    response.setHeader('connection', 'close')
    response.end(`${netns} sees ${socket.remoteAddress}`)
  })
  const fd = await openSocketInNetns(netns, { address, port: 80 })
  return await new Promise((resolve, reject) => {
    server.once('error', reject).listen({ fd }, () => resolve(server))
  })
}

/** Takes `blue`, 192.168.15.2, to the internet and back. What was answered, as lines. */
export async function throughTheHost(step: Step): Promise<string[]> {
  const internet = await createNetns('internet', { loopback: true })
  await createVethPair(
    { name: 'eth0', up: true, addresses: [`${HOST}/24`] },
    { name: 'eth0', netns: internet, up: true, addresses: [`${INTERNET}/24`] },
  )
  const servers = [await mirror('internet', INTERNET), await mirror('blue', '192.168.15.2')]
  try {
    await step('forwarding on', () => enableForwarding({ family: 'ipv4' }))
    const out = await step('192.168.15.0/24 masqueraded', () => masquerade({ source: '192.168.15.0/24' }))
    const port = await step('port 8080 published, to 192.168.15.2:80', () =>
      publishPort({ hostPort: 8080, to: '192.168.15.2:80' }),
    )
    const lines = [
      `from blue to ${INTERNET}: ${await get('blue', new URL(`http://${INTERNET}/`))}`,
      `from the internet to ${HOST}:8080: ${await get('internet', new URL(`http://${HOST}:8080/`))}`,
      `from the host to ${HOST}:8080: ${await (await fetch(`http://${HOST}:8080/`)).text()}`,
    ]
    await step('withdrawn', () => Promise.all([port.withdraw(), out.withdraw()]))
    return lines
  } finally {
    for (const server of servers) server.close()
    await deleteLink('eth0')
    await internet.delete()
  }
}

if (isMain(import.meta.url)) {
  await makeBridge()
  const blue: Netns = await attach('blue', '192.168.15.2')
  for (const line of await throughTheHost((_, work) => work())) console.log(line)
  await blue.delete()
  await deleteLink(BRIDGE)
}
