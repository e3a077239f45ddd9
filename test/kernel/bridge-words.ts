/** How `bridge` writes what calls take. */

import type { Options } from './link-words.js'
import type { Words } from './twins.js'

const word = (name: string) => (value: unknown) => `${name} ${value}`
const flag = (name: string) => (value: boolean) => (value ? name : '')
const onOff = (name: string) => (value: boolean) => `${name} ${value ? 'on' : 'off'}`
const list = (value: string[]) => value.join(' ')

export const ENTRY: Words<Options> = {
  mac: (value) => value,
  dev: word('dev'),
  master: flag('master'),
  self: flag('self'),
  state: (value) => (value === 'permanent' ? 'local' : value),
  flags: list,
  vlan: word('vlan'),
  dst: word('dst'),
  port: word('port'),
  vni: word('vni'),
}

export const FLUSH: Words<Options> = {
  brport: word('brport'),
  vlan: word('vlan'),
  state: (value) => value,
  flags: list,
  withoutFlags: (value) => value.map((one: string) => `no${one}`).join(' '),
}

export const GROUP: Words<Options> = {
  dev: word('dev'),
  port: word('port'),
  group: word('grp'),
  source: word('src'),
  state: (value) => value,
  vid: word('vid'),
}

export const PORT: Words<Options> = {
  state: word('state'),
  priority: word('priority'),
  cost: word('cost'),
  hairpin: onOff('hairpin'),
  guard: onOff('guard'),
  rootBlock: onOff('root_block'),
  fastLeave: onOff('fastleave'),
  learning: onOff('learning'),
  flood: onOff('flood'),
  mcastRouter: word('mcast_router'),
  mcastFlood: onOff('mcast_flood'),
  mcastToUnicast: onOff('mcast_to_unicast'),
  bcastFlood: onOff('bcast_flood'),
  neighSuppress: onOff('neigh_suppress'),
  vlanTunnel: onOff('vlan_tunnel'),
  isolated: onOff('isolated'),
  locked: onOff('locked'),
  backupPort: word('backup_port'),
  master: flag('master'),
  self: flag('self'),
}

export const VLAN: Words<Options> = {
  vid: (value) => `vid ${Array.isArray(value) ? value.join('-') : value}`,
  pvid: flag('pvid'),
  untagged: flag('untagged'),
  state: word('state'),
  mcastRouter: word('mcast_router'),
  mcastSnooping: (value) => `mcast_snooping ${Number(value)}`,
  mcastQuerier: (value) => `mcast_querier ${Number(value)}`,
  mcastIgmpVersion: word('mcast_igmp_version'),
  mcastLastMemberCount: word('mcast_last_member_count'),
  master: flag('master'),
  self: flag('self'),
}

export const VNI: Words<Options> = {
  vni: (value) => `vni ${Array.isArray(value) ? value.join('-') : value}`,
  group: (value) => `${value.startsWith('239.') ? 'group' : 'remote'} ${value}`,
}
