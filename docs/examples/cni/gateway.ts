/** The bridge itself, which the first container makes and which stays: its addresses, forwarding, masquerading. */
import {
  addAddress,
  createBridge,
  deleteAddress,
  getLink,
  isKind,
  type Link,
  listAddresses,
  type NetnsHandle,
  setLink,
  setSysctl,
} from 'netlink-ts'
import { enableForwarding, masquerade } from 'netlink-ts/nftables'
import { checkTable } from './compare.js'
import { CniError } from './error.js'
import type { Call, Config } from './input.js'
import type { Lease } from './ipam.js'
import { firstAddress, networkOf, toNumber } from './range.js'
import { prefer } from './sysctl.js'
import { networkTag } from './tag.js'
import { type VlanConfig, vlanGateway, vlansOf } from './vlan.js'

export const DEFAULT_BRIDGE = 'cni0'

export interface BridgeConfig extends Config, VlanConfig {
  bridge?: string
  isGateway?: boolean
  isDefaultGateway?: boolean
  forceAddress?: boolean
  ipMasq?: boolean
  mtu?: number
  hairpinMode?: boolean
  promiscMode?: boolean
  portIsolation?: boolean
  macspoofchk?: boolean
  enabledad?: boolean
  disableContainerInterface?: boolean
}

/** The configuration of a call with what is true without it. */
export function settings(call: Call) {
  const config = call.config as BridgeConfig
  const {
    bridge = DEFAULT_BRIDGE,
    isDefaultGateway = false,
    hairpinMode = false,
    promiscMode = false,
  } = config
  if (hairpinMode && promiscMode)
    throw new CniError('invalidConfig', 'hairpinMode, promiscMode: they exclude each other')
  const disableContainerInterface = config.disableContainerInterface === true
  const hasIpam = (config.ipam?.type ?? '') !== ''
  if (disableContainerInterface && hasIpam)
    throw new CniError('invalidConfig', 'disableContainerInterface: an interface that stays down has no ipam')
  const {
    args,
    config: { args: given, runtimeConfig },
  } = call
  return {
    ...config,
    bridge,
    isDefaultGateway,
    isGateway: isDefaultGateway || config.isGateway === true,
    hairpinMode,
    promiscMode,
    disableContainerInterface,
    hasIpam,
    vlans: vlansOf(config),
    mtu: config.mtu === 0 ? undefined : config.mtu,
    // '' is no wish.
    mac: runtimeConfig?.mac || given?.cni?.mac || args['MAC'] || undefined,
  }
}
export type Settings = ReturnType<typeof settings>

/**
 * The same address always with the same MAC: what neighbours remember of the container that had it before stays right. Undefined without
 * an IPv4 address.
 */
export function macOf(addresses: readonly string[]): string | undefined {
  const ipv4 = addresses.find((address) => !address.includes(':'))?.split('/')[0]
  if (ipv4 === undefined) return undefined
  return ['0a', '58', ...ipv4.split('.').map((n) => Number(n).toString(16).padStart(2, '0'))].join(':')
}

/** Where nobody says which it is the first address of the network is the gateway's, if there is to be one. */
export function withGateways({ isGateway }: Settings, lease: Lease): Lease {
  if (!isGateway) return lease
  const ips = lease.ips.map((ip) => ({ ...ip, gateway: ip.gateway ?? firstAddress(ip.address) }))
  return { ...lease, ips }
}

/** The same each time that it is made, as that of a container is. */
function gatewayMac({ isGateway }: Settings, { ips }: Lease): string | undefined {
  return isGateway ? macOf(ips.flatMap(({ gateway = [] }) => gateway)) : undefined
}

