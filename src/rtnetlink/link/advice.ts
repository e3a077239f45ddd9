/** What is usually the matter, where the kernel gives a number alone. */

import { parseMac } from '../../codec/index.js'
import type { Extack } from '../../netlink/extack.js'
import type { Channel } from '../../netlink/operation.js'
import { isZero } from '../input.js'
import { addrGenModes } from './af-spec.js'
import { MAX_BRIDGE_PORTS } from './constants.js'
import { adviseBridgePort, adviseKind } from './kind-advice.js'
import { findKind } from './kinds/index.js'
import type { LinkOptions } from './options.js'
import { adviseMissing, type Dev } from './request.js'
import type { LinkChanges, SetLinkOptions } from './set-options.js'
import type { LinkSettings } from './settings.js'
import type { SetXdp } from './xdp-settings.js'

/** Advice for a link of any kind, or both ends of a pair, that could not be made; the (near) one in `home`, by a request to `creator`. */
export function adviseCreation(
  code: string,
  extack: Extack,
  kind: string,
  ends: readonly [near: LinkSettings, far?: LinkSettings],
  home: Channel,
  creator: Channel,
): string | undefined {
  const [near] = ends
  const { name, ifindex, master } = near
  const raised = adviseRaised(code, extack, near)
  if (raised !== undefined) return raised
  switch (code) {
    case 'EOPNOTSUPP':
      if (extack.message?.startsWith('Unknown device type'))
        return `the kernel lacks link kind '${kind}' (a module to load, or CONFIG_ of the kernel)`
      return (
        adviseMaster(code, extack, master, creator) ??
        `this kernel does not support one of the options of kind '${kind}'`
      )
    case 'EEXIST':
    case 'EBUSY':
      return adviseTaken([{ name, ifindex, channel: home }], otherwise(code, near))
    default:
      return (
        (kind === 'veth' ? adviseMtu(code, ends) : undefined) ??
        adviseInUse(code, kind) ??
        adviseMaster(code, extack, master, creator) ??
        adviseUpper(code, extack, near.mtu, kind)
      )
  }
}

/** What stands in the way of a link whose name is free: of the second the kernel says nothing (netdev_rx_handler_register()). */
function otherwise(
  code: string,
  near: LinkSettings & { readonly link?: Dev | undefined },
): string | undefined {
  if (code === 'EEXIST')
    return 'found by looking: the name is free, so that another link has the same parameters'
  return near.link === undefined
    ? undefined
    : 'the interface underneath is a port already (of a bridge, bond, team), or of the two kinds macvlan and ipvlan it has the other'
}

/** Advice for a veth pair with an mtu that it cannot have: of this the kernel says nothing (is_valid_veth_mtu() of drivers/net/veth.c). */
function adviseMtu(code: string, ends: readonly (LinkSettings | undefined)[]): string | undefined {
  const wrong = ends.find((end) => end?.mtu !== undefined && (end.mtu < MIN_MTU || end.mtu > MAX_MTU))
  if (code !== 'EINVAL' || wrong === undefined) return undefined
  return `mtu: ${wrong.mtu} of '${wrong.name}' is not from ${MIN_MTU} to ${MAX_MTU}, which veth takes`
}

/** ETH_MIN_MTU and ETH_MAX_MTU of linux/if_ether.h */
const [MIN_MTU, MAX_MTU] = [68, 65535]

/** Advice for a change that failed. */
export function adviseChange(
  code: string,
  extack: Extack,
  ifindex: number,
  options: SetLinkOptions,
  channel: Channel,
): string | undefined {
  const { name, master, xdp, port } = options
  if (code === 'EBUSY' && name !== undefined)
    return 'before Linux 6.2 an interface that is up cannot be renamed: set it down before'
  if (code === 'EEXIST' && name !== undefined && extack.message === null)
    return adviseTaken([{ name, channel }], undefined)
  if (code === 'ENODEV' && channel.ifname(ifindex) === null) return adviseMissing(channel)(code)
  return (
    adviseRaised(code, extack, options) ??
    adviseMaster(code, extack, master, channel) ??
    adviseXdp(code, extack, xdp) ??
    adviseEncap(code, extack, options.kind, options) ??
    adviseCommon(code, extack, options, channel.ifname(ifindex)) ??
    adviseKind(code, extack, findKind(options.kind ?? ''), options, 'change') ??
    (port?.kind === 'bridge' ? adviseBridgePort(code, extack, port) : undefined) ??
    adviseLacking(code, extack, options)
  )
}

/** The same of all interfaces of a group; the kernel does not say which of them it was. */
export function adviseGroupChange(
  code: string,
  extack: Extack,
  options: LinkChanges,
  channel: Channel,
): string | undefined {
  return (
    adviseRaised(code, extack, options) ??
    adviseMaster(code, extack, options.master, channel) ??
    adviseCommon(code, extack, options, 'NAME') ??
    adviseLacking(code, extack, options)
  )
}

