/** NFTA_RULE_COMPAT, as strace(1) shows it of iptables-nft, ip6tables-nft and ebtables-nft 1.8.9 for the same matches. */

import { afterEach, describe, expect, it } from 'vitest'
import { host } from '../../src/codec/bytes.js'
import { NFPROTO_BRIDGE } from '../../src/netlink/netfilter.js'
import { compatOf } from '../../src/nftables/compat.js'
import type { Expression, NftFamily } from '../../src/nftables/public.js'
import { dissect } from '../golden/dissect.js'
import { toHex } from '../golden/golden.js'
import { sentByCalls } from './nft-sent.js'

const atStart = host.littleEndian
afterEach(() => {
  host.littleEndian = atStart
})

const match: Expression = { name: 'match', data: { name: 'comment', rev: 0, info: new Uint8Array(256) } }
const target: Expression = { name: 'target', data: { name: 'CHECKSUM', rev: 0, info: Uint8Array.of(1) } }
const cmp = (op: 'eq' | 'neq' | 'lt', ...value: number[]): Expression => ({
  name: 'cmp',
  data: { sreg: 1, op, data: { value: Uint8Array.from(value) } },
})
const l4proto: Expression = { name: 'meta', data: { dreg: 1, key: 'l4proto' } }
const etherType: Expression = {
  name: 'payload',
  data: { dreg: 1, base: 'link-layer-header', offset: 12, len: 2 },
}
const header = (offset: number): Expression => ({
  name: 'payload',
  data: { dreg: 1, base: 'network-header', offset, len: 1 },
})
const iifname: Expression = { name: 'meta', data: { dreg: 1, key: 'iifname' } }

/** The attribute as it is sent: the protocol and the flags; null where it is not. */
function sent(
  family: NftFamily,
  expressions: readonly Expression[],
  compat?: { proto: number; flags: number },
) {
  const [bytes] = sentByCalls((tx) => tx.addRule({ family, table: 't', chain: 'c', expressions, compat }))
  const found = dissect(bytes!).attributes.find(({ path }) => path === '5')
  return found === undefined ? null : found.children.map(({ payload }) => toHex(payload)).join(' ')
}

describe('rules with matches and targets of x_tables', () => {
  it.each<[string, NftFamily, Expression[], string]>([
    ['-p 17', 'ip', [l4proto, cmp('eq', 17), match], '00000011 00000000'],
    ['-p 17, a target', 'ip', [l4proto, cmp('eq', 17), target], '00000011 00000000'],
    ['-p 17, of the header itself', 'ip', [header(9), cmp('eq', 17), match], '00000011 00000000'],
    ['! -p 58, of the header itself', 'ip6', [header(6), cmp('neq', 58), match], '0000003a 00000002'],
    [
      'the one that it is, behind one that it is not',
      'ip',
      [l4proto, cmp('neq', 17), l4proto, cmp('eq', 6), match],
      '00000006 00000000',
    ],
    ['! -p 58', 'ip6', [l4proto, cmp('neq', 58), match], '0000003a 00000002'],
    [
      '-i br0 -p 33',
      'ip',
      [iifname, cmp('eq', 98, 114, 48, 0), l4proto, cmp('eq', 33), match],
      '00000021 00000000',
    ],
  ])('%s', (_, family, expressions, expected) => expect(sent(family, expressions)).toBe(expected))

  it.each([
    ['little', true, '00000608 00000002'],
    ['big', false, '00000806 00000002'],
  ])('ethertypes are as a host of %s endianness reads them', (_, littleEndian, expected) => {
    host.littleEndian = littleEndian
    expect(compatOf(NFPROTO_BRIDGE, [etherType, cmp('neq', 8, 6), match])).toEqual({
      proto: Number(`0x${expected.slice(0, 8)}`),
      flags: 2,
    })
    if (littleEndian === atStart) expect(sent('bridge', [etherType, cmp('neq', 8, 6), match])).toBe(expected)
  })

  it.each<[string, Expression[], NftFamily?]>([
    ['for no protocol', [match]],
    ['for a protocol inside of frames', [l4proto, cmp('eq', 17), match], 'bridge'],
    ['for the first byte of a network', [header(8), cmp('eq', 10), match], 'ip6'],
    ['with another order than equal', [etherType, cmp('lt', 6, 0), match]],
    [
      'that compare another register',
      [{ name: 'meta', data: { dreg: 2, key: 'l4proto' } }, cmp('eq', 6), match],
    ],
    ['that compare something else', [iifname, cmp('eq', 6), match]],
  ])('none %s', (_, expressions, family = 'ip') => expect(sent(family, expressions)).toBeNull())

  it('what is said goes before what is found', () =>
    expect(sent('ip', [l4proto, cmp('eq', 17), match], { proto: 6, flags: 2 })).toBe('00000006 00000002'))
})

it('rules without them say nothing of a protocol', () =>
  expect(sent('ip', [l4proto, cmp('eq', 17), { name: 'counter', data: {} }])).toBeNull())