/** Makes the bridge if it is not there. `lease` is what is known by then. */
export async function bringUpBridge(of: Settings, lease: Lease): Promise<Link> {
  const { bridge, mtu, promiscMode, vlans } = of
  let link: Link
  try {
    link = await createBridge({
      ...{ name: bridge, up: true, mtu, vlanFiltering: vlans === null ? undefined : true },
      mac: vlans?.untagged == null ? gatewayMac(of, lease) : undefined,
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    link = await getLink(bridge)
    if (!isKind(link, 'bridge'))
      throw new CniError('failed', `bridge: ${bridge} is a ${link.kind ?? 'device'}`)
    if (!link.up) await setLink(link.ifindex, { up: true })
    // Its ports are in its default VLAN, in which frames pass as they did.
    if (vlans !== null && !link.data.vlanFiltering)
      await setLink(link.ifindex, { kind: 'bridge', vlanFiltering: true })
  }
  await ignoreRouters(link)
  if (promiscMode) await setLink(link.ifindex, { promiscuous: true })
  return link
}

/**
 * What the addresses of a container need: its gateways on the bridge, forwarding, masquerading. Returns the interface that has the gateways'
 * addresses; null where that is the bridge.
 */
export async function bringUpGateway(of: Settings, bridge: Link, lease: Lease): Promise<Link | null> {
  const { ips } = lease
  const { vlans } = of
  const untagged = vlans?.untagged ?? null
  const withGateway =
    of.isGateway && vlans !== null && untagged !== null && ips.length > 0
      ? await vlanGateway(bridge, { ...vlans, untagged }, gatewayMac(of, lease))
      : null
  if (withGateway !== null) await ignoreRouters(withGateway)
  const gateways = ips.map(({ address, gateway }) => `${gateway}/${address.split('/')[1]}`)
  for (const wanted of of.isGateway ? gateways : []) {
    const family = wanted.includes(':') ? 'ipv6' : 'ipv4'
    await giveAddress(of, withGateway ?? bridge, family, wanted, gateways)
    await enableForwarding({ family })
  }
  if (of.ipMasq) await masqueradeNetworks(of.name, ips)
  return withGateway
}

/** A container that says it is a router is believed by nobody: the host would send to it. */
async function ignoreRouters({ name }: Link): Promise<void> {
  await prefer(setSysctl(`net/ipv6/conf/${name}/accept_ra`, 0))
}

async function giveAddress(
  of: Settings,
  { ifindex, name }: Link,
  family: 'ipv4' | 'ipv6',
  wanted: string,
  gateways: readonly string[],
) {
  const there = await listAddresses({ dev: ifindex, family })
  if (there.some(({ address }) => address === wanted)) return
  for (const { address, scope } of there) {
    if (gateways.includes(address) || scope === 'link' || (family === 'ipv6' && !overlap(address, wanted)))
      continue
    if (!of.forceAddress) throw new CniError('failed', `bridge: ${name} has ${address} and not ${wanted}`)
    await deleteAddress(ifindex, address)
  }
  // The MAC that it has becomes its own: else it would change with the ports that come and go. It is read now, as without a port a bridge
  // may have none, and is set first: one that has the address already is left alone.
  const { mac } = await getLink(ifindex)
  await setLink(ifindex, { mac: mac! })
  try {
    await addAddress(ifindex, wanted, family === 'ipv6' ? { flags: ['nodad'] } : { broadcast: true })
  } catch (error) {
    // Another container's ADD was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Whether the network of one of two IPv6 addresses has the other in it. */
function overlap(...addresses: [string, string]): boolean {
  const [one, other] = addresses.map((text) => text.split('/') as [string, string])
  const bits = 128n - BigInt(Math.min(Number(one![1]), Number(other![1])))
  return toNumber(one![0]) >> bits === toNumber(other![0]) >> bits
}

/** One rule for the whole network, which stays as the bridge does: a chain for each container would cost every packet time. */
async function masqueradeNetworks(network: string, ips: Lease['ips'], netns?: NetnsHandle): Promise<void> {
  for (const source of new Set(ips.map(({ address }) => networkOf(address)))) {
    const multicast = source.includes(':') ? 'ff00::/8' : '224.0.0.0/4'
    const name = networkTag(network) + source.replaceAll(':', '.')
    await masquerade({ source, except: [source, multicast], name, netns })
  }
}

/** Throws CniError where networks are not masqueraded, or in another way. */
export async function checkMasquerading(
  network: string,
  ips: Lease['ips'],
  tag: string,
  scratch: NetnsHandle,
): Promise<void> {
  const table = { family: 'inet', table: 'netlink-ts' } as const
  // What portmap has in the same table is portmap's to check.
  const make = (netns: NetnsHandle) => masqueradeNetworks(network, ips, netns)
  await checkTable(scratch, { ...table, tag, shared: [], keyOf: () => 'ipMasq', make })
}
