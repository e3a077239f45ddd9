/** The rule builder: fields, statements and rule(). */

export { type Branch, goto, jump } from './branch.js'
export { payload } from './bytes.js'
export type { Statement } from './compiler.js'
export { icmp, icmpv6, igmp } from './control.js'
export { dup, fwd } from './copies.js'
export { inside, ipsec, tunnel } from './encapsulated.js'
export type { Direction } from './facts.js'
export { ct, meta, numgen } from './facts.js'
export type { ListedValue } from './listed-value.js'
export { fib, socket } from './lookups.js'
export { jhash, osf, routeMss, rt, symhash } from './more.js'
export {
  type AddressOptions,
  dnat,
  masquerade as masq,
  type NatOptions,
  type NatTarget,
  type PortOptions,
  redirect,
  snat,
} from './nat.js'
export { extensionHeaders, ipOptions, sctpChunks, tcpOptionField, tcpOptions } from './option-fields.js'
export { extensionHeader, ipOption, resetTcpOption, sctpChunk, tcpOption } from './options.js'
export {
  ah,
  arp,
  comp,
  dccp,
  esp,
  ether,
  ip,
  ip6,
  sctp,
  tcp,
  th,
  udp,
  udplite,
  vlan,
} from './protocols.js'
export { type ProxyAddress, type QueueOptions, queue, synproxy, tproxy } from './proxy.js'
export { type IcmpReason, type RejectReason, reject } from './reject.js'
export { type RuleBody, rule } from './rule.js'
export {
  type Concatenation,
  concat,
  type Expr,
  type PartlySettable,
  type Selector,
  type Settable,
  type Tuples,
  type Value,
  type Values,
} from './selector.js'
export { type SetRef, set } from './set-ref.js'
export {
  addElement,
  constant,
  type DynamicOptions,
  deleteElement,
  stateful,
  updateElement,
  useObject,
} from './sets.js'
export {
  accept,
  connectionLimit,
  counter,
  drop,
  flowOffload,
  type LimitOptions,
  type LogOptions,
  last,
  limit,
  log,
  namedObject,
  notrack,
  quota,
  raw,
  verdict,
} from './statements.js'
