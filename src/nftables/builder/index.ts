/** The rule builder: fields, statements and rule(). */

export type { Statement } from './compiler.js'
export { inside, ipsec, tunnel } from './encapsulated.js'
export type { Direction } from './facts.js'
export { ct, fib, meta, numgen, socket } from './facts.js'
export { dup, fwd, jhash, osf, routeMss, rt, symhash, synproxy } from './more.js'
export {
  type AddressOptions,
  dnat,
  masquerade as masq,
  type NatOptions,
  type NatTarget,
  type PortOptions,
  redirect,
  snat,
  tproxy,
} from './nat.js'
export { extensionHeader, ipOption, payload, tcpOption, tcpOptions } from './options.js'
export {
  ah,
  arp,
  dccp,
  esp,
  ether,
  icmp,
  icmpv6,
  ip,
  ip6,
  sctp,
  tcp,
  th,
  udp,
  udplite,
  vlan,
} from './protocols.js'
export { type IcmpReason, type RejectReason, reject } from './reject.js'
export { type RuleBody, rule } from './rule.js'
export {
  type Concatenation,
  concat,
  type Expr,
  type Selector,
  type Settable,
  type Value,
  type Values,
} from './selector.js'
export { type SetRef, set } from './set-ref.js'
export { addElement, type DynamicOptions, deleteElement, updateElement, useObject } from './sets.js'
export {
  accept,
  connectionLimit,
  counter,
  drop,
  flowOffload,
  goto,
  jump,
  type LimitOptions,
  type LogOptions,
  last,
  limit,
  log,
  namedObject,
  notrack,
  queue,
  quota,
  raw,
  verdict,
} from './statements.js'
