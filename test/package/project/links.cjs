const { createVethPair, listLinks } = require('netlink-ts')
const sync = require('netlink-ts/sync')

async function main() {
  await createVethPair({ name: 'near' }, { name: 'far' })
  const names = (links) => links.map((link) => link.name).sort()
  console.log(JSON.stringify({ promised: names(await listLinks()), immediate: names(sync.listLinks()) }))
}

main()
