import { createVethPair, listLinks } from 'netlink-ts'
import * as sync from 'netlink-ts/sync'

await createVethPair({ name: 'near' }, { name: 'far' })
const names = (links) => links.map((link) => link.name).sort()
console.log(JSON.stringify({ promised: names(await listLinks()), immediate: names(sync.listLinks()) }))
