/** Containers on a bridge: what the plugin `bridge` does, with its configuration keys. */
import { randomBytes } from 'node:crypto'
import { createVethPair, deleteLink, getLink, type Link, listLinks, setLink } from 'netlink-ts'
import { listNat } from 'netlink-ts/nftables'
import type { Dns } from './dns.js'
import { CniError, Failures } from './error.js'
import { hasFilter } from './filter.js'
import {
  type BridgeConfig,
  bringUpBridge,
  bringUpGateway,
  DEFAULT_BRIDGE,
  macOf,
  type Settings,
  settings,
  withGateways,
} from './gateway.js'
import { type Attachment, type Call, validAttachments } from './input.js'
import { configure, routesOf } from './interface.js'
import { ipamOf, type Lease } from './ipam.js'
import type { Result } from './result.js'
import { needSandbox, sandboxAt } from './sandbox.js'
import { allowAny, allowOnly, restricted } from './spoof.js'
import { absent, isPortName, networkTag, portName, tagOf } from './tag.js'
import { gatewayPort, joinVlans } from './vlan.js'

export { check } from './check.js'

/** For an IPAM plugin to take back what ADD failed with, also when nobody waits for ADD any more. */
const RELEASE_MS = 10_000

const NO_LEASE: Lease = { ips: [], routes: [], dns: {} }

/**
 * A result of a plugin before this one is neither looked at nor told, as by the plugin bridge, though the specification wants it: the first
 * interface of a container is nobody else's, and one that is there already is an error.
 */
export async function add(call: Call): Promise<Result> {
  const of = settings(call)
  await needSandbox(call)
  const ipam = ipamOf(call)
  const isLate = ipam?.needsInterface === true
  let isAsked = ipam !== null && !isLate
  let lease = isAsked ? await ipam!.allocate(call) : NO_LEASE
  const name = portName(of.name, call)
  const tag = tagOf(of.name, call)
  const mac =
    of.mac ?? macOf(lease.ips.map(({ address }) => address)) ?? (of.macspoofchk ? anyMac() : undefined)
  let isMade = false
  let hasRule = false
  try {
    const bridge = await bringUpBridge(of, lease)
    if (of.macspoofchk) await allowOnly(mac!, name, tag)
    hasRule = of.macspoofchk === true
    const [port, end] = await createVethPair(
      { name, master: bridge.ifindex, up: of.vlans === null, mtu: of.mtu },
      { name: call.ifname, netns: { path: call.netns }, mtu: of.mtu, mac },
    )
    isMade = true
    if (of.vlans !== null) await joinVlans(port.ifindex, of.vlans)
    await setLink(port.ifindex, { ...portSettings(of), alias: tag, up: true })
    if (isLate) {
      isAsked = true
      lease = withGateways(of, await ipam.allocate(call))
    }
    const gateway = await bringUpGateway(of, bridge, lease)
    const routes = routesOf(of, lease)
    if (!of.disableContainerInterface) await configure(of, end, call.netns, { ips: lease.ips, routes })
    const inside = { ...shown(of, end), sandbox: call.netns }
    // Without an address it has the MAC of a port, perhaps of this one.
    const now = await getLink(bridge.ifindex)
    const others = [now, port, ...(gateway === null ? [] : [gateway])].map((link) => shown(of, link))
    const interfaces = others.toSpliced(2, 0, inside)
    const ips = lease.ips.map((ip) => ({ ...ip, interface: 2 }))
    return { interfaces, ips, routes, dns: hasAny(of.dns) ? of.dns : lease.dns }
  } catch (error) {
    const failures = new Failures()
    if (isMade) await failures.attempt(() => absent(deleteLink(name)))
    if (hasRule) await failures.attempt(() => allowAny(name))
    const signal = AbortSignal.timeout(RELEASE_MS)
    if (isAsked) await failures.attempt(() => ipam!.release({ ...call, signal }))
    throw failures.behind(error)
  }
}

/** A MAC of its own choice, as the kernel gives one to an interface without. */
function anyMac(): string {
  return ['02', ...randomBytes(5).toString('hex').match(/../g)!].join(':')
}

function portSettings({ hairpinMode, portIsolation = false }: Settings) {
  if (!hairpinMode && !portIsolation) return {}
  return { port: { kind: 'bridge', hairpin: hairpinMode, isolated: portIsolation } } as const
}

