/** What both faces of netlink-ts/nftables export of the verbs besides the operations. */

export type { AllowedForwarding, AllowForwardingOptions } from './allow-forwarding.js'
export type { BlockedPort, BlockPortOptions } from './block-port.js'
export type { PortProtocol } from './check.js'
export type { EnableForwardingOptions } from './enable-forwarding.js'
export type { IsolateOptions, Isolation } from './isolate.js'
export type { NatEntry } from './list-nat.js'
export type { Masquerade, MasqueradeOptions } from './masquerade.js'
export type { PublishedPort, PublishPortOptions } from './publication.js'
