/** Packets handed to sockets and queues of this host: tproxy, queue, synproxy. */

import { host } from '../../codec/bytes.js'
import { show } from '../../codec/fault.js'
import { checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_UNSPEC } from '../../netlink/netfilter.js'
import type { Datatype } from '../datatypes.js'
import { hostU16, hostU32, upTo } from '../integers.js'
import { parsePort, parseTarget } from '../target.js'
import { addressFamily, checkFamily } from './addresses.js'
import { type Compiler, dependOn, REG, type Statement } from './compiler.js'
import { immediateInto, portsFor, rangeInto, registers } from './ports.js'
import { type Expr, isExpr, valueFor } from './selector.js'

/** Where a transparent proxy listens; what is left out is as the packet has it. */
export interface ProxyAddress {
  address?: string | Expr | undefined
  port?: number | Expr | undefined
}

/**
 * Hands the packet to a transparent proxy's socket: '127.0.0.1:8080', an address alone, a port alone (':8080', for both families), or each
 * for itself, as what a map has. In chains at prerouting, behind a comparison of `meta.l4proto` or of a port.
 *
 * @throws RangeError or TypeError for what is neither, and for ranges
 */
export function tproxy(to: string | ProxyAddress): Statement {
  if (typeof to !== 'string') checkKeys('tproxy', to, ['address', 'port'])
  const { address, port } = typeof to === 'string' ? partsOf(to) : to
  if (address === undefined && port === undefined)
    throw new TypeError('tproxy: it needs an address, a port, or both')
  const field = typeof to === 'string' ? 'tproxy' : 'tproxy.address'
  const target = typeof address === 'string' ? targetOf(address, field) : null
  const ports = isExpr(port)
    ? portsFor(port, 'tproxy.port')
    : port === undefined
      ? null
      : rangeInto(parsePort(checkInteger(port, 'tproxy.port', 1, 0xffff, 'a port'), 'tproxy.port'))
  return {
    compile: (compiler) => {
      dependOn(compiler, [address, port])
      const next = registers()
      let family: 'ip' | 'ip6' | number = familyOf(compiler)
      let regAddr: number | undefined
      if (target !== null) {
        checkFamily(compiler, target.family, address as string, field)
        family = target.family
        regAddr = immediateInto(compiler, target.from, next)
      } else if (isExpr(address)) {
        regAddr = next()
        address.compute(compiler, null, regAddr)
        family = addressFamily(compiler, address, 'tproxy.address')
      }
      compiler.emit({
        name: 'tproxy',
        data: { family, regAddr, regPort: ports?.(compiler, next).first },
      })
    },
  }
}

/** That of the table; in the family inet a port alone is for both. */
function familyOf({ family }: Compiler): number {
  return family === NFPROTO_IPV4 || family === NFPROTO_IPV6 ? family : NFPROTO_UNSPEC
}

function partsOf(to: string): { address?: string; port?: number } {
  const port = /^(.*):(\d+)$/.exec(to)
  // The last part of an IPv6 address without brackets is no port.
  if (port === null || (port[1]!.includes(':') && !port[1]!.endsWith(']'))) return { address: to }
  return { ...(port[1] !== '' && { address: port[1]! }), port: Number(port[2]) }
}

function targetOf(address: string, field: string) {
  const target = parseTarget(address, field)
  if (target.till !== null || target.port !== null)
    throw new RangeError(`${field}: ${show(address)} is not one address, with or without one port`)
  return target
}

/** To which queue of user space. */
export interface QueueOptions {
  num?: number | undefined
  /** How many queues there are from `num` on: 1. */
  total?: number | undefined
  /** The number is what another expression has: `numgen('incremental', 4)`, `symhash({ modulus: 4 })`, a map. */
  to?: Expr | undefined
  /** Accepts where nobody listens. */
  bypass?: boolean | undefined
  /** By the processor that has the packet, instead of by its connection. */
  fanout?: boolean | undefined
}

/**
 * nft(8) has two bytes for it, of which the kernel reads four (nft_queue_sreg_eval() of net/netfilter/nft_queue.c): the same where the lower
 * ones come first.
 */
function queueNumber(): Datatype {
  return host.littleEndian ? hostU16 : upTo(0xffff, hostU32)
}

/** To a queue of user space (nfnetlink_queue), or one of several. */
export function queue(options: QueueOptions = {}): Statement {
  checkKeys('queue', options, ['num', 'total', 'to', 'bypass', 'fanout'])
  const { to, bypass = false, fanout = false } = options
  const given = [
    ...(checkBoolean(bypass, 'queue.bypass') ? (['bypass'] as const) : []),
    ...(checkBoolean(fanout, 'queue.fanout') ? (['fanout'] as const) : []),
  ]
  const flags = given.length > 0 ? given : undefined
  if (to !== undefined) {
    if (!isExpr(to) || options.num !== undefined || options.total !== undefined)
      throw new TypeError('queue.to: it is an expression, instead of num and total')
    if (fanout)
      throw new TypeError('queue.fanout: it is for num and total, not for the number that queue.to has')
    const compute = valueFor(queueNumber(), to, 'queue.to')
    return {
      ends: true,
      compile: (compiler) => {
        dependOn(compiler, [to])
        compute(compiler)
        compiler.emit({ name: 'queue', data: { flags, sregQnum: REG } })
      },
    }
  }
  const num = checkInteger(options.num ?? 0, 'queue.num', 0, 0xffff)
  const total = checkInteger(options.total ?? 1, 'queue.total', 1, Math.min(0xffff, 0x10000 - num))
  return { ends: true, compile: (compiler) => compiler.emit({ name: 'queue', data: { num, total, flags } }) }
}

/** Answers SYNs in place of a server. */
export function synproxy(
  options: { mss?: number; wscale?: number; timestamp?: boolean; sackPerm?: boolean } = {},
): Statement {
  checkKeys('synproxy', options, ['mss', 'wscale', 'timestamp', 'sackPerm'])
  const { mss, wscale, timestamp = false, sackPerm = false } = options
  const flags = [
    ...(mss === undefined ? [] : (['mss'] as const)),
    ...(wscale === undefined ? [] : (['wscale'] as const)),
    ...(checkBoolean(sackPerm, 'synproxy.sackPerm') ? (['sack-perm'] as const) : []),
    ...(checkBoolean(timestamp, 'synproxy.timestamp') ? (['timestamp'] as const) : []),
  ]
  const data = {
    mss: mss === undefined ? undefined : checkInteger(mss, 'synproxy.mss', 0, 0xffff),
    wscale: wscale === undefined ? undefined : checkInteger(wscale, 'synproxy.wscale', 0, 14),
    flags,
  }
  return { compile: (compiler) => compiler.emit({ name: 'synproxy', data }) }
}
