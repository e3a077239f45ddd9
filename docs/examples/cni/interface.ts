/** The container's interface: its addresses and its routes. */
import { type Link, type Netns, openNetns } from 'netlink-ts'
import { CniError } from './error.js'
import type { Settings } from './gateway.js'
import type { Route } from './input.js'
import type { Lease } from './ipam.js'
import { networkOf } from './range.js'
import { prefer } from './sysctl.js'

const SETTLE_MS = 5000

const isIpv6 = (text: string) => text.includes(':')

/** Brings it up with its addresses and routes. Where that fails the interface is the caller's to delete. */
export async function configure(
  of: Settings,
  { ifindex, name }: Link,
  path: string,
  { ips, routes }: Pick<Lease, 'ips' | 'routes'>,
): Promise<void> {
  const netns = await openNetns({ path })
  try {
    const hasIpv6 = ips.some(({ address }) => isIpv6(address))
    if (hasIpv6) await allowIpv6(netns, name)
    if (ips.length > 0) await announce(of, netns, name)
    for (const { address } of ips) await netns.addAddress(ifindex, addressOf(of, address))
    await netns.setLink(ifindex, { up: true })
    if (of.enabledad && hasIpv6) await settle(netns, ifindex)
    const own = ips.map(({ address }) => networkOf(address))
    for (const route of routes) {
      const way = { ...wayTo(route, ips), dev: ifindex }
      // Before the kernel's own one, which goes without the gateway.
      if (own.includes(route.dst)) await netns.prependRoute(way)
      // Behind those of another network in which the container is already.
      else await netns.appendRoute(way)
    }
  } finally {
    netns.close()
  }
}

/** Runtimes make namespaces without IPv6. An address that somebody gave out has to last as long as the interface. */
async function allowIpv6(netns: Netns, name: string): Promise<void> {
  for (const dev of ['lo', name]) await netns.setSysctl(`net/ipv6/conf/${dev}/disable_ipv6`, 0)
  await netns.setSysctl(`net/ipv6/conf/${name}/keep_addr_on_down`, 1)
}

/**
 * Neighbours hear at once when its MAC changes. The address that the kernel makes itself (fe80::) can be used at once, as the others can, unless
 * duplicates are looked for.
 */
async function announce({ enabledad }: Settings, netns: Netns, name: string): Promise<void> {
  await prefer(netns.setSysctl(`net/ipv4/conf/${name}/arp_notify`, 1))
  await prefer(netns.setSysctl(`net/ipv6/conf/${name}/accept_dad`, enabledad ? 1 : 0))
}

/** Duplicate address detection would keep an IPv6 address from being used for a second; the addresses are given out once. */
function addressOf({ enabledad }: Settings, address: string) {
  if (!isIpv6(address)) return { address, broadcast: true as const }
  return enabledad ? { address } : { address, flags: ['nodad'] as const }
}

/** Waits until the kernel knows that nobody else has the addresses. Throws CniError where somebody has. */
async function settle(netns: Netns, dev: number): Promise<void> {
  const late = new AbortController()
  const reason = new CniError('failed', 'whether others have its IPv6 addresses is not known yet')
  const events = await netns.monitor(['address'], { signal: late.signal })
  const timer = setTimeout(() => late.abort(reason), SETTLE_MS)
  try {
    for (;;) {
      const addresses = await netns.listAddresses({ dev, family: 'ipv6', flags: ['tentative'] })
      const duplicate = addresses.find(({ flags }) => flags.includes('dadfailed'))
      if (duplicate !== undefined)
        throw new CniError('failed', `${duplicate.address}: another interface has it, too`)
      if (addresses.length === 0) return
      await events.next()
    }
  } finally {
    clearTimeout(timer)
    events.close()
  }
}

/** With isDefaultGateway a default route of each family that has none. */
export function routesOf({ isDefaultGateway }: Settings, { ips, routes }: Lease): Route[] {
  const all = [...routes]
  for (const { address, gateway } of isDefaultGateway ? ips : []) {
    const dst = isIpv6(address) ? '::/0' : '0.0.0.0/0'
    if (!all.some((route) => route.dst === dst)) all.push({ dst, ...given({ gw: gateway }) })
  }
  return all
}

/** Scopes from here on (link, 253; host, 254) are of what is at hand: the kernel takes no gateway with them. */
const LINK_SCOPE = 253

/**
 * As addRoute() takes it. One without a gateway goes by that of its family, and is of the widest scope (0) also where that has none. Of scope
 * link it has none; the plugin bridge gives it one, at which ADD fails. IPv6 knows no scopes: the kernel passes over what the plugin says of one.
 */
export function wayTo(route: Route, ips: Lease['ips']) {
  const { dst, gw, priority, mtu, advmss, table } = route
  const scope = isIpv6(dst) ? 0 : (route.scope ?? 0)
  const ofFamily = ips.find(({ address }) => isIpv6(address) === isIpv6(dst))
  const via = gw ?? (scope < LINK_SCOPE ? ofFamily?.gateway : undefined)
  return {
    to: dst,
    ...given({ via, metric: priority, table, scope }),
    ...(mtu === undefined && advmss === undefined ? {} : { metrics: given({ mtu, advmss }) }),
  }
}

function given<T extends object>(options: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}
