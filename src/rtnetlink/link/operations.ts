/** The operations on links. */

export { createBridge, createLink } from './create.js'
export { deleteLink, deleteLinkGroup } from './delete.js'
export { getLink, listLinks } from './list.js'
export { getLinkStats, listLinkStats } from './list-stats.js'
export { moveLink, moveLinkGroup } from './move.js'
export { setLink } from './set.js'
export { setLinkGroup } from './set-group.js'
export { setLinkStats } from './set-stats.js'
export { createVethPair } from './veth.js'
