/** How `ip link` writes what createLink() and setLink() take. */

import type { Words } from './twins.js'

// biome-ignore lint/suspicious/noExplicitAny: each option of each kind has a type of its own
export type Options = Record<string, any>

export const onOff = (word: string) => (value: boolean) => `${word} ${value ? 'on' : 'off'}`
const number = (word: string) => (value: unknown) => `${word} ${Number(value)}`
export const plain = (word: string) => (value: unknown) => `${word} ${value}`

export const CHANGE: Words<Options> = {
  up: (value: boolean) => (value ? 'up' : 'down'),
  name: plain('name'),
  mac: plain('address'),
  broadcast: plain('broadcast'),
  mtu: plain('mtu'),
  txQueueLength: plain('txqueuelen'),
  group: plain('group'),
  alias: plain('alias'),
  arp: onOff('arp'),
  multicast: onOff('multicast'),
  allMulticast: onOff('allmulticast'),
  promiscuous: onOff('promisc'),
  protoDown: onOff('protodown'),
  addrGenMode: plain('addrgenmode'),
  gsoMaxSize: plain('gso_max_size'),
  gsoMaxSegs: plain('gso_max_segs'),
  groMaxSize: plain('gro_max_size'),
  master: plain('master'),
}

export const BRIDGE: Words<Options> = {
  forwardDelay: (value: number) => `forward_delay ${value * 100}`,
  helloTime: (value: number) => `hello_time ${value * 100}`,
  maxAge: (value: number) => `max_age ${value * 100}`,
  ageingTime: (value: number) => `ageing_time ${value * 100}`,
  stp: number('stp_state'),
  priority: plain('priority'),
  vlanFiltering: number('vlan_filtering'),
  groupFwdMask: plain('group_fwd_mask'),
  groupAddress: plain('group_address'),
  mcastSnooping: number('mcast_snooping'),
  mcastQuerier: number('mcast_querier'),
  mcastQueryUseIfaddr: number('mcast_query_use_ifaddr'),
  mcastHashMax: plain('mcast_hash_max'),
  mcastLastMemberCount: plain('mcast_last_member_count'),
  mcastQueryInterval: (value: number) => `mcast_query_interval ${value * 100}`,
  mcastIgmpVersion: plain('mcast_igmp_version'),
  mcastMldVersion: plain('mcast_mld_version'),
  mcastStats: number('mcast_stats_enabled'),
  nfCallIptables: number('nf_call_iptables'),
}

/** Of ports of bridges, what ip-link(8) and bridge(8) have the same words for. */
export const BRIDGE_PORT: Words<Options> = {
  state: plain('state'),
  priority: plain('priority'),
  cost: plain('cost'),
  hairpin: onOff('hairpin'),
  guard: onOff('guard'),
  rootBlock: onOff('root_block'),
  fastLeave: onOff('fastleave'),
  learning: onOff('learning'),
  flood: onOff('flood'),
  mcastRouter: plain('mcast_router'),
  mcastFlood: onOff('mcast_flood'),
  mcastToUnicast: onOff('mcast_to_unicast'),
  bcastFlood: onOff('bcast_flood'),
  neighSuppress: onOff('neigh_suppress'),
  isolated: onOff('isolated'),
  locked: onOff('locked'),
  backupPort: plain('backup_port'),
}

export const PORT: Words<Options> = {
  ...BRIDGE_PORT,
  proxyArp: onOff('proxy_arp'),
  proxyArpWifi: onOff('proxy_arp_wifi'),
  groupFwdMask: plain('group_fwd_mask'),
}

export const VXLAN: Words<Options> = {
  id: plain('id'),
  link: plain('dev'),
  local: plain('local'),
  remote: (value: string) => (value.startsWith('239.') ? `group ${value}` : `remote ${value}`),
  ttl: plain('ttl'),
  dstport: plain('dstport'),
  learning: (value: boolean) => (value ? 'learning' : 'nolearning'),
  ageing: plain('ageing'),
  limit: plain('maxaddr'),
}

export const MACVLAN: Words<Options> = { mode: plain('mode') }
