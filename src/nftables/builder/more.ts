/** Fields and statements that are needed less often: hashes, fingerprints, routes, copies of packets. */

import { align } from '../../codec/bytes.js'
import { show } from '../../codec/fault.js'
import { checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { type Datatype, integerType, datatypes as t } from '../datatypes.js'
import { checkDevice } from '../input.js'
import { parseTarget } from '../target.js'
import { hostInteger, REG, registerAt, type Statement } from './compiler.js'
import { present } from './facts.js'
import { fact } from './fields.js'
import type { Concatenation, Selector } from './selector.js'
import { loadAll } from './source.js'

const hostU32 = integerType('integer', 4, 4, 'host')

/** The hash of fields, from `offset` to below `offset + modulus`; with a `seed` the same each time. */
export function jhash(
  of: Selector | Concatenation,
  options: { modulus: number; offset?: number; seed?: number },
): Selector {
  checkKeys('jhash', options, ['modulus', 'offset', 'seed'])
  const modulus = checkInteger(options.modulus, 'jhash.modulus', 1, 0xffffffff)
  const offset = checkInteger(options.offset ?? 0, 'jhash.offset', 0, 0xffffffff)
  if (options.seed !== undefined) checkInteger(options.seed, 'jhash.seed', 0, 0xffffffff)
  const sources = 'sources' in of ? of.sources : [of.source]
  const len = sources.reduce((sum, { type }) => (sources.length > 1 ? sum + align(type.size) : type.size), 0)
  return fact('jhash', hostU32, (compiler, dreg) => {
    loadAll(compiler, sources, 16)
    const data = {
      sreg: registerAt(16),
      dreg,
      len,
      modulus,
      seed: options.seed,
      offset,
      type: 'jenkins' as const,
    }
    compiler.emit({ name: 'hash', data })
  })
}

/** The hash of a connection, the same in both directions, from `offset` to below `offset + modulus`. */
export function symhash(options: { modulus: number; offset?: number }): Selector {
  checkKeys('symhash', options, ['modulus', 'offset'])
  const modulus = checkInteger(options.modulus, 'symhash.modulus', 1, 0xffffffff)
  const offset = checkInteger(options.offset ?? 0, 'symhash.offset', 0, 0xffffffff)
  return fact('symhash', hostU32, (compiler, dreg) =>
    compiler.emit({ name: 'hash', data: { dreg, modulus, offset, type: 'sym' } }),
  )
}

const OSF_TTLS = ['strict', 'loose', 'skip'] as const
/** NFT_OSF_MAXGENRELEN of linux/netfilter/nf_tables.h; 5 is the number of nft(8) for texts. */
const osfText: Datatype = { ...t.ifname, name: 'string', id: 5 }

/**
 * The operating system of who begins a TCP connection, by its SYN: `osf('name')('Linux')`, `osf('version')('Linux:4.20')`. `ttl` says how the
 * packet's TTL is compared: 'strict', as for neighbours, less than that of the fingerprint with 'loose', or not at all. The kernel needs to be
 * given fingerprints, which nfnl_osf(8) does.
 *
 * @throws RangeError for another key or way to compare
 */
export function osf(key: 'name' | 'version', ttl: (typeof OSF_TTLS)[number] = 'strict'): Selector {
  if (key !== 'name' && key !== 'version')
    throw new RangeError(`osf: ${show(key)} is not 'name' or 'version'`)
  if (!OSF_TTLS.includes(ttl)) throw new RangeError(`osf: ${show(ttl)} is not one of ${OSF_TTLS.join(', ')}`)
  const flags = key === 'version' ? (['version'] as const) : undefined
  return fact(`osf ${key}`, osfText, (compiler, dreg) =>
    compiler.emit({ name: 'osf', data: { dreg, ttl: OSF_TTLS.indexOf(ttl), flags } }),
  )
}

/** The largest segment that the route allows: for `tcpOptions.maxseg.set(routeMss)`. */
export const routeMss: Selector = /* @__PURE__ */ fact(
  'rt mtu',
  integerType('integer', 4, 2, 'host'),
  (compiler, dreg) => {
    compiler.emit({ name: 'rt', data: { key: 'tcpmss', dreg } })
    compiler.emit({ name: 'byteorder', data: { sreg: dreg, dreg, op: 'hton', len: 2, size: 2 } })
  },
)

const rtFact = (key: 'classid' | 'nexthop4' | 'nexthop6' | 'xfrm', type: Datatype): Selector =>
  fact(`rt ${key}`, type, (compiler, dreg) => compiler.emit({ name: 'rt', data: { key, dreg } }))

/** The route of a packet: enum nft_rt_keys of linux/netfilter/nf_tables.h; its largest segment is `routeMss`. */
export const rt = {
  classid: rtFact('classid', t.realm),
  nexthop: rtFact('nexthop4', t.ipv4_addr),
  nexthop6: rtFact('nexthop6', t.ipv6_addr),
  /** Whether IPsec will be around the packet: 'exists' or 'missing'. */
  ipsec: rtFact('xfrm', present),
}

/** Sends a copy of the packet to an address, out of a device; in the family netdev to a device. */
export function dup(to: { address?: string | undefined; dev?: string | undefined }): Statement {
  checkKeys('dup', to, ['address', 'dev'])
  const address = to.address === undefined ? null : parseTarget(to.address, 'dup.address').from
  if (to.dev !== undefined) checkDevice(to.dev, 'dup.dev')
  return {
    compile: (compiler) => {
      let next = 0
      const put = (value: Uint8Array) => {
        const register = registerAt(16 * next++)
        compiler.immediate(value, register)
        return register
      }
      const sregAddr = address === null ? undefined : put(address)
      const sregDev = to.dev === undefined ? undefined : put(hostInteger(compiler.context.ifindex(to.dev), 4))
      compiler.emit({ name: 'dup', data: { sregAddr, sregDev } })
    },
  }
}

/** Sends the packet out of another device, to a neighbour there where an address is given; in the family netdev. */
export function fwd(dev: string, options: { address?: string | undefined } = {}): Statement {
  checkDevice(dev, 'fwd')
  checkKeys('fwd', options, ['address'])
  const to = options.address === undefined ? null : parseTarget(options.address, 'fwd.address')
  return {
    compile: (compiler) => {
      compiler.immediate(hostInteger(compiler.context.ifindex(dev), 4))
      const sregAddr = to === null ? undefined : registerAt(16)
      if (to !== null) compiler.immediate(to.from, sregAddr)
      compiler.emit({ name: 'fwd', data: { sregDev: REG, sregAddr, nfproto: to?.family } })
    },
  }
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
