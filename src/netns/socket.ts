import { putBe16, putU16 } from '../codec/bytes.js'
import { parseIp } from '../codec/index.js'
import type { CallOptions } from '../netlink/call.js'
import { checkInteger, checkKeys, checkKnown } from '../netlink/check.js'
import { SystemError } from '../netlink/errors.js'
import { checkNetns } from '../netlink/netns-like.js'
import { type NetnsLike, type OpenNetns, type Operation, withNetns } from '../netlink/operation.js'
import { handOver, primitive } from '../netlink/primitives.js'
import { AF_INET, AF_INET6, type Family, familyNumber } from '../rtnetlink/family.js'
import { checkIp } from '../rtnetlink/input.js'

/** SOCK_* (bits/socket_type.h); Linux has the same numbers on every machine that Node runs on but MIPS. */
const SOCKET_TYPES = { stream: 1, dgram: 2, raw: 3, seqpacket: 5 } as const

/** What kind of socket, and where it is bound. */
export interface SocketOptions extends Pick<CallOptions, 'signal'> {
  /** A number is an AF_* of socket(2). Without it that of `address`, else 'ipv4'. */
  family?: Family | number | undefined
  /** Without it 'stream'. A number is a SOCK_* of socket(2). */
  type?: keyof typeof SOCKET_TYPES | number | undefined
  /** IPPROTO_*: 1 for ICMP. Without it the usual one of the type, TCP or UDP. */
  protocol?: number | undefined
  /** Binds the socket to an IPv4 or IPv6 address of the namespace; with a port alone, to all of its addresses. */
  address?: string | undefined
  /** Binds the socket to a port; without it, or with 0, the kernel chooses one when it is needed. */
  port?: number | undefined
}

/**
 * Opens a socket in a namespace and returns its descriptor, non-blocking and close-on-exec. It stays in that namespace wherever it is
 * used: `server.listen({ fd })`, `new net.Socket({ fd }).connect(port, address)`, `dgram.bind({ fd })`. It belongs to the caller, and
 * to the Node object that it is given to, which closes it; else `fs.closeSync(fd)`. An open socket keeps its namespace alive.
 *
 * @throws RangeError or TypeError naming the option; SystemError EADDRNOTAVAIL where the namespace does not have the address, EADDRINUSE,
 * EPERM for a raw socket without CAP_NET_RAW.
 * @see socket(2), bind(2)
 * @example http.createServer(handler).listen({ fd: await openSocketInNetns('red', { address: '192.168.15.1', port: 80 }) })
 */
export function* openSocketInNetns(netns: NetnsLike, options: SocketOptions = {}): Operation<number> {
  checkNetns(netns, 'netns')
  checkKeys('openSocketInNetns', options, ['family', 'type', 'protocol', 'address', 'port', 'signal'])
  const type = socketType(options.type)
  const protocol = options.protocol === undefined ? 0 : checkInteger(options.protocol, 'protocol', 0, 0xffff)
  const family = socketFamily(options)
  const address = sockaddr(family, options)
  return yield* withNetns(netns, function* (opened) {
    return yield* handOver(yield* open(opened, family, type, protocol, address, options))
  })
}

function* open(
  netns: OpenNetns,
  family: number,
  type: number,
  protocol: number,
  address: Uint8Array,
  options: SocketOptions,
): Operation<number> {
  try {
    return yield* primitive('openSocket', netns, family, type, protocol, address)
  } catch (error) {
    throw explain(error, netns, options)
  }
}

function socketType(type: SocketOptions['type'] = 'stream'): number {
  if (typeof type === 'number') return checkInteger(type, 'type', 1, 10, 'a type of socket')
  return SOCKET_TYPES[checkKnown(type, 'type', SOCKET_TYPES)]
}

function socketFamily({ family, address }: SocketOptions): number {
  if (typeof family === 'number') return checkInteger(family, 'family', 1, 0xff, 'an address family')
  if (family !== undefined) return familyNumber(family)
  return address !== undefined && checkIp(address, 'address').includes(':') ? AF_INET6 : AF_INET
}

/** struct sockaddr_in or sockaddr_in6 (netinet/in.h); empty where the socket is not to be bound. */
function sockaddr(family: number, { address, port }: SocketOptions): Uint8Array {
  if (address === undefined && port === undefined) return new Uint8Array(0)
  if (family !== AF_INET && family !== AF_INET6) {
    throw new RangeError(
      `address, port: only a socket of 'ipv4' or 'ipv6' can be bound here, not one of family ${family}`,
    )
  }
  const ip = parseIp(checkIp(address ?? (family === AF_INET ? '0.0.0.0' : '::'), 'address', family))!
  const bytes = new Uint8Array(family === AF_INET ? 16 : 28)
  putU16(bytes, 0, family)
  putBe16(bytes, 2, port === undefined ? 0 : checkInteger(port, 'port', 0, 0xffff, 'a port'))
  bytes.set(ip, family === AF_INET ? 4 : 8)
  return bytes
}

function explain(error: unknown, netns: OpenNetns, { address, port }: SocketOptions): unknown {
  if (!(error instanceof SystemError)) return error
  const { code, errno, syscall } = error
  const bound = syscall === 'bind' ? `address '${address ?? '*'}' port ${port ?? 0} ` : ''
  return new SystemError({
    errno,
    syscall,
    subject: `${bound}in ${netns.label}`,
    // That of entering the namespace is not about the socket.
    advice: (syscall === 'setns' ? undefined : advise(code)) ?? error.advice ?? undefined,
  })
}

function advise(code: string): string | undefined {
  switch (code) {
    case 'EADDRNOTAVAIL':
      return 'the namespace does not have this address, or has it in a VRF alone, or it is an IPv6 one that is not ready yet (add it with nodad)'
    case 'EPERM':
    case 'EACCES':
      return 'a raw socket needs CAP_NET_RAW, a port below net.ipv4.ip_unprivileged_port_start CAP_NET_BIND_SERVICE'
    default:
      return undefined
  }
}
