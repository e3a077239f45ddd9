/** Packets sent elsewhere: copies (dup) and the packet itself (fwd). */

import { checkKeys } from '../../netlink/check.js'
import { datatypes } from '../datatypes.js'
import { checkDevice } from '../input.js'
import { parseTarget } from '../target.js'
import { type Compiler, hostInteger, type Statement } from './compiler.js'
import { immediateInto, registers } from './ports.js'
import { type Expr, isExpr } from './selector.js'

type Put = (compiler: Compiler, next: () => number) => number

/** The ifindex of a device, or what a map has: `ip.saddr.map([['10.0.0.1', 'eth1']], 'iface_index')`. */
function device(dev: string | Expr, field: string): Put {
  if (isExpr(dev)) return computed(dev)
  checkDevice(dev, field)
  return (compiler, next) => immediateInto(compiler, hostInteger(compiler.context.ifindex(dev), 4), next)
}

function computed(value: Expr): Put {
  return (compiler, next) => {
    const register = next()
    value.compute(compiler, null, register)
    return register
  }
}

function address(to: string | Expr, field: string): { put: Put; family: 'ip' | 'ip6' | null } {
  if (isExpr(to)) return { put: computed(to), family: null }
  const { family, from } = parseTarget(to, field)
  return { put: (compiler, next) => immediateInto(compiler, from, next), family }
}

/** Sends a copy of the packet to an address, out of a device; in the family netdev to a device. Each can be what a map has. */
export function dup(to: { address?: string | Expr | undefined; dev?: string | Expr | undefined }): Statement {
  checkKeys('dup', to, ['address', 'dev'])
  const addr = to.address === undefined ? null : address(to.address, 'dup.address').put
  const dev = to.dev === undefined ? null : device(to.dev, 'dup.dev')
  return {
    compile: (compiler) => {
      const next = registers()
      const sregAddr = addr?.(compiler, next)
      const sregDev = dev?.(compiler, next)
      compiler.emit({ name: 'dup', data: { sregAddr, sregDev } })
    },
  }
}

/** Sends the packet out of another device, to a neighbour there where an address is given; in the family netdev. Each can be what a map has. */
export function fwd(dev: string | Expr, options: { address?: string | Expr | undefined } = {}): Statement {
  const out = device(dev, 'fwd')
  checkKeys('fwd', options, ['address'])
  const to = options.address === undefined ? null : address(options.address, 'fwd.address')
  return {
    compile: (compiler) => {
      const next = registers()
      const sregDev = out(compiler, next)
      const sregAddr = to?.put(compiler, next)
      const nfproto = to === null ? undefined : (to.family ?? familyOf(compiler, options.address))
      compiler.emit({ name: 'fwd', data: { sregDev, sregAddr, nfproto } })
    },
  }
}

function familyOf(compiler: Compiler, to: string | Expr | undefined): 'ip' | 'ip6' {
  const isV6 = isExpr(to) && to.mapped?.(compiler).types[0] === datatypes.ipv6_addr
  return isV6 ? 'ip6' : 'ip'
}
