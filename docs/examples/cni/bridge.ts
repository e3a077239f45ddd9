/** Containers on a bridge: what the plugin `bridge` does, with its configuration keys. */
import { randomBytes } from 'node:crypto'
import {
  createVethPair,
  deleteLink,
  getLink,
  type Link,
  listAddresses,
  listLinks,
  listRoutes,
  setLink,
} from 'netlink-ts'
import { listNat } from 'netlink-ts/nftables'
import { withScratch } from './compare.js'
import type { Dns } from './dns.js'
import { CniError } from './error.js'
import { hasFilter } from './filter.js'
import { bringUpBridge, checkMasquerading, macOf, type Settings, settings } from './gateway.js'
import { type Call, validAttachments } from './input.js'
import { configure, routesOf, wayTo } from './interface.js'
import { allocate, checkLease, checkRoom, type Lease, storeOf } from './ipam.js'
import { previous, type Result } from './result.js'
import { needSandbox, sandboxAt } from './sandbox.js'
import { allowAny, allowOnly, checkRestricted, restricted } from './spoof.js'
import { absent, isPortName, networkTag, portName, tagOf } from './tag.js'
import { checkVlans, joinVlans } from './vlan.js'

const NO_LEASE: Lease = { ips: [], routes: [], dns: {} }

export async function add(call: Call): Promise<Result> {
  const of = settings(call)
  await needSandbox(call.netns)
  const lease: Lease = of.hasIpam ? await allocate(call) : NO_LEASE
  const name = portName(of.name, call)
  const tag = tagOf(of.name, call)
  const mac =
    of.mac ?? macOf(lease.ips.map(({ address }) => address)) ?? (of.macspoofchk ? anyMac() : undefined)
  let isMade = false
  let hasRule = false
  try {
    const [bridge, ...gateway] = await bringUpBridge(of, lease)
    if (of.macspoofchk) await allowOnly(mac!, name, tag)
    hasRule = of.macspoofchk === true
    const [port, end] = await createVethPair(
      { name, master: bridge.ifindex, up: of.vlans === null, mtu: of.mtu },
      { name: call.ifname, netns: { path: call.netns }, mtu: of.mtu, mac },
    )
    isMade = true
    if (of.vlans !== null) await joinVlans(port.ifindex, of.vlans)
    await setLink(port.ifindex, { ...portSettings(of), alias: tag, up: true })
    const routes = routesOf(of, lease)
    if (!of.disableContainerInterface) await configure(of, end, call.netns, { ips: lease.ips, routes })
    const inside = { ...shown(end), sandbox: call.netns }
    // Without an address it has the MAC of a port, perhaps of this one.
    const now = await getLink(bridge.ifindex)
    const interfaces = [shown(now), shown(port), inside, ...gateway.map(shown)]
    const ips = lease.ips.map((ip) => ({ ...ip, interface: 2 }))
    return { interfaces, ips, routes, dns: hasAny(of.dns) ? of.dns : lease.dns }
  } catch (error) {
    if (isMade) await absent(deleteLink(name))
    if (hasRule) await allowAny(name)
    await (await storeOf(call))?.release(call)
    throw error
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

function shown({ name, mac, mtu }: Link) {
  return { name, mac: mac ?? '', mtu }
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
  const gone = await absent(deleteLink(port))
  if (gone && (await sandboxAt(netns)) === 'container')
    await absent(deleteLink(ifname, { netns: { path: netns } }))
  if (await hasFilter()) await allowAny(port)
  await (await storeOf(call))?.release(call)
}

export async function check(call: Call): Promise<void> {
  const of = settings(call)
  const result = previous(call.config)
  if (result === null) throw new CniError('invalidConfig', 'prevResult: CHECK needs it')
  await needSandbox(call.netns)
  if (of.hasIpam) await checkLease(call, result)
  const on = result.interfaces.filter(({ sandbox = '' }) => sandbox === '')
  const told = {
    bridge: on.find(({ name }) => name === of.bridge),
    port: on.find(({ name }) => name !== of.bridge),
    end: result.interfaces.find(({ name, sandbox }) => name === call.ifname && sandbox === call.netns),
  }
  if (told.bridge === undefined || told.port === undefined || told.end === undefined)
    throw new CniError(
      'changed',
      `prevResult: ${of.bridge}, its port or ${call.ifname} is not among the interfaces`,
    )
  const bridge = await found(getLink(of.bridge), of.bridge)
  const port = told.port.name
  const near = await found(getLink(port), port)
  if (!near.up || near.master !== bridge.ifindex)
    throw new CniError('changed', `${port}: it is ${near.up ? `no port of ${of.bridge}` : 'down'}`)
  checkMac(near, told.port)
  if (!bridge.up) throw new CniError('changed', `${of.bridge}: it is down`)
  if (of.isGateway && result.ips.length > 0) {
    // The interface behind the port, where the gateway is in a VLAN. Without an address the bridge has the MAC of any port.
    const gateway = of.vlans?.untagged == null ? told.bridge : (on[2] ?? told.bridge)
    await checkGateway(gateway, result)
  }
  if (of.vlans !== null) await checkVlans(port, of.vlans)
  const netns = { path: call.netns }
  const end = await found(getLink(call.ifname, { netns }), call.ifname)
  checkMac(end, told.end)
  const { mac } = told.end
  const tag = tagOf(of.name, call)
  const isMasqueraded = of.ipMasq === true && result.ips.length > 0
  if (of.macspoofchk || isMasqueraded)
    await withScratch(async (scratch) => {
      if (of.macspoofchk) await checkRestricted(mac ?? end.mac!, port, tag, scratch)
      if (isMasqueraded) await checkMasquerading(of, tag, scratch)
    })
  const addresses = (await listAddresses({ dev: end.ifindex, netns })).map(({ address }) => address)
  for (const { address } of result.ips)
    if (!addresses.includes(address)) throw new CniError('changed', `${call.ifname}: ${address} is missing`)
  // Before 1.1 a result does not tell of tables.
  const main = of.cniVersion === '1.1.0' ? 254 : 'all'
  for (const route of result.routes) {
    const { to, via, table = main } = wayTo(route, result.ips)
    if ((await listRoutes({ to, via, table, netns })).length === 0)
      throw new CniError('changed', `${call.ifname}: the route to ${to} is missing`)
  }
}

function checkMac({ name, mac }: Link, told: { mac?: string }): void {
  if (told.mac !== undefined && told.mac !== mac)
    throw new CniError('changed', `${name}: its MAC is ${mac}, not ${told.mac}`)
}

/** The interface that has the gateways' addresses. */
async function checkGateway(told: { name: string; mac?: string }, { ips }: Result): Promise<void> {
  const link = await found(getLink(told.name), told.name)
  checkMac(link, told)
  const there = (await listAddresses({ dev: link.ifindex })).map(({ address }) => address)
  for (const { address, gateway } of ips) {
    const wanted = `${gateway}/${address.split('/')[1]}`
    if (gateway !== undefined && !there.includes(wanted))
      throw new CniError('changed', `${told.name}: ${wanted} is missing`)
  }
}

async function found(link: Promise<Link>, name: string): Promise<Link> {
  return await link.catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENODEV' ? new CniError('changed', `${name} is missing`) : error
  })
}

