/** Packets sent elsewhere: copies (dup) and the packet itself (fwd). */

import { show } from '../../codec/fault.js'
import { checkKeys } from '../../netlink/check.js'
import { NFPROTO_NETDEV } from '../../netlink/netfilter.js'
import { datatypes } from '../datatypes.js'
import { checkDevice } from '../input.js'
import { parseTarget } from '../target.js'
import { addressFamily, checkFamily } from './addresses.js'
import { type Compiler, dependOn, hostInteger, type Statement } from './compiler.js'
import { immediateInto, registers } from './ports.js'
import { type Expr, isExpr } from './selector.js'
import { checkGiven, checkSingle } from './set-types.js'

type Put = (compiler: Compiler, next: () => number) => number

/** The ifindex of a device, or what a map has: `ip.saddr.map([['10.0.0.1', 'eth1']], 'iface_index')`. */
function device(dev: string | Expr, field: string): Put {
  if (isExpr(dev)) {
    return (compiler, next) => {
      const given = dev.gives(compiler)
      checkSingle(given, field)
      checkGiven(given.types, [datatypes.iface_index], field)
      return computed(compiler, dev, next)
    }
  }
  checkDevice(dev, field)
  return (compiler, next) => immediateInto(compiler, hostInteger(compiler.context.ifindex(dev), 4), next)
}

function computed(compiler: Compiler, value: Expr, next: () => number): number {
  const register = next()
  value.compute(compiler, null, register)
  return register
}

/** The register of an address, and its family. */
type PutAddress = (compiler: Compiler, next: () => number) => { register: number; nfproto: 'ip' | 'ip6' }

function address(to: string | Expr, field: string): PutAddress {
  if (isExpr(to)) {
    return (compiler, next) => {
      const register = computed(compiler, to, next)
      return { register, nfproto: addressFamily(compiler, to, field) }
    }
  }
  const { family: nfproto, from } = parseTarget(to, field)
  return (compiler, next) => {
    checkFamily(compiler, nfproto, to, field)
    return { register: immediateInto(compiler, from, next), nfproto }
  }
}

/**
 * Sends a copy of the packet to an address, out of a device; in the family netdev to a device. Each can be what a map has.
 *
 * @throws TypeError, of the transaction, for an address in the family netdev, in which the kernel would not look at it
 */
export function dup(to: { address?: string | Expr | undefined; dev?: string | Expr | undefined }): Statement {
  checkKeys('dup', to, ['address', 'dev'])
  const operands = [to.address, to.dev]
  const addr = to.address === undefined ? null : address(to.address, 'dup.address')
  const dev = to.dev === undefined ? null : device(to.dev, 'dup.dev')
  if (addr === null && dev === null) throw new TypeError('dup: it needs an address, or a device')
  return {
    compile: (compiler) => {
      if (addr !== null && compiler.family === NFPROTO_NETDEV)
        throw new TypeError(
          `dup.address: ${isExpr(to.address) ? 'an expression' : show(to.address)} is in the family netdev, where copies go out of a device, to no address`,
        )
      dependOn(compiler, operands)
      const next = registers()
      const sregAddr = addr?.(compiler, next).register
      const sregDev = dev?.(compiler, next)
      if (addr === null && compiler.family !== NFPROTO_NETDEV)
        throw new TypeError('dup.address: it is needed in every family except netdev')
      compiler.emit({ name: 'dup', data: { sregAddr, sregDev } })
    },
  }
}

/** Sends the packet out of another device, to a neighbour there where an address is given; in the family netdev. Each can be what a map has. */
export function fwd(dev: string | Expr, options: { address?: string | Expr | undefined } = {}): Statement {
  const out = device(dev, 'fwd')
  checkKeys('fwd', options, ['address'])
  const operands = [dev, options.address]
  const to = options.address === undefined ? null : address(options.address, 'fwd.address')
  return {
    ends: true,
    compile: (compiler) => {
      dependOn(compiler, operands)
      const next = registers()
      const sregDev = out(compiler, next)
      const { register: sregAddr, nfproto } = to?.(compiler, next) ?? {}
      compiler.emit({ name: 'fwd', data: { sregDev, sregAddr, nfproto } })
    },
  }
}
