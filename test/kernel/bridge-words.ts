/** How `bridge` writes what calls take. */

import { BRIDGE_PORT, type Options, onOff, plain } from './link-words.js'
import type { Words } from './twins.js'

const flag = (name: string) => (value: boolean) => (value ? name : '')
const list = (value: string[]) => value.join(' ')

export const ENTRY: Words<Options> = {
  mac: (value) => value,
  dev: plain('dev'),
  master: flag('master'),
  self: flag('self'),
  state: (value) => (value === 'permanent' ? 'local' : value),
  flags: list,
  vlan: plain('vlan'),
  dst: plain('dst'),
  port: plain('port'),
  vni: plain('vni'),
}

export const FLUSH: Words<Options> = {
  brport: plain('brport'),
  vlan: plain('vlan'),
  state: (value) => value,
  flags: list,
  withoutFlags: (value) => value.map((one: string) => `no${one}`).join(' '),
}

export const GROUP: Words<Options> = {
  dev: plain('dev'),
  port: plain('port'),
  group: plain('grp'),
  source: plain('src'),
  state: (value) => value,
  vid: plain('vid'),
}

export const PORT: Words<Options> = {
  ...BRIDGE_PORT,
  vlanTunnel: onOff('vlan_tunnel'),
  master: flag('master'),
  self: flag('self'),
}

export const VLAN: Words<Options> = {
  vid: (value) => `vid ${Array.isArray(value) ? value.join('-') : value}`,
  pvid: flag('pvid'),
  untagged: flag('untagged'),
  state: plain('state'),
  mcastRouter: plain('mcast_router'),
  mcastSnooping: (value) => `mcast_snooping ${Number(value)}`,
  mcastQuerier: (value) => `mcast_querier ${Number(value)}`,
  mcastIgmpVersion: plain('mcast_igmp_version'),
  mcastLastMemberCount: plain('mcast_last_member_count'),
  master: flag('master'),
  self: flag('self'),
}

export const VNI: Words<Options> = {
  vni: (value) => `vni ${Array.isArray(value) ? value.join('-') : value}`,
  group: (value) => `${value.startsWith('239.') ? 'group' : 'remote'} ${value}`,
}
