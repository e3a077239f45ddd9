/** The operations on namespaces. */

export { attachNetns } from './attach.js'
export { createNetns, openNetns } from './create.js'
export { deleteNetns } from './delete.js'
export { identifyNetns, listNetns } from './list.js'
export { listNetnsPids, listProcessNetns } from './pids.js'
export { openSocketInNetns } from './socket.js'
