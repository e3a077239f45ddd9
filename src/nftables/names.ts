/** Names for the numbers of nf_tables that more than one table uses, as nft(8) writes them. */

import { names } from '../codec/index.js'
import * as nf from '../netlink/netfilter.js'

/** NFPROTO_*: the families of tables. */
export const families = names({
  ip: nf.NFPROTO_IPV4,
  ip6: nf.NFPROTO_IPV6,
  inet: nf.NFPROTO_INET,
  arp: nf.NFPROTO_ARP,
  bridge: nf.NFPROTO_BRIDGE,
  netdev: nf.NFPROTO_NETDEV,
})
/** The family of a table: 'inet' sees IPv4 and IPv6, 'netdev' the packets of devices. */
export type NftFamily = keyof typeof families.numbers

/** enum nft_table_flags */
export const tableFlags = names({ dormant: 1, owner: 2, persist: 4 })
/**
 * A property of a table: 'dormant' ones are passed over, an 'owner' takes it along when its socket closes, unless it is to 'persist'. A listed
 * table with an 'owner' is taken by the addTable() of openNftables() alone.
 */
export type TableFlag = keyof typeof tableFlags.numbers

/** enum nft_chain_flags */
export const chainFlags = names({ base: 1, 'hw-offload': 2, binding: 4 })
/** A property of a chain: 'base' where it has a hook. */
export type ChainFlag = keyof typeof chainFlags.numbers

/** enum nft_set_flags; `dynamic` is NFT_SET_EVAL: rules add elements. */
export const setFlags = names({
  anonymous: 0x1,
  constant: 0x2,
  interval: 0x4,
  map: 0x8,
  timeout: 0x10,
  dynamic: 0x20,
  object: 0x40,
  concat: 0x80,
  expr: 0x100,
})
/** A property of a set: 'interval', 'timeout', 'dynamic', 'constant'; the others follow from what it holds. */
export type SetFlag = keyof typeof setFlags.numbers

/** enum nft_set_policies */
export const setPolicies = names({ performance: 0, memory: 1 })
/** Whether the kernel keeps a set for speed or for little memory. */
export type SetPolicy = keyof typeof setPolicies.numbers

/** enum nft_set_elem_flags */
export const elementFlags = names({ 'interval-end': 1, catchall: 2 })

/** enum nft_flowtable_flags */
export const flowtableFlags = names({ offload: 1, counter: 2 })
/** A property of a flowtable: handled by the device, or counting. */
export type FlowtableFlag = keyof typeof flowtableFlags.numbers

/** NFT_OBJECT_* */
export const objectTypes = names({
  unspec: 0,
  counter: 1,
  quota: 2,
  'ct-helper': 3,
  limit: 4,
  connlimit: 5,
  tunnel: 6,
  'ct-timeout': 7,
  secmark: 8,
  'ct-expect': 9,
  synproxy: 10,
})
/** What a stateful object is: a counter, a quota, a limit and so on. */
export type ObjectType = keyof typeof objectTypes.numbers

/** enum nft_verdicts and NF_* of linux/netfilter.h */
export const verdicts = names({
  drop: 0,
  accept: 1,
  stolen: 2,
  queue: 3,
  repeat: 4,
  continue: 0xffffffff,
  break: 0xfffffffe,
  jump: 0xfffffffd,
  goto: 0xfffffffc,
  return: 0xfffffffb,
})

/** NF_NAT_RANGE_* of linux/netfilter/nf_nat.h */
export const natFlags = names({
  'map-ips': 0x1,
  'proto-specified': 0x2,
  'proto-random': 0x4,
  persistent: 0x8,
  'proto-random-fully': 0x10,
  'proto-offset': 0x20,
  netmap: 0x40,
})
export type NatFlag = keyof typeof natFlags.numbers

/** enum nft_trace_types */
export const traceTypes = names({ unspec: 0, policy: 1, return: 2, rule: 3 })
