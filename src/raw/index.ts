/** Requests and subscriptions on the caller's own tables, as promises. */

export type { NetlinkSocketOptions, RawReply, RawRequestOptions } from './request.js'
export { NetlinkSocket, openNetlinkSocket, type RawEvent } from './socket.js'
