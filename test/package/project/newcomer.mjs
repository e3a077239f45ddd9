import { createNetns, createVethPair } from 'netlink-ts'

const red = await createNetns('red', { loopback: true })
const blue = await createNetns('blue', { loopback: true })
await createVethPair(
  { name: 'veth-red', netns: red, up: true, addresses: ['192.168.15.1/24'] },
  { name: 'veth-blue', netns: blue, up: true, addresses: ['192.168.15.2/24'] },
)
for (const netns of [red, blue]) {
  for (const link of await netns.listLinks({ kind: 'veth' })) {
    const [first] = await netns.listAddresses({ dev: link.ifindex, family: 'ipv4' })
    console.log(netns.name, link.name, link.up, first.address)
  }
  await netns.delete()
}
