// Prints which files of other packages, which addons and which of its own files are loaded after the import and after a call of each face.
import { createRequire } from 'node:module'
import { listLinks } from 'netlink-ts'
import * as sync from 'netlink-ts/sync'

const { cache } = createRequire(import.meta.url)
const DIST = '/netlink-ts/dist/cjs/'
const loaded = () => Object.keys(cache).filter((file) => !file.includes('/netlink-ts/dist/'))
const own = () => Object.keys(cache).flatMap((file) => file.split(DIST).slice(1))

const afterImport = loaded()
const ownAfterImport = own()
sync.listLinks()
await listLinks()
console.log(JSON.stringify({ afterImport, afterCalls: loaded(), ownAfterImport, ownAfterCalls: own() }))
