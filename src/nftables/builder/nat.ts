/** Address translation: dnat, snat, masquerade, redirect, tproxy. */

import { show } from '../../codec/fault.js'
import { checkBoolean, checkKeys } from '../../netlink/check.js'
import { datatypes } from '../datatypes.js'
import type { NatFlag } from '../names.js'
import { type PortRange, parsePort, parseTarget, type Target } from '../target.js'
import { intervalOf } from '../value.js'
import { type Compiler, REG, registerAt, type Statement } from './compiler.js'
import { type Expr, isExpr, registerBytes, valueFor } from './selector.js'

/** How ports and addresses are chosen. */
export interface NatOptions {
  /** Ports at random. */
  random?: boolean | undefined
  fullyRandom?: boolean | undefined
  /** The same address for all connections of a client. */
  persistent?: boolean | undefined
}

/** How what a map has is meant. */
export interface AddressOptions extends NatOptions {
  /** The map has networks, translated one to one; where the rule brings the map it is told by the map. */
  prefix?: boolean | undefined
}

/** Ports to choose from: 8080, '1024-65535'. */
export interface PortOptions extends NatOptions {
  ports?: number | string | undefined
}

const OPTIONS = ['random', 'fullyRandom', 'persistent'] as const
const FLAGS: Readonly<Record<(typeof OPTIONS)[number], NatFlag>> = {
  random: 'proto-random',
  fullyRandom: 'proto-random-fully',
  persistent: 'persistent',
}
const REG2 = registerAt(16)
const REG3 = registerAt(32)
const REG4 = registerAt(48)

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
 * the one that has its place there (Linux 5.8). Or what a map has, of these.
 */
export type NatTarget = string | Expr

/** Sends the packet to another address, as `nft dnat to`. In chains of type nat at prerouting and output. */
export function dnat(to: NatTarget, options: AddressOptions = {}): Statement {
  return translate('dnat', to, options)
}

/** Gives the packet another source address, as `nft snat to`. In chains of type nat at postrouting and input. */
export function snat(to: NatTarget, options: AddressOptions = {}): Statement {
  return translate('snat', to, options)
}

function translate(type: 'dnat' | 'snat', to: NatTarget, options: AddressOptions): Statement {
  checkKeys(type, options, [...OPTIONS, 'prefix'])
  const flags = flagsOf(type, options)
  const prefix = checkBoolean(options.prefix ?? false, `${type}.prefix`)
  if (isExpr(to)) return { compile: (compiler) => fromMap(compiler, type, to, flags, prefix) }
  if (prefix) throw new TypeError(`${type}.prefix: it is about what a map has, not ${show(to)}`)
  const network = typeof to === 'string' && to.includes('/')
  const { family, from, till, port } = network ? networkTarget(to, type) : parseTarget(to, type)
  const specified: readonly NatFlag[] = network ? ['netmap'] : port === null ? [] : ['proto-specified']
  const all = none([...specified, ...flags])
  return {
    compile: (compiler) => {
      if (compiler.network !== null && compiler.network !== family)
        throw new RangeError(
          `${type}: ${show(to)} is no address for ${compiler.network} packets, which the rule is about`,
        )
      const registers = [REG, REG2, REG3, REG4]
      let next = 0
      const put = (value: Uint8Array) => {
        const register = registers[next++]!
        compiler.immediate(value, register)
        return register
      }
      const regAddrMin = put(from)
      const regAddrMax = till === null ? undefined : put(till)
      const { first, last } = portRegisters(port, put)
      compiler.emit({
        name: 'nat',
        data: { type, family, regAddrMin, regAddrMax, regProtoMin: first, regProtoMax: last, flags: all },
      })
    },
  }
}

