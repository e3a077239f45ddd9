/** Ranges of addresses, as host-local's configuration writes them. */
import { formatIp, parseIp } from 'netlink-ts/codec'
import { CniError } from './error.js'
import type { Config, RangeInput } from './input.js'

export interface Range {
  /** Bytes of an address: 4 or 16. */
  readonly size: number
  readonly prefix: number
  readonly first: bigint
  readonly last: bigint
  readonly gateway: bigint
}

/** `field` names it in an error. */
export function toNumber(address: string, field?: string): bigint {
  const octets = parseIp(address)
  if (octets === null)
    throw new CniError(
      'invalidConfig',
      `ipam: ${field === undefined ? '' : `${field}: `}'${address}' is no address`,
    )
  return octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n)
}

export function toAddress(number: bigint, size: number): string {
  const octets = Uint8Array.from({ length: size }, (_, i) =>
    Number((number >> BigInt(8 * (size - 1 - i))) & 0xffn),
  )
  return formatIp(octets, 0, size)!
}

/** Bytes of an address by how it is written. */
export function sizeOf(address: string): number {
  return address.includes(':') ? 16 : 4
}

/** An address in the spelling of the kernel: of 'FD00:0::2' 'fd00::2'. */
export function spelled(address: string, field?: string): string {
  return toAddress(toNumber(address, field), sizeOf(address))
}

/** The sets of ranges of a configuration; a container gets an address of each. */
export function rangeSets({ ipam = {}, runtimeConfig = {} }: Config): Range[][] {
  const { subnet, rangeStart, rangeEnd, gateway } = ipam
  const single: RangeInput[][] = subnet === undefined ? [] : [[{ subnet, rangeStart, rangeEnd, gateway }]]
  const sets = [...(runtimeConfig.ipRanges ?? []), ...single, ...(ipam.ranges ?? [])]
  if (sets.length === 0) throw new CniError('invalidConfig', 'ipam: there is neither ranges nor subnet')
  const parsed = sets.map((set) => set.map(parseRange))
  for (const [index, set] of parsed.entries()) {
    if (set.length === 0) throw new CniError('invalidConfig', `ipam: range set ${index} is empty`)
    if (set.some(({ size }) => size !== set[0]!.size))
      throw new CniError('invalidConfig', `ipam: range set ${index} is not of one family`)
  }
  const ranges = parsed.flat()
  for (const [index, one] of ranges.entries())
    for (const other of ranges.slice(index + 1))
      if (has(one, other.first, other.size) || has(other, one.first, one.size))
        throw new CniError('invalidConfig', `ipam: ${toAddress(other.first, other.size)} is in two ranges`)
  return parsed
}

/**
 * The destination of a route in the spelling of the kernel: '0::/0' is '::/0'. Bits behind the prefix of an IPv6 one the kernel passes over.
 * `field` names it in an error.
 */
export function destination(field: string, text: string): string {
  const { size, base, hosts } = parsePrefix(field, text)
  if (size === 4) checkBits(field, text, base & hosts)
  return networkOf(text)
}

/** An address with its prefix likewise: of 'FD00::2/64' 'fd00::2/64'. */
export function canonical(field: string, text: string): string {
  const { size, prefix, base } = parsePrefix(field, text)
  return `${toAddress(base, size)}/${prefix}`
}

/** The first address of the network that an address is in: of '10.22.0.2/24' '10.22.0.1'. */
export function firstAddress(address: string): string {
  const { size, base, hosts } = parsePrefix('address', address)
  return toAddress((base & ~hosts) + 1n, size)
}

/** That an address is in: of '10.22.0.2/24' '10.22.0.0/24'. */
export function networkOf(address: string): string {
  const { size, prefix, base, hosts } = parsePrefix('address', address)
  return `${toAddress(base & ~hosts, size)}/${prefix}`
}

function parsePrefix(field: string, text: string | undefined) {
  const [address = '', length = ''] = (text ?? '').split('/')
  const size = sizeOf(address)
  const prefix = Number(length)
  if (!/^\d+$/.test(length) || prefix > size * 8)
    throw new CniError('invalidConfig', `ipam: ${field}: '${text ?? ''}' is no network`)
  return { size, prefix, base: toNumber(address), hosts: (1n << BigInt(size * 8 - prefix)) - 1n }
}

function checkBits(field: string, text: string, bits: bigint): void {
  if (bits !== 0n) throw new CniError('invalidConfig', `ipam: ${field}: '${text}' has bits behind its prefix`)
}

/** Where nothing is said the first address is the gateway's, and the last of an IPv4 subnet is for broadcasts. */
function parseRange({ subnet, rangeStart, rangeEnd, gateway }: RangeInput): Range {
  const { size, prefix, base, hosts } = parsePrefix('subnet', subnet)
  checkBits('subnet', subnet, base & hosts)
  if (hosts < 3n)
    throw new CniError('invalidConfig', `ipam: subnet: '${subnet}' is no network with addresses to give`)
  const number = (text: string | undefined, otherwise: bigint) => {
    if (text === undefined) return otherwise
    if (sizeOf(text) === size) return toNumber(text)
    throw new CniError('invalidConfig', `ipam: ${text} is of another family than ${subnet}`)
  }
  const first = number(rangeStart, base + 1n)
  const last = number(rangeEnd, base + hosts - (size === 4 ? 1n : 0n))
  if (first < base || last > base + hosts || first > last)
    throw new CniError(
      'invalidConfig',
      `ipam: ${rangeStart ?? ''}-${rangeEnd ?? ''} is no range of ${subnet}`,
    )
  // It may be elsewhere: a way there is the business of routes.
  return { size, prefix, first, last, gateway: number(gateway, base + 1n) }
}

export function has(range: Range, address: bigint, size: number): boolean {
  return range.size === size && address >= range.first && address <= range.last
}

/** Every address of a set but the gateways, beginning behind the one that was given last. */
export function* candidates(set: readonly Range[], previous: string | null): Generator<[string, Range]> {
  const start = previous === null ? null : toNumber(previous)
  const at = start === null ? -1 : set.findIndex((range) => start >= range.first && start <= range.last)
  const spans =
    at < 0 || start === null
      ? set
      : [
          { ...set[at]!, first: start + 1n },
          ...set.slice(at + 1),
          ...set.slice(0, at),
          { ...set[at]!, last: start },
        ]
  for (const range of spans)
    for (let address = range.first; address <= range.last; address++)
      if (address !== range.gateway) yield [toAddress(address, range.size), range]
}
