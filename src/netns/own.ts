/** What becomes a method of the namespace that it takes first. */

export { deleteOpened as delete } from './delete.js'
export { listNetnsPids } from './pids.js'
export { openSocketInNetns } from './socket.js'