/** What attachments left of which the runtime knows nothing; without any, the network's masquerading too. */
export async function gc(call: Call): Promise<void> {
  const { name, bridge } = settings(call)
  const ports = new Set(validAttachments(call.config).map((attachment) => portName(name, attachment)))
  const isOwn = (tag: string) => tag.startsWith(networkTag(name))
  const ifindex = (await listLinks({ kind: 'bridge' })).find((link) => link.name === bridge)?.ifindex
  for (const { name: port, alias, master } of await listLinks({ kind: 'veth' })) {
    // A port is on its bridge from the start, but has its tag a moment later: one of a process that was killed in between has none.
    const isStale = alias === null ? master === ifindex && isPortName(name, port) : isOwn(alias)
    if (isStale && !ports.has(port)) await absent(deleteLink(port))
  }
  const filters = await hasFilter()
  if (filters)
    for (const { port, tag } of await restricted()) if (isOwn(tag) && !ports.has(port)) await allowAny(port)
  const store = await storeOf(call)
  for (const owner of (await store?.owners()) ?? []) {
    const port = portName(name, owner)
    if (ports.has(port)) continue
    // Of one that was killed before it had its tag.
    await absent(deleteLink(port))
    await store!.release(owner)
  }
  if (ports.size > 0 || !filters) return
  for (const made of await listNat())
    if (made.verb === 'masquerade' && isOwn(made.name)) await made.withdraw()
}

/** Throws CniError where ADD would fail. */
export async function status(call: Call): Promise<void> {
  const of = settings(call)
  if (of.hasIpam) await checkRoom(call)
  try {
    if (of.ipMasq) await listNat()
    if (of.macspoofchk) await restricted()
    await listLinks({ kind: 'bridge' })
  } catch (error) {
    throw new CniError('notAvailable', (error as Error).message)
  }
}
