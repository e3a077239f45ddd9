/** The registry of link kinds: a kind that is not here is created and read by raw data. */

import type { Table } from '../../../codec/index.js'
import { amt } from './amt.js'
import { bareudp } from './bareudp.js'
import { batadv } from './batadv.js'
import { bond } from './bond.js'
import { bondPort } from './bond-port.js'
import { bridge } from './bridge.js'
import { bridgePort } from './bridge-port.js'
import { can } from './can.js'
import { dsa } from './dsa.js'
import { geneve } from './geneve.js'
import { erspan, gre, gretap } from './gre.js'
import { gtp } from './gtp.js'
import { hsr } from './hsr.js'
import { ip6erspan, ip6gre, ip6gretap } from './ip6gre.js'
import { ip6tnl } from './ip6tnl.js'
import { ipoib } from './ipoib.js'
import { ipip, sit } from './iptun.js'
import { ipvlan, ipvtap } from './ipvlan.js'
import type { DataOfKind, FixedOfKind, Kind, OptionsOfKind } from './kind.js'
import { macsec } from './macsec.js'
import { macvlan, macvtap } from './macvlan.js'
import { netkit } from './netkit.js'
import { ovpn } from './ovpn.js'
import { dummy, ifb, netdevsim, nlmon, pfcp, team, vcan, virtWifi, wireguard } from './plain.js'
import { rmnet } from './rmnet.js'
import { tun } from './tun.js'
import { veth } from './veth.js'
import { vlan } from './vlan.js'
import { vrf, vrfPort } from './vrf.js'
import { vti, vti6 } from './vti.js'
import { vxcan } from './vxcan.js'
import { vxlan } from './vxlan.js'
import { wwan } from './wwan.js'
import { xfrm } from './xfrm.js'

/** By their names in IFLA_INFO_KIND; functions, so that the file of a kind is loaded with its first use. */
export const kinds = {
  amt: () => amt,
  bareudp: () => bareudp,
  batadv: () => batadv,
  bond: () => bond,
  bridge: () => bridge,
  can: () => can,
  dsa: () => dsa,
  dummy: () => dummy,
  erspan: () => erspan,
  geneve: () => geneve,
  gre: () => gre,
  gretap: () => gretap,
  gtp: () => gtp,
  hsr: () => hsr,
  ifb: () => ifb,
  ip6erspan: () => ip6erspan,
  ip6gre: () => ip6gre,
  ip6gretap: () => ip6gretap,
  ip6tnl: () => ip6tnl,
  ipip: () => ipip,
  ipoib: () => ipoib,
  ipvlan: () => ipvlan,
  ipvtap: () => ipvtap,
  macsec: () => macsec,
  macvlan: () => macvlan,
  macvtap: () => macvtap,
  netdevsim: () => netdevsim,
  netkit: () => netkit,
  nlmon: () => nlmon,
  ovpn: () => ovpn,
  pfcp: () => pfcp,
  rmnet: () => rmnet,
  sit: () => sit,
  team: () => team,
  tun: () => tun,
  vcan: () => vcan,
  veth: () => veth,
  virt_wifi: () => virtWifi,
  vlan: () => vlan,
  vrf: () => vrf,
  vti: () => vti,
  vti6: () => vti6,
  vxcan: () => vxcan,
  vxlan: () => vxlan,
  wireguard: () => wireguard,
  wwan: () => wwan,
  xfrm: () => xfrm,
}

/** What a port has in IFLA_INFO_SLAVE_DATA, by the kind of its master. */
export const portKinds = { bond: () => bondPort, bridge: () => bridgePort, vrf: () => vrfPort }

/** A kind of link whose data is typed. */
export type KindName = keyof typeof kinds
/** What callers give for a kind. */
export type OptionsOf<K extends KindName> = OptionsOfKind<ReturnType<(typeof kinds)[K]>>
/** What is read of a kind. */
export type DataOf<K extends KindName> = DataOfKind<ReturnType<(typeof kinds)[K]>>

/** The options of a kind that cannot be changed. */
export type FixedOf<K extends KindName> = FixedOfKind<ReturnType<(typeof kinds)[K]>>

/** A kind of master whose ports' data is typed. */
export type PortKindName = keyof typeof portKinds
/** What callers give for a port. */
export type PortOptionsOf<K extends PortKindName> = OptionsOfKind<ReturnType<(typeof portKinds)[K]>>
/** What is read of a port. */
export type PortDataOf<K extends PortKindName> = DataOfKind<ReturnType<(typeof portKinds)[K]>>

/** A kind of the registry; undefined for any other name. */
export function findKind(name: string): Kind | undefined {
  return typeof name === 'string' && Object.hasOwn(kinds, name) ? kinds[name as KindName]() : undefined
}

/** The kind of port that a kind of master has; undefined where there is no table. */
export function findPortKind(name: string): Kind | undefined {
  return typeof name === 'string' && Object.hasOwn(portKinds, name)
    ? portKinds[name as PortKindName]()
    : undefined
}

/** What IFLA_INFO_DATA holds; undefined where it is bytes. */
export function kindTable(name: string): Table | undefined {
  return findKind(name)?.table ?? undefined
}

/** What IFLA_INFO_SLAVE_DATA holds; undefined where it is bytes. */
export function portTable(name: string): Table | undefined {
  return findPortKind(name)?.table ?? undefined
}
