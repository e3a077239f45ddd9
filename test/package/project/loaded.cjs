// Prints which files of other packages, which addons and which of its own files are loaded after the import and after a call of each face.
const { listLinks } = require('netlink-ts')
const sync = require('netlink-ts/sync')

const DIST = '/netlink-ts/dist/cjs/'
const files = () => Object.keys(require.cache).filter((file) => file !== __filename)
const loaded = () => files().filter((file) => !file.includes(DIST))
const own = () => files().flatMap((file) => file.split(DIST).slice(1))

async function main() {
  const afterImport = loaded()
  const ownAfterImport = own()
  sync.listLinks()
  await listLinks()
  console.log(JSON.stringify({ afterImport, afterCalls: loaded(), ownAfterImport, ownAfterCalls: own() }))
}

main()
