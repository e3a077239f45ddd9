import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import type { Operation } from '../netlink/operation.js'
import { accept, ct, drop, fib, ip, ip6, meta, rule, th } from '../nftables/builder/index.js'
import {
  checkAddress,
  checkDevice,
  checkLabel,
  checkNetwork,
  checkPorts,
  checkProtocol,
  derivedName,
  type IpFamily,
  isEvery,
  type PortProtocol,
  portsText,
} from './check.js'
import type { Described } from './description.js'
import type { Made } from './made.js'
import { putChain } from './own-chain.js'

/** Which port, and for whom. */
export interface BlockPortOptions extends CallOptions {
  /** 'tcp' where it is not given. */
  protocol?: PortProtocol | undefined
  /** 22, or a range: '8000-8010'. */
  port: number | string
  /** The address that it is blocked at; '0.0.0.0' and '::' are all of IPv4 and of IPv6, without it all of both. */
  address?: string | undefined
  /** Only for packets from this network. */
  source?: string | undefined
  /** Only for packets that come in by this interface. */
  incoming?: string | undefined
  /** Under which it is kept; without it what it is about, 'tcp-22//source-10.0.0.0/8'. The same name again takes its place. */
  name?: string | undefined
}

/** A port that is blocked. */
export interface BlockedPort extends Described {
  readonly verb: 'blockPort'
  readonly protocol: PortProtocol
  readonly port: number | string
  readonly address: string | null
  readonly source: string | null
  readonly incoming: string | null
}

/** Types of addresses whose packets programs of this machine may get. */
const TAKEN = ['local', 'broadcast', 'multicast', 'anycast'] as const

/**
 * Drops what others send to a port of this machine, whether a program of it listens there or the port is published; connections that are
 * established stop, too. The machine itself goes on reaching it, and what was begun from the port, by this machine or by one that it
 * translates, is answered: connections are tracked for this. A connection that was there before they were counts as begun by whoever
 * sends first. Without an address, broadcasts to the port are dropped, and multicast, where this machine forwards it, too.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example await blockPort({ port: 22, source: '192.168.15.0/24' })
 */
export function* blockPort(options: BlockPortOptions): Operation<Made<BlockedPort>> {
  const keys = ['protocol', 'port', 'address', 'source', 'incoming', 'name']
  checkKeys('blockPort', options, [...keys, ...CALL_OPTIONS])
  const protocol = checkProtocol(options.protocol ?? 'tcp')
  const ports = checkPorts(options.port, 'port')
  const port = ports.from === ports.to ? ports.from : portsText(ports)
  const given = options.source === undefined ? null : checkNetwork(options.source, 'source')
  const family = given?.family ?? familyOf(options.address)
  const address =
    options.address === undefined ? null : checkAddress(options.address, 'address', family ?? 'ip')
  const incoming = options.incoming === undefined ? null : checkDevice(options.incoming, 'incoming')
  const source = given?.network ?? null
  const about = Object.entries({ address, source, incoming }).flatMap(([key, value]) =>
    value === null ? [] : [`${key}-${value}`],
  )
  const name =
    options.name === undefined
      ? derivedName([`${protocol}-${port}`, ...about])
      : checkLabel(options.name, 'chain')
  const described: BlockedPort = { verb: 'blockPort', name, protocol, port, address, source, incoming }
  const { saddr, daddr } = family === 'ip6' ? ip6 : ip
  const nfproto = family === 'ip6' ? 'ipv6' : 'ipv4'
  const body = rule(
    incoming === null ? meta.iifname.not('lo') : meta.iifname(incoming),
    ...(source === null ? [] : [saddr(source)]),
    ...(address !== null && isEvery(address) ? [meta.nfproto(nfproto)] : []),
    address === null || isEvery(address) ? fib(['daddr'], 'type')(TAKEN) : daddr(address),
    meta.l4proto(protocol),
    th.dport(port),
    drop(),
  )
  // Answers to a connection whose own port is this one: their port is that of the sender, before it is translated back. What is not
  // tracked has no direction, and is dropped below.
  const answers = rule(ct.direction('reply'), accept())
  // Behind connection tracking, which puts fragments together, and before published ports are looked up.
  const chain = { type: 'filter', hook: 'prerouting', priority: 'mangle' } as const
  return yield* putChain({ described, ...chain, rules: [answers, body] }, options.netns)
}

function familyOf(address: unknown): IpFamily | null {
  return typeof address === 'string' ? (address.includes(':') ? 'ip6' : 'ip') : null
}
