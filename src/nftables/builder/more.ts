/** Fields that are needed less often: hashes, fingerprints, routes. */

import { align } from '../../codec/bytes.js'
import { show } from '../../codec/fault.js'
import { checkInteger, checkKeys } from '../../netlink/check.js'
import { type Datatype, ruleTypes, datatypes as t } from '../datatypes.js'
import { hostU16, hostU32 } from '../integers.js'
import { behind, type Compiler, dependOn, registerAt } from './compiler.js'
import { present } from './facts.js'
import { fact } from './fields.js'
import { type Concatenation, type Selector, sourcesOf } from './selector.js'
import { loadAll } from './source.js'

/** The hash of fields, from `offset` to below `offset + modulus`; with a `seed` the same each time. */
export function jhash(
  of: Selector | Concatenation,
  options: { modulus: number; offset?: number; seed?: number },
): Selector {
  checkKeys('jhash', options, ['modulus', 'offset', 'seed'])
  const modulus = checkInteger(options.modulus, 'jhash.modulus', 1, 0xffffffff)
  const offset = checkInteger(options.offset ?? 0, 'jhash.offset', 0, 2 ** 32 - modulus)
  if (options.seed !== undefined) checkInteger(options.seed, 'jhash.seed', 0, 0xffffffff)
  const sources = sourcesOf(of, 'jhash')
  const len = sources.reduce((sum, { type }) => (sources.length > 1 ? sum + align(type.size) : type.size), 0)
  const { seed } = options
  const load = (compiler: Compiler, dreg: number) => {
    const first = behind(dreg)
    loadAll(compiler, sources, first)
    const data = { sreg: registerAt(first), dreg, len, modulus, seed, offset, type: 'jenkins' as const }
    compiler.emit({ name: 'hash', data })
  }
  return fact('jhash', hostU32, load, { depend: (compiler) => dependOn(compiler, sources) })
}

/** The hash of a connection, the same in both directions, from `offset` to below `offset + modulus`. */
export function symhash(options: { modulus: number; offset?: number }): Selector {
  checkKeys('symhash', options, ['modulus', 'offset'])
  const modulus = checkInteger(options.modulus, 'symhash.modulus', 1, 0xffffffff)
  const offset = checkInteger(options.offset ?? 0, 'symhash.offset', 0, 2 ** 32 - modulus)
  return fact('symhash', hostU32, (compiler, dreg) =>
    compiler.emit({ name: 'hash', data: { dreg, modulus, offset, type: 'sym' } }),
  )
}

const OSF_TTLS = ['strict', 'loose', 'skip'] as const
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
  return fact(`osf ${key}`, ruleTypes.string, (compiler, dreg) =>
    compiler.emit({ name: 'osf', data: { dreg, ttl: OSF_TTLS.indexOf(ttl), flags } }),
  )
}

const rtFact = (key: 'classid' | 'nexthop4' | 'nexthop6' | 'tcpmss' | 'xfrm', type: Datatype): Selector =>
  fact(`rt ${key}`, type, (compiler, dreg) => compiler.emit({ name: 'rt', data: { key, dreg } }), {
    cuttable: true,
  })

/** The route of a packet: enum nft_rt_keys of linux/netfilter/nf_tables.h; its largest segment, to be written into a packet, is `routeMss`. */
export const rt = {
  classid: rtFact('classid', t.realm),
  nexthop: rtFact('nexthop4', t.ipv4_addr),
  nexthop6: rtFact('nexthop6', t.ipv6_addr),
  /** The largest segment of TCP: to compare with. */
  mtu: rtFact('tcpmss', hostU16),
  /** Whether IPsec will be around the packet: 'exists' or 'missing'. */
  ipsec: rtFact('xfrm', present),
}

/** The largest segment that the route allows: for `tcpOptions.maxseg.set(routeMss)`. */
export const routeMss: Selector = rt.mtu
