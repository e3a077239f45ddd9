/** What rules compute of packets, on hosts of either byte order: their expressions, run as the kernel runs them. */

import { afterEach, describe, expect, it } from 'vitest'
import { host } from '../../src/codec/bytes.js'
import type { Compiler } from '../../src/nftables/builder/compiler.js'
import { compileRule } from '../../src/nftables/builder/rule.js'
import {
  extensionHeaders,
  ip,
  ip6,
  meta,
  queue,
  type RuleBody,
  rule,
  tcp,
  vlan,
} from '../../src/nftables/public.js'

const { frag } = extensionHeaders
const MARK = 0x12345678
/** The first byte of a header that looks like IPv6, with a DSCP of 10 and a flow label of 0xbcdef; of IPv4, it is a DSCP of 40. */
const PACKET = Uint8Array.of(0x62, 0xab, 0xcd, 0xef, 0x12, 0x34, 0, 0, 9, 6, 0, 0, 0, 0, 0xb0, 0x05)
const LAST_REGISTER = 4
const atStart = host.littleEndian

afterEach(() => {
  host.littleEndian = atStart
})

/**
 * Registers, as nft_payload.c, nft_bitwise.c, nft_byteorder.c and nft_queue.c use them. Returns what was written into the packet, or is the mark,
 * or the queue.
 */
function run({ expressions }: Compiler): readonly number[] | number {
  const bytes = new Uint8Array(80)
  const view = new DataView(bytes.buffer)
  const at = (register: number) => (register <= LAST_REGISTER ? 16 * (register - 1) : 4 * (register - 8))
  const word = (offset: number) => view.getUint32(offset, host.littleEndian)
  const put = (offset: number, value: number) => view.setUint32(offset, value, host.littleEndian)
  let result: readonly number[] | number | undefined
  for (const { name, data } of expressions) {
    const { dreg, sreg, sregQnum, len, size, op, key, offset, mask, xor, data: more } = data as Loose
    const words = Array.from({ length: Math.ceil(len / 4) }, (_, i) => at(dreg) + 4 * i)
    if (name === 'meta' && sreg !== undefined) result = word(at(sreg))
    if (name === 'meta' && dreg !== undefined && key === 'mark') put(at(dreg), MARK)
    if (name === 'queue') result = word(at(sregQnum)) & 0xffff
    if (name === 'payload' && sreg !== undefined) result = [...bytes.subarray(at(sreg), at(sreg) + len)]
    if (dreg !== undefined && (name === 'payload' || name === 'exthdr')) {
      bytes.fill(0, at(dreg), at(dreg) + 4 * words.length)
      bytes.set(PACKET.subarray(offset, offset + len), at(dreg))
    }
    if (name === 'bitwise' && op === 'mask-xor')
      for (let i = 0; i < 4 * words.length; i++)
        bytes[at(dreg) + i] = (bytes[at(sreg) + i]! & (mask.value[i] ?? 0)) ^ (xor.value[i] ?? 0)
    if (name === 'bitwise' && op !== 'mask-xor') {
      expect(words).toHaveLength(1)
      const by = new DataView(more.value.buffer).getUint32(0, host.littleEndian)
      put(at(dreg), op === 'lshift' ? word(at(sreg)) << by : word(at(sreg)) >>> by)
    }
    if (name === 'byteorder') {
      expect([2, 4, 8]).toContain(size)
      const turned = [...bytes.subarray(at(sreg), at(sreg) + len)]
      for (let i = 0; i < len; i += size) bytes.set(turned.slice(i, i + size).reverse(), at(dreg) + i)
      if (!host.littleEndian) bytes.set(turned, at(dreg))
    }
  }
  return result!
}

/** Attributes of all the expressions that are run. */
type Loose = Readonly<Record<'dreg' | 'sreg' | 'sregQnum' | 'len' | 'size' | 'offset', number>> &
  Readonly<Record<'op' | 'key', string>> &
  Readonly<Record<'mask' | 'xor' | 'data', { value: Uint8Array }>>