function adviseCommon(
  code: string,
  extack: Extack,
  { mtu, mac, addrGenMode }: LinkOptions,
  name: string | null,
): string | undefined {
  return (
    adviseInUse(code, mac === undefined ? undefined : 'macvlan') ??
    adviseZeros(code, extack, mac) ??
    adviseGenMode(code, extack, { addrGenMode }, name) ??
    adviseUpper(code, extack, mtu)
  )
}

/** Of a mac that it cannot have an interface of Ethernet says nothing (eth_prepare_mac_addr_change()); a multicast one is not sent. */
function adviseZeros(code: string, { message }: Extack, mac: string | undefined): string | undefined {
  if (code !== 'EADDRNOTAVAIL' || message !== null || mac === undefined || !isZero(parseMac(mac)!))
    return undefined
  return `mac: '${mac}' is all zeros, which the interface cannot have`
}

/** How IPv6 makes addresses: of a mode that it cannot have an interface says nothing (check_addr_gen_mode(), check_stable_privacy()). */
export function adviseGenMode(
  code: string,
  { message }: Extack,
  { addrGenMode }: LinkOptions,
  name: string | null,
): string | undefined {
  if (code !== 'EINVAL' || message !== null || addrGenMode === undefined) return undefined
  const told = addrGenModes.toName(addrGenModes.toNumber(addrGenMode))
  if (typeof told === 'number')
    return `addrGenMode: ${told} has no name here, and may be unknown to the kernel too`
  return told === 'stable_secret'
    ? `addrGenMode: 'stable_secret' needs a secret, which is perhaps not set: net.ipv6.conf.${name ?? 'default'}.stable_secret, or that of default, as an IPv6 address`
    : undefined
}

/** What not all interfaces have, and how the kernel tells them from others: by a driver that has no such function (do_setlink()). */
const OF_SOME = {
  kind: 'it is of another kind, or one that cannot be changed',
  rawKind: 'it is of another kind, or one that cannot be changed',
  port: 'it is no port',
  carrier: 'its carrier is not for programs to set (that of a dummy is)',
  mac: 'it keeps the mac that it has',
  vfs: 'it has no virtual functions, or its driver does not set this of them',
} as const

function adviseLacking(code: string, { message }: Extack, options: SetLinkOptions): string | undefined {
  if (message !== null) return undefined
  if (code === 'EAFNOSUPPORT' && (options.addrGenMode !== undefined || options.afSpec !== undefined))
    return 'the interface has no IPv4 or IPv6 to be set (IPv6 needs an MTU of 1280)'
  if (code === 'EINVAL' && options.master != null)
    return 'perhaps it is no interface for that master: a bridge takes Ethernet alone, and not lo'
  if (code === 'EINVAL' && options.vfs?.length)
    return `perhaps it has no virtual function ${options.vfs.map(({ vf }) => vf).join(' or ')}`
  const asked = Object.keys(OF_SOME).filter((option) => options[option as keyof typeof OF_SOME] !== undefined)
  if (code !== 'EOPNOTSUPP' || asked.length === 0) return undefined
  return asked.map((option) => `${option}: ${OF_SOME[option as keyof typeof OF_SOME]}`).join('; or ')
}

const MAC_IN_USE = 'another macvlan of the interface underneath, or that interface itself, has the same mac'
const PORT_IN_USE =
  'its UDP port is taken by a program, or by an interface that receives by other settings (of vxlan collectMetadata, gbp, gpe ...)'

/** What an interface needs for itself when it is set up (macvlan_open(), vxlan_sock_add()); without a kind it may be either. */
function adviseInUse(code: string, kind: string | undefined): string | undefined {
  if (code !== 'EADDRINUSE') return undefined
  if (kind === undefined) return `of a macvlan: ${MAC_IN_USE}; of a tunnel over UDP: ${PORT_IN_USE}`
  return kind === 'macvlan' || kind === 'macvtap' ? MAC_IN_USE : PORT_IN_USE
}

/** What stands on another interface is bounded by it, and the kernel does not say so (macvlan_common_newlink(), vlan_dev_change_mtu()). */
function adviseUpper(
  code: string,
  { message }: Extack,
  mtu: number | undefined,
  kind?: string,
): string | undefined {
  if (message !== null || !['EINVAL', 'ERANGE'].includes(code)) return undefined
  if (mtu !== undefined) return `perhaps mtu: ${mtu} is above that of the interface underneath`
  return kind === 'macvlan' || kind === 'macvtap'
    ? "perhaps because a macvlan in mode 'passthru' has the interface underneath to itself"
    : undefined
}

