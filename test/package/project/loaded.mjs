// Prints which files of other packages, and which addons, are loaded after the import and after a call of each face.
import { createRequire } from 'node:module'
import { listLinks } from 'netlink-ts'
import * as sync from 'netlink-ts/sync'

const { cache } = createRequire(import.meta.url)
const loaded = () => Object.keys(cache).filter((file) => !file.includes('/netlink-ts/dist/'))

const afterImport = loaded()
sync.listLinks()
await listLinks()
console.log(JSON.stringify({ afterImport, afterCalls: loaded() }))