/** Its MTU came with version 1.1. */
function shown({ cniVersion }: Settings, { name, mac, mtu }: Link) {
  return { name, mac: mac ?? '', ...(cniVersion === '1.1.0' && { mtu }) }
}

/** Go writes `{}` where there is nothing. */
function hasAny(dns: Dns | undefined): dns is Dns {
  return Object.keys(dns ?? {}).length > 0
}

export async function del(call: Call): Promise<void> {
  // Whatever else the configuration says: what ADD refuses, DEL has to get through.
  const port = portName(call.config.name, call)
  const { ifname, netns } = call
  // The interface first: its address is nobody else's, and its MAC its own, while it is there.
  await absent(deleteLink(port))
  // It went with the port, unless another port is in that one's place. In the plugin's own namespace nothing tells it from an interface of the
  // host then, which the plugin bridge would delete at a second DEL with CNI_NETNS_OVERRIDE.
  if ((await sandboxAt(netns)) === 'container') await absent(deleteLink(ifname, { netns: { path: netns } }))
  // Neither keeps the other: a rule that cannot be taken away would keep the address, too, until the runtime asks again.
  const failures = new Failures()
  await failures.attempt(async () => (await hasFilter()) && (await allowAny(port)))
  await failures.attempt(async () => await ipamOf(call)?.release(call))
  failures.throwAny()
}

/** What attachments left of which the runtime knows nothing; without any, the network's masquerading too. */
export async function gc(call: Call): Promise<void> {
  const { name, bridge = DEFAULT_BRIDGE } = call.config as BridgeConfig
  const valid = validAttachments(call.config)
  const ports = new Set(valid.map((attachment) => portName(name, attachment)))
  const isOwn = (tag: string) => tag.startsWith(networkTag(name))
  const failures = new Failures()
  const left = new Set<string>()
  const ifindex = (await listLinks({ kind: 'bridge' })).find((link) => link.name === bridge)?.ifindex
  const veths = await listLinks({ kind: 'veth' })
  // Of a network by the name of its bridge those of gateways look like containers' that were killed.
  const ends = veths.map((link) => link.name).filter((end) => end.startsWith(`${bridge}.`))
  const ofGateways = new Set(ends.map((end) => gatewayPort(bridge, end)))
  for (const { name: port, alias, master } of veths) {
    // A port is on its bridge from the start, but has its tag a moment later: one of a process that was killed in between has none.
    const isStale = alias === null ? master === ifindex && isPortName(name, port) : isOwn(alias)
    if (!isStale || ports.has(port) || ofGateways.has(port)) continue
    if (await failures.attempt(() => absent(deleteLink(port)))) left.add(port)
  }
  const allow = async () => {
    for (const { port, tag } of await restricted())
      if (isOwn(tag) && !ports.has(port)) await failures.attempt(() => allowAny(port))
  }
  const unmasquerade = async () => {
    for (const made of ports.size > 0 ? [] : await listNat())
      if (made.verb === 'masquerade' && isOwn(made.name)) await failures.attempt(() => made.withdraw())
  }
  await failures.attempt(async () => {
    if (!(await hasFilter())) return
    await failures.attempt(allow)
    await failures.attempt(unmasquerade)
  })
  const detach = async (owner: Attachment) => {
    const port = portName(name, owner)
    // Of one that could not be deleted that is told already; its address stays with it.
    if (ports.has(port) || left.has(port)) return false
    // A file of an old host-local says nothing of interfaces: it may be of any of its container.
    if (owner.ifname === '' && valid.some(({ containerID }) => containerID === owner.containerID))
      return false
    // Of one that was killed before it had its tag.
    await absent(deleteLink(port))
    return true
  }
  await failures.attempt(async () => await ipamOf(call)?.gc(call, detach))
  failures.throwAny()
}

/** Throws CniError where ADD would fail. */
export async function status(call: Call): Promise<void> {
  const of = settings(call)
  await ipamOf(call)?.status(call)
  try {
    if (of.ipMasq) await listNat()
    if (of.macspoofchk) await restricted()
    await listLinks({ kind: 'bridge' })
  } catch (error) {
    throw new CniError('notAvailable', (error as Error).message)
  }
}
