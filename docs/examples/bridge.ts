/**
 * Namespaces on a bridge: the host is 192.168.15.5 on v-net-0, red and blue reach it and each other over it, and everything else
 * through it.
 *
 *   ip link add v-net-0 type bridge; ip link set v-net-0 up; ip addr add 192.168.15.5/24 dev v-net-0
 *   ip link add veth-red type veth peer name veth-red-br
 *   ip link set veth-red netns red; ip link set veth-red-br master v-net-0; ip link set veth-red-br up
 *   ip -n red addr add 192.168.15.1/24 dev veth-red; ip -n red link set veth-red up
 *   ip netns exec red ip route add default via 192.168.15.5                             (and the same for blue)
 */
import { createBridge, createNetns, createVethPair, deleteLink, type Netns } from 'netlink-ts'
import { isMain, run } from './run.js'

export const BRIDGE = 'v-net-0'
export const GATEWAY = '192.168.15.5'

export async function makeBridge(): Promise<void> {
  await createBridge({ name: BRIDGE, up: true, addresses: [`${GATEWAY}/24`] })
}

/** Makes a namespace and joins it to the bridge: one namespace, two sendmsg. */
export async function attach(name: string, address: string): Promise<Netns> {
  const netns = await createNetns(name, { loopback: true })
  await createVethPair(
    { name: `veth-${name}-br`, master: BRIDGE, up: true },
    {
      name: `veth-${name}`,
      netns,
      up: true,
      addresses: [`${address}/24`],
      routes: [{ to: 'default', via: GATEWAY }],
    },
  )
  return netns
}

if (isMain(import.meta.url)) {
  await makeBridge()
  const red = await attach('red', '192.168.15.1')
  const blue = await attach('blue', '192.168.15.2')
  await run(blue, 'ping', ['-c1', '192.168.15.1'])
  await run(red, 'ping', ['-c1', GATEWAY])
  await red.delete()
  await blue.delete()
  await deleteLink(BRIDGE)
}
