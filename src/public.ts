/** What both faces export besides the operations. */

export { type AnyOf, DecodeError, type OneOf } from './codec/index.js'
export type { CallOptions } from './netlink/call.js'
export { DumpInterruptedError, NetlinkError, SystemError } from './netlink/errors.js'
export type { Extack, Policy } from './netlink/extack.js'
export type { NetnsHandle, NetnsLike } from './netlink/operation.js'
export type { RequestTiming } from './netlink/timing.js'
export type { CreateNetnsOptions } from './netns/create.js'
export type { NamedNetns } from './netns/list.js'
export type { ProcessNetns } from './netns/pids.js'
export type { SocketOptions } from './netns/socket.js'
export * from './rtnetlink/public.js'
