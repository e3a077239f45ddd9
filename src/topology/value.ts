/** A whole network as one plain value, which is JSON too. */

import type { MasqueradeOptions } from '../nat/masquerade.js'
import type { PublishPortOptions } from '../nat/publication.js'
import type { AddressInput } from '../rtnetlink/address/options.js'
import type { KindName, OptionsOf } from '../rtnetlink/link/kinds/index.js'
import type { LinkOptions } from '../rtnetlink/link/options.js'
import type { LinkSettings } from '../rtnetlink/link/settings.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import type { NexthopInput, RouteInput } from '../rtnetlink/route/input.js'
import type { RuleInput } from '../rtnetlink/rule/input.js'

/**
 * A network: namespaces with what lies in them and, beside them, what lies in the process's own namespace.
 *
 * An interface of another namespace is written 'red:eth0', one of the process's own namespace ':eth0', one of the same namespace 'eth0'.
 */
export interface Topology extends TopologyPlace {
  /**
   * Under which the journal keeps it, and by which it can be deleted. Without it the name of the first namespace, else that of the first
   * bridge or link.
   */
  name?: string | undefined
  /** By their names under /run/netns. */
  namespaces?: { [name: string]: TopologyNamespace } | undefined
}

/** A namespace of a topology. */
export interface TopologyNamespace extends TopologyPlace {
  /** Whether `lo` is up; true without it. */
  loopback?: boolean | undefined
}

/** What a namespace holds. Links, bridges, routes … of the topology itself are those of the process's own namespace. */
export interface TopologyPlace {
  /** By name. One that a port or the other end of a pair names need not be here, unless there is more to say of it. */
  links?: { [name: string]: TopologyLink } | undefined
  /** By name. */
  bridges?: { [name: string]: TopologyBridge } | undefined
  routes?: TopologyRoute[] | undefined
  rules?: TopologyRule[] | undefined
  neighbours?: TopologyNeighbour[] | undefined
  /** Kernel parameters, as for sysctl(8): `{ 'net.ipv4.ip_forward': 1 }`. */
  sysctls?: { [key: string]: string | number } | undefined
  /** What netlink-ts/nftables has as masquerade() and publishPort(). */
  nat?: TopologyNat | undefined
}

/** What every link can have. */
export interface TopologyLinkSettings extends LinkOptions, Pick<LinkSettings, 'queues'> {
  /** True without it. */
  up?: boolean | undefined
  /** '192.168.15.1/24', or an object with options. */
  addresses?: (string | TopologyAddress)[] | undefined
  /** A bridge, bond, team or VRF of the same namespace that it is a port of. Bridges can name their `ports` instead. */
  master?: string | undefined
}

/** An address with what it has besides. */
export interface TopologyAddress
  extends Omit<AddressInput, 'flags' | 'ifindex' | 'dev' | 'family' | 'created' | 'updated'> {
  flags?: string[] | undefined
}

/** One end of a veth pair. */
export interface TopologyVeth extends TopologyLinkSettings {
  kind?: 'veth' | undefined
  /** The other end, 'blue:eth1'; one of the two says it, or a bridge that has this end as a port. */
  peer?: string | undefined
}

/** The kinds of link, besides veth and bridge, that a topology can have. */
export type TopologyKind = Exclude<KindName, 'veth' | 'bridge' | 'vxcan' | 'netkit' | 'macsec'>

/** A link of another kind, with the options of createLink(); `link` is the interface underneath, also of another namespace. */
export type TopologyKindLink = {
  [K in TopologyKind]: TopologyLinkSettings & { kind: K; link?: string | undefined } & Omit<
      OptionsOf<K>,
      'link'
    >
}[TopologyKind]

/** A link: without a `kind` one end of a veth pair. */
export type TopologyLink = TopologyVeth | TopologyKindLink

/** A bridge, with the options of createBridge(). */
export type TopologyBridge = TopologyLinkSettings &
  OptionsOf<'bridge'> & {
    /**
     * 'red:eth0' makes a veth pair: eth0 in red, and a port of this bridge that is called 'veth-red-eth0' (or 'veth-' and ten letters where
     * that is too long). A name without a colon is a link of the bridge's own namespace, which becomes a port.
     */
    ports?: string[] | undefined
  }

/** A route; `dev` is a name. */
export interface TopologyRoute
  extends Omit<RouteInput, 'dev' | 'ifindex' | 'flags' | 'nhid' | 'encap' | 'nexthops'> {
  dev?: string | undefined
  /** Several nexthops, among which flows are shared out by weight; instead of `via` and `dev`. */
  nexthops?: TopologyNexthop[] | undefined
}

/** One of several nexthops of a route. */
export interface TopologyNexthop extends Omit<NexthopInput, 'dev' | 'ifindex' | 'flags' | 'encap'> {
  dev?: string | undefined
}

/** A routing rule. */
export interface TopologyRule extends Omit<RuleInput, 'flags' | 'tunId' | 'multicast'> {
  /** A number alone, since JSON has no bigint. */
  tunId?: number | null | undefined
}

/** An entry of the ARP or NDP table. */
export interface TopologyNeighbour extends Omit<NeighbourInput, 'dev' | 'ifindex' | 'flags'> {
  dev: string
}

/** Addresses that are translated. The namespace has to forward: `sysctls: { 'net.ipv4.ip_forward': 1 }`. */
export interface TopologyNat {
  /** Networks whose packets get an address of this namespace. */
  masquerade?: TopologyMasquerade[] | undefined
  /** Ports of this namespace whose connections go elsewhere. */
  publish?: TopologyPort[] | undefined
}

/** A network that is masqueraded; `name` is made of the topology's where it is not given. */
export interface TopologyMasquerade
  extends Omit<MasqueradeOptions, 'netns' | 'signal' | 'outgoing' | 'except'> {
  outgoing?: string | string[] | undefined
  except?: string | string[] | undefined
}

/** A published port; `name` is made of the topology's where it is not given. */
export interface TopologyPort extends Omit<PublishPortOptions, 'netns' | 'signal'> {}
