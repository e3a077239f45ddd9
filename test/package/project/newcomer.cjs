const { createNetns, createVethPair } = require('netlink-ts/sync')

const red = createNetns('red', { loopback: true })
const blue = createNetns('blue', { loopback: true })
createVethPair(
  { name: 'veth-red', netns: red, up: true, addresses: ['192.168.15.1/24'] },
  { name: 'veth-blue', netns: blue, up: true, addresses: ['192.168.15.2/24'] },
)
for (const netns of [red, blue]) {
  for (const link of netns.listLinks({ kind: 'veth' })) {
    const [first] = netns.listAddresses({ dev: link.ifindex, family: 'ipv4' })
    console.log(netns.name, link.name, link.up, first.address)
  }
  netns.delete()
}