const rules: readonly (readonly [string, () => RuleBody, readonly number[] | number])[] = [
  ['mark = ip dscp', () => rule(meta.mark.set(ip.dscp)), 0xab >> 2],
  ['mark = ip dscp | 1', () => rule(meta.mark.set(ip.dscp.or(1))), (0xab >> 2) | 1],
  ['mark = ip dscp ^ 3', () => rule(meta.mark.set(ip.dscp.xor(3))), (0xab >> 2) ^ 3],
  ['mark = ip version', () => rule(meta.mark.set(ip.version)), 6],
  ['mark = ip ttl | 6', () => rule(meta.mark.set(ip.ttl.or(6))), 15],
  ['mark = ip id', () => rule(meta.mark.set(ip.id)), 0x1234],
  ['mark = ip id & 0xff | 0x100', () => rule(meta.mark.set(ip.id.mask(0xff).or(0x100))), 0x134],
  ['mark = ip saddr', () => rule(meta.mark.set(ip.saddr)), 0xb005],
  ['mark = ip6 dscp', () => rule(meta.mark.set(ip6.dscp)), 10],
  ['mark = ip6 dscp | 1', () => rule(meta.mark.set(ip6.dscp.or(1))), 11],
  ['mark = ip6 flowlabel', () => rule(meta.mark.set(ip6.flowlabel)), 0xbcdef],
  ['mark = ip6 flowlabel ^ 0xf', () => rule(meta.mark.set(ip6.flowlabel.xor(0xf))), 0xbcde0],
  ['mark = (ip6 flowlabel ^ 4) & 7', () => rule(meta.mark.set(ip6.flowlabel.xor(4).mask(7))), 3],
  ['mark = frag frag-off', () => rule(meta.mark.set(frag.fragOff)), 0xcdef >> 3],
  ['mark = frag frag-off | 1', () => rule(meta.mark.set(frag.fragOff.or(1))), (0xcdef >> 3) | 1],
  ['mark = vlan pcp', () => rule(meta.mark.set(vlan.pcp)), 5],
  ['mark = vlan id', () => rule(meta.mark.set(vlan.id)), 5],
  ['mark = mark << 8 | 1', () => rule(meta.mark.set(meta.mark.lshift(8).or(1))), 0x34567801],
  ['mark = ip id << 4', () => rule(meta.mark.set(ip.id.lshift(4))), 0x12340],
  ['mark = ip id >> 4', () => rule(meta.mark.set(ip.id.rshift(4))), 0x123],
  [
    'mark = (ip id & 0xff | 0x100) << 8',
    () => rule(meta.mark.set(ip.id.mask(0xff).or(0x100).lshift(8))),
    0x13400,
  ],
  ['mark = ip id << 4 ^ 0x40', () => rule(meta.mark.set(ip.id.lshift(4).xor(0x40))), 0x12300],
  ['mark = tcp sequence >> 8', () => rule(meta.mark.set(tcp.sequence.rshift(8))), 0x123400],
  ['mark = (mark | 1) ^ 5 & 0xff', () => rule(meta.mark.set(meta.mark.or(1).xor(5).mask(0xff))), 0x7c],
  ['port = mark << 4', () => rule(tcp.dport.set(meta.mark.lshift(4))), [0x67, 0x80]],
  ['port = ip dscp', () => rule(tcp.dport.set(ip.dscp)), [0, 0xab >> 2]],
  ['port = ip6 flowlabel', () => rule(tcp.dport.set(ip6.flowlabel)), [0xcd, 0xef]],
  ['port = ip id', () => rule(tcp.dport.set(ip.id)), [0x12, 0x34]],
  ['port = mark', () => rule(tcp.dport.set(meta.mark)), [0x56, 0x78]],
  ['sequence = ip id', () => rule(tcp.sequence.set(ip.id)), [0, 0, 0x12, 0x34]],
  ['sequence = mark', () => rule(tcp.sequence.set(meta.mark)), [0x12, 0x34, 0x56, 0x78]],
  ['queue = mark', () => rule(queue({ to: meta.mark })), 0x5678],
  ['queue = ip id', () => rule(queue({ to: ip.id })), 0x1234],
  ['queue = ip ttl', () => rule(queue({ to: ip.ttl })), 9],
  ['address = ip ttl', () => rule(ip.saddr.set(ip.ttl)), [0, 0, 0, 9]],
]

describe.each([true, false])('a host with littleEndian %s', (littleEndian) => {
  it.each(rules)('%s', (_, make, expected) => {
    host.littleEndian = littleEndian
    const context = { table: 't', ifindex: () => 1, nextId: () => 1, madeSet: () => undefined }
    const compiled = compileRule(make(), { ...context, family: 1 })
    expect(run(compiled)).toEqual(expected)
  })
})
