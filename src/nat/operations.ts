/** The operations of netlink-ts/nftables, by the names that they have in both faces: on the ruleset, and the verbs above it. */

export * from '../nftables/operations.js'
export { allowForwarding } from './allow-forwarding.js'
export { blockPort } from './block-port.js'
export { enableForwarding } from './enable-forwarding.js'
export { isolate } from './isolate.js'
export { listNat } from './list-nat.js'
export { masquerade } from './masquerade.js'
export { publishPort } from './publish-port.js'
