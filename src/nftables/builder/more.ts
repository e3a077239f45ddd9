/** Fields and statements that are needed less often: options of headers, hashes, copies of packets. */

import { align } from '../../codec/bytes.js'
import { show } from '../../codec/fault.js'
import { checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { type Datatype, integerType, datatypes as t } from '../datatypes.js'
import { checkDevice } from '../input.js'
import { parseTarget } from '../target.js'
import { hostInteger, REG, registerAt, type Statement } from './compiler.js'
import { fact, settableFact } from './fields.js'
import type { Concatenation, Selector, Settable } from './selector.js'
import { loadAll } from './source.js'

const u16 = integerType('integer', 4, 2)
const hostU32 = integerType('integer', 4, 4, 'host')
const EXISTS = 1

function tcpOption(name: string, type: number, offset: number, size: Datatype): Settable {
  const at = { type, offset, len: size.size }
  return settableFact(
    `tcp option ${name}`,
    size,
    (compiler, dreg) => compiler.emit({ name: 'exthdr', data: { dreg, ...at, op: 'tcpopt', flags: 0 } }),
    (compiler) => compiler.emit({ name: 'exthdr', data: { sreg: REG, ...at, op: 'tcpopt' } }),
  )
}

/** Options of TCP: the numbers of IANA. */
export const tcpOptions = {
  maxseg: tcpOption('maxseg size', 2, 2, u16),
  window: tcpOption('window count', 3, 2, integerType('integer', 4, 1)),
}

const HEADERS = { hbh: 0, rt: 43, frag: 44, dst: 60, mh: 135 }

/** The rule goes on where the packet has an extension header of IPv6, or with `false` where it has not. */
export function extensionHeader(header: keyof typeof HEADERS, exists = true): Statement {
  const type = HEADERS[header]
  if (type === undefined)
    throw new RangeError(`extensionHeader: '${header}' is not one of ${Object.keys(HEADERS).join(', ')}`)
  checkBoolean(exists, 'extensionHeader: exists')
  return {
    matches: true,
    compile: (compiler) => {
      compiler.needNetwork('ip6')
      compiler.emit({
        name: 'exthdr',
        data: { dreg: REG, type, offset: 0, len: 1, op: 'ipv6', flags: EXISTS },
      })
      compiler.compare(Uint8Array.of(exists ? 1 : 0))
    },
  }
}

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

/** Sends the packet out of another device; in the family netdev. */
export function fwd(dev: string): Statement {
  checkDevice(dev, 'fwd')
  return {
    compile: (compiler) => {
      compiler.immediate(hostInteger(compiler.context.ifindex(dev), 4))
      compiler.emit({ name: 'fwd', data: { sregDev: REG } })
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
