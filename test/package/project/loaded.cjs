// Prints which files of other packages, and which addons, are loaded after the import and after a call of each face.
const { listLinks } = require('netlink-ts')
const sync = require('netlink-ts/sync')

const loaded = () =>
  Object.keys(require.cache).filter((file) => file !== __filename && !file.includes('/netlink-ts/dist/'))

async function main() {
  const afterImport = loaded()
  sync.listLinks()
  await listLinks()
  console.log(JSON.stringify({ afterImport, afterCalls: loaded() }))
}

main()
