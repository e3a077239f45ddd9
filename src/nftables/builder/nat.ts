/** Address translation: dnat, snat, masquerade, redirect. */

import { show } from '../../codec/fault.js'
import { checkBoolean, checkKeys } from '../../netlink/check.js'
import { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../netlink/netfilter.js'
import { datatypes } from '../datatypes.js'
import type { NatFlag } from '../names.js'
import { type PortRange, parsePort, parseTarget, type Target } from '../target.js'
import { intervalOf } from '../value.js'
import { addressFamily, checkFamily } from './addresses.js'
import { type Compiler, dependOn, REG, registerAt, type Statement } from './compiler.js'
import { immediateInto, type Ports, portsFor, rangeInto, registers } from './ports.js'
import { type Expr, isExpr } from './selector.js'

/** How ports and addresses are chosen. */
export interface NatOptions {
  /** Ports at random. */
  random?: boolean | undefined
  fullyRandom?: boolean | undefined
  /** The same address for all connections of a client. */
  persistent?: boolean | undefined
}

/** How what a map has is meant, and the ports. */
export interface AddressOptions extends NatOptions {
  /** The map has networks, translated one to one; where the rule brings the map it is told by the map. */
  prefix?: boolean | undefined
  /** The port: 8080, '8000-8010', or one that a map has, where the address has none behind it. */
  port?: number | string | Expr | undefined
}

/** Ports to choose from: 8080, '1024-65535', or one that a map has. */
export interface PortOptions extends NatOptions {
  ports?: number | string | Expr | undefined
}

const OPTIONS = ['random', 'fullyRandom', 'persistent'] as const
const FLAGS: Readonly<Record<(typeof OPTIONS)[number], NatFlag>> = {
  random: 'proto-random',
  fullyRandom: 'proto-random-fully',
  persistent: 'persistent',
}

function flagsOf(call: string, options: NatOptions): NatFlag[] {
  return OPTIONS.filter((name) => checkBoolean(options[name] ?? false, `${call}.${name}`)).map(
    (name) => FLAGS[name],
  )
}

function none(flags: readonly NatFlag[]): readonly NatFlag[] | undefined {
  return flags.length > 0 ? flags : undefined
}

/**
 * The address (or a range of them) and the port (or a range) that a packet goes to or seems to come from: '192.168.15.2',
 * '192.168.15.2:8080', '[2001:db8::2]:80-90', '203.0.113.1-203.0.113.9'. A network, '10.2.0.0/24', is translated one to one: each address to
 * the one that has its place there (Linux 5.8). Or what a map has, of these. A port alone, ':8080' or ':8000-8010', or null beside
 * `options.port`, leaves the address as it is.
 */
export type NatTarget = string | Expr | null

/**
 * Sends the packet to another address, as `nft dnat to`. In chains of type nat at prerouting and output.
 *
 * @throws TypeError, of the transaction, where there is a port and nothing before it, nor in the rule that jumps here, looks at the protocol
 */
export function dnat(to: NatTarget, options: AddressOptions = {}): Statement {
  return translate('dnat', to, options)
}

/**
 * Gives the packet another source address, as `nft snat to`. In chains of type nat at postrouting and input.
 *
 * @throws TypeError, of the transaction, where there is a port and nothing before it, nor in the rule that jumps here, looks at the protocol
 */
export function snat(to: NatTarget, options: AddressOptions = {}): Statement {
  return translate('snat', to, options)
}

function translate(type: 'dnat' | 'snat', to: NatTarget, options: AddressOptions): Statement {
  checkKeys(type, options, [...OPTIONS, 'prefix', 'port'])
  const flags = flagsOf(type, options)
  const prefix = checkBoolean(options.prefix ?? false, `${type}.prefix`)
  const operands = [to, options.port]
  const given = portsFor(options.port, `${type}.port`)
  if (isExpr(to)) {
    return {
      ends: true,
      compile: (compiler) => {
        dependOn(compiler, operands)
        fromMap(compiler, type, to, flags, prefix, given)
      },
    }
  }
  if (prefix) throw new TypeError(`${type}.prefix: it is about what a map has, not ${show(to)}`)
  if (to === null && given === null) throw new TypeError(`${type}: it needs an address, a port, or both`)
  const network = typeof to === 'string' && to.includes('/')
  const { family, from, till, port } = partsOf(to, type)
  if (given !== null && (network || port !== null))
    throw new TypeError(`${type}.port: ${show(to)} has ports, or is a network, which has none`)
  const ports = given ?? rangeInto(port)
  const specified: readonly NatFlag[] = network ? ['netmap'] : ports === null ? [] : ['proto-specified']
  const all = none([...specified, ...flags])
  return {
    ends: true,
    compile: (compiler) => {
      dependOn(compiler, operands)
      if (family !== null) checkFamily(compiler, family, to as string, type)
      else if (!TRANSLATING.includes(compiler.family))
        throw new TypeError(`${type}: it is for tables of the families ip, ip6 and inet`)
      const next = registers()
      const regAddrMin = from === null ? undefined : immediateInto(compiler, from, next)
      const regAddrMax = till === null ? undefined : immediateInto(compiler, till, next)
      const { first, last } = ports?.(compiler, next) ?? {}
      if (ports !== null) compiler.needPorts(type)
      compiler.emit({
        name: 'nat',
        data: {
          type,
          // Of a port alone that of the table: the packets can be of both.
          family: family ?? compiler.family,
          regAddrMin,
          regAddrMax,
          regProtoMin: first,
          regProtoMax: last,
          flags: all,
        },
      })
    },
  }
}

const TRANSLATING: readonly number[] = [NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_INET]

/** What is left out is as the packet has it. */
type Parts = Target | { family: null; from: null; till: null; port: PortRange | null }

function partsOf(to: string | null, field: string): Parts {
  // '::1' is an address.
  const port = typeof to === 'string' ? /^:(?!:)(.*)$/.exec(to) : null
  if (port !== null || to === null)
    return { family: null, from: null, till: null, port: port && parsePort(port[1], field) }
  return typeof to === 'string' && to.includes('/') ? networkTarget(to, field) : parseTarget(to, field)
}

/** '10.2.0.0/24': from its first address to its last. */
function networkTarget(to: string, field: string): Target {
  if (/\/\d+\]?:/.test(to)) throw new RangeError(`${field}: ${show(to)} is a network, which has no port`)
  const family = to.includes(':') ? 'ip6' : 'ip'
  const { from, to: till } = intervalOf(datatypes[family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'], to, field)
  return { family, from, till, port: null }
}

/** An address out of a map, or an address and a port behind it; each from and to in a map of ranges. */
function fromMap(
  compiler: Compiler,
  type: 'dnat' | 'snat',
  map: Expr,
  flags: readonly NatFlag[],
  prefix: boolean,
  port: Ports | null,
): void {
  map.compute(compiler, null, REG)
  const { types, ranges } = map.gives(compiler)
  const family = addressFamily(compiler, map, type, true)
  const size = family === 'ip6' ? 16 : 4
  const networks = prefix || ranges === 'networks'
  const hasRanges = networks || ranges !== null
  if (networks && types.length > 1) throw new TypeError(`${type}.prefix: a network has no port beside it`)
  const hasPorts = types.length > 1
  if (port !== null && (hasPorts || hasRanges))
    throw new TypeError(`${type}.port: the map has ports, or ranges, already`)
  const length = hasPorts ? size + 4 : size
  const { first, last } = port?.(compiler, registers(1)) ?? {
    first: hasPorts ? registerAt(size) : undefined,
    last: hasRanges && hasPorts ? registerAt(length + size) : undefined,
  }
  if (hasPorts || port !== null) compiler.needPorts(type)
  const specified: readonly NatFlag[] = networks ? ['netmap'] : port === null ? [] : ['proto-specified']
  compiler.emit({
    name: 'nat',
    data: {
      type,
      family,
      regAddrMin: REG,
      regAddrMax: hasRanges ? registerAt(length) : undefined,
      regProtoMin: first,
      regProtoMax: last,
      flags: none([...specified, ...flags]),
    },
  })
}

/**
 * Gives the packet the address of the interface that it leaves by. In chains of type nat at postrouting.
 *
 * @throws TypeError, of the transaction, where there is a port and nothing before it, nor in the rule that jumps here, looks at the protocol
 */
export function masquerade(options: PortOptions = {}): Statement {
  checkKeys('masq', options, ['ports', ...OPTIONS])
  const operands = [options.ports]
  const ports = portsFor(options.ports, 'masq.ports')
  const flags = flagsOf('masq', options)
  return {
    ends: true,
    compile: (compiler) => {
      dependOn(compiler, operands)
      const { first, last } = ports?.(compiler, registers()) ?? {}
      if (ports !== null) compiler.needPorts('masq')
      const all = none(ports === null ? flags : ['proto-specified', ...flags])
      compiler.emit({ name: 'masq', data: { flags: all, regProtoMin: first, regProtoMax: last } })
    },
  }
}

/**
 * Sends the packet to the host itself, to another port where one is given, or to the one that a map has. In chains of type nat at prerouting and output.
 *
 * @throws TypeError, of the transaction, where there is a port and nothing before it, nor in the rule that jumps here, looks at the protocol
 */
export function redirect(options: NatOptions & { to?: number | string | Expr | undefined } = {}): Statement {
  checkKeys('redirect', options, ['to', ...OPTIONS])
  const operands = [options.to]
  const ports = portsFor(options.to, 'redirect.to')
  const flags = flagsOf('redirect', options)
  return {
    ends: true,
    compile: (compiler) => {
      dependOn(compiler, operands)
      const { first, last } = ports?.(compiler, registers()) ?? {}
      if (ports !== null) compiler.needPorts('redirect')
      const all = none(ports === null ? flags : ['proto-specified', ...flags])
      compiler.emit({ name: 'redir', data: { regProtoMin: first, regProtoMax: last, flags: all } })
    },
  }
}