/** '10.2.0.0/24': from its first address to its last. */
function networkTarget(to: string, field: string): Target {
  const family = to.includes(':') ? 'ip6' : 'ip'
  const { from, to: till } = intervalOf(datatypes[family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'], to, field)
  return { family, from, till, port: null }
}

function portRegisters(port: PortRange | null, put: (value: Uint8Array) => number) {
  if (port === null) return { first: undefined, last: undefined }
  const first = put(registerBytes(datatypes.inet_service, port.from, 'port'))
  return {
    first,
    last: port.to === port.from ? undefined : put(registerBytes(datatypes.inet_service, port.to, 'port')),
  }
}

/** An address out of a map, or an address and a port behind it; each from and to in a map of ranges. */
function fromMap(
  compiler: Compiler,
  type: 'dnat' | 'snat',
  map: Expr,
  flags: readonly NatFlag[],
  prefix: boolean,
): void {
  map.compute(compiler, datatypes.ipv4_addr)
  const { types = [], ranges = null } = map.mapped?.(compiler) ?? {}
  const family = compiler.network === 'ip6' || types[0] === datatypes.ipv6_addr ? 'ip6' : 'ip'
  const size = family === 'ip6' ? 16 : 4
  const networks = prefix || ranges === 'networks'
  const hasRanges = networks || ranges !== null
  if (networks && types.length > 1) throw new TypeError(`${type}.prefix: a network has no port beside it`)
  const hasPorts = types.length > 1
  const length = hasPorts ? size + 4 : size
  compiler.emit({
    name: 'nat',
    data: {
      type,
      family,
      regAddrMin: REG,
      regAddrMax: hasRanges ? registerAt(length) : undefined,
      regProtoMin: hasPorts ? registerAt(size) : undefined,
      regProtoMax: hasRanges && hasPorts ? registerAt(length + size) : undefined,
      flags: none(networks ? ['netmap', ...flags] : flags),
    },
  })
}

/** Gives the packet the address of the interface that it leaves by. In chains of type nat at postrouting. */
export function masquerade(options: PortOptions = {}): Statement {
  checkKeys('masquerade', options, ['ports', ...OPTIONS])
  const port = options.ports === undefined ? null : parsePort(options.ports, 'masquerade.ports')
  const flags = flagsOf('masquerade', options)
  return {
    compile: (compiler) => {
      const { first, last } = portRegisters(port, putter(compiler))
      const all = none(port === null ? flags : ['proto-specified', ...flags])
      compiler.emit({ name: 'masq', data: { flags: all, regProtoMin: first, regProtoMax: last } })
    },
  }
}

/** Sends the packet to the host itself, to another port where one is given, or to the one that a map has. In chains of type nat at prerouting and output. */
export function redirect(options: PortOptions & { to?: number | string | Expr | undefined } = {}): Statement {
  checkKeys('redirect', options, ['to', ...OPTIONS])
  const { to } = options
  const flags = flagsOf('redirect', options)
  if (isExpr(to)) {
    const compute = valueFor(datatypes.inet_service, to, 'redirect.to')
    return {
      compile: (compiler) => {
        compute(compiler)
        const all = none(['proto-specified', ...flags])
        compiler.emit({ name: 'redir', data: { regProtoMin: REG, flags: all } })
      },
    }
  }
  const port = to === undefined ? null : parsePort(to, 'redirect.to')
  return {
    compile: (compiler) => {
      const { first, last } = portRegisters(port, putter(compiler))
      const all = none(port === null ? flags : ['proto-specified', ...flags])
      compiler.emit({ name: 'redir', data: { regProtoMin: first, regProtoMax: last, flags: all } })
    },
  }
}

function putter(compiler: Compiler): (value: Uint8Array) => number {
  let next = 0
  return (value) => {
    const register = registerAt(16 * next++)
    compiler.immediate(value, register)
    return register
  }
}

/** Hands the packet to a transparent proxy's socket: '127.0.0.1:8080'. In chains at prerouting. */
export function tproxy(to: string): Statement {
  const { family, from, till, port } = parseTarget(to, 'tproxy')
  if (till !== null || port === null || port.from !== port.to)
    throw new RangeError(`tproxy: ${show(to)} is not one address and one port, such as '127.0.0.1:8080'`)
  return {
    compile: (compiler) => {
      const put = putter(compiler)
      const regAddr = put(from)
      const { first } = portRegisters(port, put)
      compiler.emit({ name: 'tproxy', data: { family, regAddr, regPort: first } })
    },
  }
}
