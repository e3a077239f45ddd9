// Prints which files of the package are loaded after the import, after links were listed, and after a link of one kind was asked for.
const { createLink, listLinks } = require('netlink-ts/sync')
require('netlink-ts')

const DIST = '/netlink-ts/dist/cjs/'
const own = () => Object.keys(require.cache).flatMap((file) => file.split(DIST).slice(1))

const afterImport = own()
listLinks({ kind: 'dummy' })
const afterList = own()
let refused = ''
try {
  createLink({ kind: 'vxlan', name: 'vxlan0', vni: 5 })
} catch (error) {
  refused = error.message
}
console.log(JSON.stringify({ afterImport, afterList, afterCreate: own(), refused }))
