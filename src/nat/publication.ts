/** A published port: what is asked for, and the elements that it is in the maps of the own table. */

import { show } from '../codec/fault.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import { datatypes } from '../nftables/datatypes.js'
import type { KeyPart, NftElement } from '../nftables/element.js'
import type { Transaction } from '../nftables/recorder.js'
import type { NftSetInput } from '../nftables/set.js'
import { type PortRange, parseTarget } from '../nftables/target.js'
import {
  checkAddress,
  checkInPackets,
  checkLabel,
  checkOneDevice,
  checkPorts,
  checkProtocol,
  type IpFamily,
  isEvery,
  isOfOneMachine,
  type PortProtocol,
  portsText,
} from './check.js'
import { OWN, portMaps } from './own-table.js'

/** Which port, and where its connections go. */
export interface PublishPortOptions extends CallOptions {
  /** 'tcp' where it is not given. */
  protocol?: PortProtocol | undefined
  /** The address that connections are made to; without it, with '0.0.0.0' and with '::', every address of the machine. */
  hostAddress?: string | undefined
  /** 8080, or a range: '8000-8010'. */
  hostPort: number | string
  /** '192.168.15.2:80', '[2001:db8::2]:80'. The ports of a range go to a range of as many; without a port, to the same ones. */
  to: string
  /** The interface that the target is behind; without it the one that the routing table names, where the target is on its network. */
  dev?: string | undefined
  /**
   * Whose it is: another name's port is refused. An owner may have any number of ports: those that a call does not name stay until they are
   * withdrawn. Without it the port itself, 'tcp/8080'.
   */
  name?: string | undefined
}

/** A port that is published. */
export interface PublishedPort {
  readonly verb: 'publishPort'
  readonly name: string
  readonly protocol: PortProtocol
  readonly hostAddress: string | null
  readonly hostPort: number | string
  readonly to: string
  /** The interface that the target is behind; null where the target is on no network of this machine. */
  readonly dev: string | null
}

/** A publication that has been checked. */
export interface Publication {
  readonly family: IpFamily
  readonly name: string
  readonly protocol: PortProtocol
  readonly hostAddress: string | null
  readonly ports: PortRange
  readonly target: string
  readonly targetPort: number
  /** Undefined where the routing table is to tell. */
  readonly dev: string | null | undefined
}

const KEYS = ['protocol', 'hostAddress', 'hostPort', 'to', 'dev', 'name', ...CALL_OPTIONS]
/** Throws RangeError or TypeError for what cannot be published. */
export function checkPublication(options: PublishPortOptions): Publication {
  checkKeys('publishPort', options, KEYS)
  const protocol = checkProtocol(options.protocol ?? 'tcp')
  const ports = checkPorts(options.hostPort, 'hostPort')
  const to = parseTarget(options.to, 'to')
  if (to.till !== null) throw new RangeError(`to: ${show(options.to)} is more than one address`)
  const { family, port: targetPorts = null } = to
  if (targetPorts !== null && targetPorts.to - targetPorts.from !== ports.to - ports.from)
    throw new RangeError(
      `to: ${show(options.to)} has ${counted(targetPorts)} for ${counted(ports)} of hostPort; an address alone means the same ports`,
    )
  const target = (family === 'ip' ? datatypes.ipv4_addr : datatypes.ipv6_addr).decode(to.from) as string
  if (!isOfOneMachine(target))
    throw new RangeError(`to: ${show(options.to)} is not the address of one machine`)
  checkInPackets(target, options.to, 'to')
  const given =
    options.hostAddress === undefined ? null : checkAddress(options.hostAddress, 'hostAddress', family)
  const hostAddress = given === null || isEvery(given) ? null : given
  if (hostAddress === '::1')
    throw new RangeError(
      "hostAddress: '::1' cannot be published: the kernel takes no answers to it from other interfaces",
    )
  const where = hostAddress === null ? '' : `${bracketed(family, hostAddress)}:`
  return {
    family,
    name:
      options.name === undefined
        ? `${protocol}/${where}${portsText(ports)}`
        : checkLabel(options.name, 'port'),
    protocol,
    hostAddress,
    ports,
    target,
    targetPort: (targetPorts ?? ports).from,
    dev: options.dev === undefined ? undefined : checkOneDevice(options.dev, 'dev'),
  }
}

function bracketed(family: IpFamily, address: string): string {
  return family === 'ip' ? address : `[${address}]`
}

