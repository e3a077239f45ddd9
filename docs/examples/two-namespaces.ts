/**
 * Two namespaces joined by a veth pair: red (192.168.15.1) and blue (192.168.15.2).
 *
 *   ip netns add red; ip netns add blue
 *   ip link add veth-red type veth peer name veth-blue
 *   ip link set veth-red netns red; ip link set veth-blue netns blue
 *   ip -n red addr add 192.168.15.1/24 dev veth-red; ip -n red link set veth-red up     (and the same for blue)
 */
import { createNetns, createVethPair, type Netns } from 'netlink-ts'
import { isMain, run } from './run.js'

export async function twoNamespaces(): Promise<{ red: Netns; blue: Netns }> {
  const red = await createNetns('red', { loopback: true })
  const blue = await createNetns('blue', { loopback: true })
  await createVethPair(
    { name: 'veth-red', netns: red, up: true, addresses: ['192.168.15.1/24'] },
    { name: 'veth-blue', netns: blue, up: true, addresses: ['192.168.15.2/24'] },
  )
  return { red, blue }
}

if (isMain(import.meta.url)) {
  const { red, blue } = await twoNamespaces()
  await run(red, 'ping', ['-c1', '192.168.15.2'])
  await red.delete()
  await blue.delete()
}
