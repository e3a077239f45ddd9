/** The operations that act inside a namespace: the methods of a handle. */

export { createBridge, createLink } from './link/create.js'
export { getLink, listLinks } from './link/list.js'
export { deleteLink, moveLink, setLink } from './link/set.js'
export { createVethPair } from './link/veth.js'