/** In errors: '11 ports'. */
function counted({ from, to }: PortRange): string {
  return from === to ? 'one port' : `${to - from + 1} ports`
}

/** A publication as callers have it. */
export function published({ name, protocol, hostAddress, ports, ...to }: Publication): PublishedPort {
  const { family, target, targetPort, dev = null } = to
  const targetPorts = portsText({ from: targetPort, to: targetPort + ports.to - ports.from })
  return {
    verb: 'publishPort',
    name,
    protocol,
    hostAddress,
    hostPort: ports.from === ports.to ? ports.from : portsText(ports),
    to: `${bracketed(family, target)}:${targetPorts}`,
    dev,
  }
}

/**
 * What published() tells, the other way round. Nothing is checked: the kernel also has what somebody else put into the maps, which this library
 * would not have published.
 */
export function parsePublished({
  name,
  protocol,
  hostAddress,
  hostPort,
  to,
  dev,
}: PublishedPort): Publication {
  const end = to.lastIndexOf(':')
  const target = to.slice(0, end).replace(/^\[|\]$/g, '')
  const [from, till = from] = numbersIn(String(hostPort))
  return {
    family: target.includes(':') ? 'ip6' : 'ip',
    name,
    protocol,
    hostAddress,
    ports: { from: from!, to: till! },
    target,
    targetPort: numbersIn(to.slice(end + 1))[0]!,
    dev,
  }
}

function numbersIn(ports: string): number[] {
  return ports.split('-').map(Number)
}

/** In errors: "port 8080/tcp of 192.0.2.1". */
export function describePublication({ protocol, hostAddress, ports }: Publication): string {
  return `port ${portsText(ports)}/${protocol}${hostAddress === null ? '' : ` of ${hostAddress}`}`
}

/** The map that it is in. */
export function mapOf({ family, hostAddress }: Publication): NftSetInput {
  const { ports, hosts } = portMaps[family]
  return hostAddress === null ? ports : hosts
}

/** A port and the one of the target that it goes to. */
export interface PortPair {
  readonly port: number
  readonly to: number
}

/** The ports of a publication, one by one. */
export function portsOf({ ports, targetPort }: Publication): PortPair[] {
  return Array.from({ length: ports.to - ports.from + 1 }, (_, i) => ({
    port: ports.from + i,
    to: targetPort + i,
  }))
}

/** The key of a port in the map. */
export function keyOf({ protocol, hostAddress }: Publication, port: number): readonly KeyPart[] {
  return hostAddress === null ? [protocol, port] : [hostAddress, protocol, port]
}

/** What an element's comment says: whose it is, and the interface that the target is behind. */
export function tagOf({ comment }: NftElement): { name: string; dev: string | null } {
  const [name = '', dev = null] = (comment ?? '').split(' ')
  return { name, dev }
}

/** Where the connections of an element go. */
export function targetOf({ value }: NftElement): { address: string; port: number } {
  const [address, port] = value as readonly [string, number]
  return { address, port }
}

/** Elements for some of its ports, which the map refuses where it has the port already (EEXIST). */
export function addPorts(tx: Transaction, publication: Publication, ports: readonly PortPair[]): void {
  const map = mapOf(publication)
  const { target, dev = null, name } = publication
  const comment = dev === null ? name : `${name} ${dev}`
  tx.knowSet(map)
  tx.createElements({
    set: map.name,
    elements: ports.map(({ port, to }) => ({ key: keyOf(publication, port), value: [target, to], comment })),
    ...OWN,
  })
}

/** Takes some of its ports out of the map. */
export function deletePorts(tx: Transaction, publication: Publication, ports: readonly PortPair[]): void {
  const map = mapOf(publication)
  tx.knowSet(map)
  const elements = ports.map(({ port }) => keyOf(publication, port))
  tx.deleteElements({ set: map.name, elements, ...OWN })
}

/** At most so many bytes has a port in a transaction: it is taken out of three sets and put in again, with names and comments. */
const PORT_BYTES = 1024
/** What every socket sends at once, at least. */
const USUAL_BYTES = 1 << 18

/** The send buffer that the transaction of a publication needs; undefined for the usual one. */
export function bytesFor({ ports }: Publication): number | undefined {
  const bytes = (ports.to - ports.from + 1) * PORT_BYTES
  return bytes > USUAL_BYTES ? bytes : undefined
}
