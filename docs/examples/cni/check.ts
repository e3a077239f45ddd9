/** CHECK of the plugin `bridge`: whether all is as ADD made it. */
import { getLink, getSysctl, isPortKind, type Link, listAddresses, type Netns, openNetns } from 'netlink-ts'
import { withScratch } from './compare.js'
import { CniError } from './error.js'
import { checkMasquerading, type Settings, settings } from './gateway.js'
import type { Call } from './input.js'
import { wayTo } from './interface.js'
import { ipamOf } from './ipam.js'
import { previous, type Result } from './result.js'
import { needSandbox } from './sandbox.js'
import { checkRestricted } from './spoof.js'
import { tagOf } from './tag.js'
import { checkVlans } from './vlan.js'

/** An interface as `prevResult` tells of it. */
type Told = Result['interfaces'][number]

/** Throws CniError that names the first thing that is not. */
export async function check(call: Call): Promise<void> {
  const of = settings(call)
  const before = previous(call.config)
  if (before === null) throw new CniError('invalidConfig', 'prevResult: CHECK needs it')
  await needSandbox(call)
  const told = toldOf(of, call, before)
  // Plugins behind this one tell of other interfaces.
  const isOwn = (index?: number) => index === undefined || before.interfaces[index] === told.end
  const result = { ...before, ips: before.ips.filter((ip) => isOwn(ip.interface)) }
  await ipamOf(call)?.check(call, result)
  const netns = await openNetns({ path: call.netns })
  try {
    const bridge = await found(getLink(of.bridge), of.bridge)
    const port = await found(getLink(told.port.name), told.port.name)
    const end = await found(netns.getLink(call.ifname), call.ifname)
    checkBridge(of, bridge)
    checkPort(of, port, bridge)
    checkMac(port, told.port)
    checkMac(end, told.end)
    if (port.link !== end.ifindex || end.link !== port.ifindex)
      throw new CniError('changed', `${call.ifname}: ${port.name} is not its other end`)
    if (!of.disableContainerInterface && !end.up) throw new CniError('changed', `${call.ifname}: it is down`)
    if (of.isGateway && result.ips.length > 0) await checkGateway(told.gateway, result)
    if (of.vlans !== null) await checkVlans(port.name, of.vlans)
    await checkRules(of, tagOf(of.name, call), port, told.end.mac ?? end.mac!, result)
    await checkInside(of, netns, end, result)
  } finally {
    netns.close()
  }
}

function toldOf({ bridge: name, vlans }: Settings, { ifname, netns }: Call, { interfaces }: Result) {
  const on = interfaces.filter(({ sandbox = '' }) => sandbox === '')
  const bridge = on.find((one) => one.name === name)
  const port = on.find((one) => one.name !== name)
  const end = interfaces.find((one) => one.name === ifname && one.sandbox === netns)
  if (bridge === undefined || port === undefined || end === undefined)
    throw new CniError('changed', `prevResult: ${name}, its port or ${ifname} is not among the interfaces`)
  // The interface behind the port, where the gateway is in a VLAN. Without an address the bridge has the MAC of any port.
  return { port, end, gateway: vlans?.untagged == null ? bridge : (on[2] ?? bridge) }
}

async function found(link: Promise<Link>, name: string): Promise<Link> {
  return await link.catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENODEV' ? new CniError('changed', `${name} is missing`) : error
  })
}

function checkMac({ name, mac }: Link, told: Told): void {
  if (told.mac !== undefined && told.mac !== mac)
    throw new CniError('changed', `${name}: its MAC is ${mac}, not ${told.mac}`)
}

function checkBridge({ promiscMode }: Settings, { name, up, flags }: Link): void {
  if (!up) throw new CniError('changed', `${name}: it is down`)
  if (promiscMode && !flags.includes('promisc'))
    throw new CniError('changed', `promiscMode: ${name} is not promiscuous`)
}

function checkPort({ hairpinMode, portIsolation = false }: Settings, port: Link, bridge: Link): void {
  const { name } = port
  if (!port.up) throw new CniError('changed', `${name}: it is down`)
  if (port.master !== bridge.ifindex || !isPortKind(port, 'bridge'))
    throw new CniError('changed', `${name}: it is no port of ${bridge.name}`)
  const { hairpin, isolated } = port.portData
  if (hairpin !== hairpinMode) throw new CniError('changed', `hairpinMode: of ${name} it is ${hairpin}`)
  // Null on a kernel that knows nothing of it.
  if ((isolated ?? false) !== portIsolation)
    throw new CniError('changed', `portIsolation: of ${name} it is ${isolated}`)
}

/** The interface that has the gateways' addresses, and whether the host forwards. */
async function checkGateway(told: Told, { ips }: Result): Promise<void> {
  const link = await found(getLink(told.name), told.name)
  checkMac(link, told)
  const there = (await listAddresses({ dev: link.ifindex })).map(({ address }) => address)
  for (const { address, gateway } of ips) {
    const wanted = `${gateway}/${address.split('/')[1]}`
    if (gateway !== undefined && !there.includes(wanted))
      throw new CniError('changed', `${told.name}: ${wanted} is missing`)
    const key = address.includes(':') ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward'
    if ((await getSysctl(key)) === '0') throw new CniError('changed', `isGateway: ${key} is 0`)
  }
}

async function checkRules(
  of: Settings,
  tag: string,
  { name }: Link,
  mac: string,
  { ips }: Result,
): Promise<void> {
  const isMasqueraded = of.ipMasq === true && ips.length > 0
  if (!of.macspoofchk && !isMasqueraded) return
  await withScratch(async (scratch) => {
    if (of.macspoofchk) await checkRestricted(mac, name, tag, scratch)
    if (isMasqueraded) await checkMasquerading(of.name, ips, tag, scratch)
  })
}

/** The addresses and the routes of the container. */
async function checkInside(
  { cniVersion }: Settings,
  netns: Netns,
  { ifindex, name }: Link,
  { ips, routes }: Result,
): Promise<void> {
  const addresses = (await netns.listAddresses({ dev: ifindex })).map(({ address }) => address)
  for (const { address } of ips)
    if (!addresses.includes(address)) throw new CniError('changed', `${name}: ${address} is missing`)
  // Before 1.1 a result does not tell of tables.
  const main = cniVersion === '1.1.0' ? 254 : 'all'
  for (const route of routes) {
    const { to, via, table = main } = wayTo(route, ips)
    if ((await netns.listRoutes({ to, via, table })).length === 0)
      throw new CniError('changed', `${name}: the route to ${to} is missing`)
  }
}