const OVER_IPV6 = ['ip6tnl', 'ip6gre', 'ip6gretap', 'ip6erspan']
const FOU = [
  'modprobe fou, which nothing does by itself; the kernel has to be built with CONFIG_NET_FOU_IP_TUNNELS',
  'modprobe fou6, which nothing does by itself; the kernel has to be built with CONFIG_IPV6_FOU_TUNNEL',
]
/** By the name of the encapsulation: what has it, for tunnels over IPv4 and over IPv6. */
const ENCAPS: Readonly<Record<string, readonly string[]>> = {
  fou: FOU,
  gue: FOU,
  mpls: ['modprobe mpls_router, which nothing does by itself', 'of tunnels over IPv6 it has none'],
}

/** Of an outer header that it does not know the kernel says nothing (ip_encap_hlen(), ip6_encap_hlen()); `options` have those of the kind. */
export function adviseEncap(
  code: string,
  { message }: Extack,
  kind: string | undefined,
  options: object,
): string | undefined {
  if (code !== 'EINVAL' || message !== null || kind === undefined) return undefined
  const { encapType } = options as { encapType?: unknown }
  const known = ENCAPS[String(encapType)]?.[OVER_IPV6.includes(kind) ? 1 : 0]
  return known && `perhaps the kernel has no encapType '${encapType}': ${known}`
}

/** Of a descriptor that is no program's the kernel says nothing, but nor does it of some other values (bpf_prog_get_type_dev()). */
function adviseXdp(code: string, extack: Extack, xdp: SetXdp | null | undefined): string | undefined {
  if (xdp == null || !(code === 'EBADF' || (code === 'EINVAL' && extack.message === null))) return undefined
  const { fd, pinned, expectedFd } = xdp
  const other = expectedFd === undefined ? '' : ` or xdp.expectedFd: ${expectedFd}`
  return pinned === undefined
    ? `perhaps xdp.fd: ${fd}${other} is no descriptor of an XDP program`
    : `perhaps xdp.pinned: '${pinned}'${other} is no XDP program`
}

/** Advice for an interface that does not become a port, in the namespace of a channel; where the port is to blame the kernel says so. */
export function adviseMaster(
  code: string,
  { message }: Extack,
  master: Dev | null | undefined,
  channel: Channel,
): string | undefined {
  if (master === undefined || master === null || message !== null) return undefined
  const told = typeof master === 'number' ? `interface ${master}` : `'${master}'`
  if (code === 'EOPNOTSUPP') return `${told} takes no ports: it is no bridge, bond, team or VRF`
  if (code === 'EXFULL') return `${told} has ${MAX_BRIDGE_PORTS} ports, as many as a bridge takes`
  // Somebody else may delete it between the two requests (do_set_master() of the kernel).
  const isThere = typeof master === 'number' ? channel.ifname(master) !== null : channel.ifindex(master) > 0
  return code === 'EINVAL' && !isThere ? `found by looking: ${told} is not there` : undefined
}

/** Advice for an interface that is to be brought up and made a port in one request, which the kernel does in this order (do_setlink()). */
export function adviseRaised(
  code: string,
  { message }: Extack,
  { master, up }: { readonly master?: Dev | null | undefined; readonly up?: boolean | undefined },
): string | undefined {
  if (master == null || up !== true || !['EPERM', 'EBUSY'].includes(code)) return undefined
  return /while up|Device is up/.test(message ?? '')
    ? 'up: a bond or team takes an interface that is down, and brings it up itself: leave it out, or give false for one that is up'
    : undefined
}

/** A link that could not be made because of another one. */
interface Wanted {
  readonly name: string
  readonly ifindex?: number | undefined
  /** Where it was to live. */
  readonly channel: Channel
}

/** What is in the way of new links: the kernel does not say, so we look and mark it as our own finding. */
export function adviseTaken(wanted: readonly Wanted[], otherwise: string | undefined): string | undefined {
  const taken = wanted.flatMap(({ name, ifindex, channel }) => {
    const owner = ifindex === undefined ? null : channel.ifname(ifindex)
    const found = [
      ...(channel.ifindex(name) > 0 ? [`'${name}'`] : []),
      ...(owner === null ? [] : [`ifindex ${ifindex} ('${owner}')`]),
    ]
    return found.map((what) => `${what} ${channel.where}`.trimEnd())
  })
  if (taken.length === 0) return otherwise
  return `found by looking: ${taken.join(' and ')} ${taken.length === 1 ? 'is' : 'are'} there already`
}

/** Advice for alternative names that were not added, or not removed: the kernel does not say which (netdev_name_node_alt_destroy()). */
export function adviseAltNames(
  code: string,
  names: readonly string[],
  { where }: Channel,
): string | undefined {
  const told = names.map((name) => `'${name}'`).join(', ')
  const one = names.length === 1 ? told : `one of ${told}`
  if (code === 'EEXIST') return `${one} is taken ${where}`.trimEnd()
  return code === 'ENOENT' || code === 'EINVAL'
    ? `${one} is no alternative name of this interface`
    : undefined
}
