import { type Address, createNetns, createVethPair, type Link, NetlinkError, type Netns } from 'netlink-ts'
import { getLink } from 'netlink-ts/sync'

function describe(netns: Netns, link: Link, addresses: Address[]): string {
  return `${netns.name} ${link.name} ${link.up} ${addresses[0]?.address}`
}

async function main(): Promise<void> {
  const red = await createNetns('red', { loopback: true })
  const blue = await createNetns('blue', { loopback: true })
  await createVethPair(
    { name: 'veth-red', netns: red, up: true, addresses: ['192.168.15.1/24'] },
    { name: 'veth-blue', netns: blue, up: true, addresses: ['192.168.15.2/24'] },
  )
  for (const netns of [red, blue]) {
    for (const link of await netns.listLinks({ kind: 'veth' })) {
      const addresses = await netns.listAddresses({ dev: link.ifindex, family: 'ipv4' })
      console.log(describe(netns, link, addresses))
    }
    await netns.delete()
  }
  try {
    getLink('veth-red')
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENODEV') console.log('gone')
    else throw error
  }
}

main()
