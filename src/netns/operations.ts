/** The operations on namespaces. */

export { createNetns, openNetns } from './create.js'
export { deleteNetns } from './delete.js'
export { identifyNetns, listNetns } from './list.js'
export { listNetnsPids } from './pids.js'
export { openSocketInNetns } from './socket.js'
