/** The types of netlink-ts/nftables. */

import { expectTypeOf, test } from 'vitest'
import * as promises from '../../src/nftables.js'
import * as sync from '../../src/nftables-sync.js'

const {
  accept,
  concat,
  ct,
  dnat,
  extensionHeaders,
  icmp,
  igmp,
  ip,
  jump,
  meta,
  queue,
  rule,
  set,

  symhash,
  tcp,
  tproxy,
} = promises

test('promises in one sub-path, values in the other', () => {
  expectTypeOf(promises.listTables).returns.resolves.toEqualTypeOf<promises.NftTable[]>()
  expectTypeOf(sync.listTables).returns.toEqualTypeOf<promises.NftTable[]>()
  expectTypeOf(promises.transaction).returns.resolves.toEqualTypeOf<promises.TransactionResult>()
  expectTypeOf(sync.transaction).returns.toEqualTypeOf<promises.TransactionResult>()
  // @ts-expect-error nothing stops a blocking call
  sync.getGeneration({ signal: new AbortController().signal })
})

test('what is listed can be added and deleted', () => {
  type Tx = promises.Transaction
  expectTypeOf<promises.NftTable>().toExtend<Parameters<Tx['addTable']>[0]>()
  expectTypeOf<promises.NftTable>().toExtend<Parameters<Tx['deleteTable']>[0]>()
  expectTypeOf<promises.NftChain>().toExtend<Parameters<Tx['addChain']>[0]>()
  expectTypeOf<promises.NftChain>().toExtend<Parameters<Tx['deleteChain']>[0]>()
  expectTypeOf<promises.NftRule>().toExtend<Parameters<Tx['addRule']>[0]>()
  expectTypeOf<promises.NftRule>().toExtend<Parameters<Tx['deleteRule']>[0]>()
  expectTypeOf<promises.NftRuleContents>().toExtend<Parameters<Tx['addRule']>[0]>()
  expectTypeOf<promises.NftRuleContents['chains']>().toExtend<readonly promises.AnonymousChainInput[]>()
  expectTypeOf<promises.NftSet>().toExtend<Parameters<Tx['addSet']>[0]>()
  expectTypeOf<promises.NftSet>().toExtend<Parameters<Tx['deleteSet']>[0]>()
  expectTypeOf<promises.NftElement[]>().toExtend<Parameters<Tx['addElements']>[0]['elements']>()
  expectTypeOf<promises.NftObject>().toExtend<Parameters<Tx['addObject']>[0]>()
  expectTypeOf<promises.NftObject>().toExtend<Parameters<Tx['deleteObject']>[0]>()
  expectTypeOf<promises.NftFlowtable>().toExtend<Parameters<Tx['addFlowtable']>[0]>()
})

test('sets are of types, of fields, or of what is listed of them', () => {
  const add = (_: promises.NftSetInput) => {}
  const inT = { family: 'inet', table: 't', name: 's' } as const
  add({ ...inT, type: ip.saddr, map: tcp.dport })
  add({ ...inT, type: [ip.saddr, tcp.dport], map: ['ip.daddr', 'tcp.dport'] })
  // @ts-expect-error a type or a field, not both
  add({ ...inT, type: ['ipv4_addr', tcp.dport] })
  // @ts-expect-error a statement is no field
  add({ ...inT, type: ip.saddr('10.0.0.1') })
})

test('fields that are needed less often are typed as the others', () => {
  rule(extensionHeaders.frag.moreFragments(1), igmp.group('224.0.0.1'), icmp.code('frag-needed'))
  rule(ct.event.set('new|destroy'), ct.original.zone.set(1), meta.mark.set(ct.mark.rshift(8).or(1)))
  rule(jump([rule(accept())]))
  queue({ to: symhash({ modulus: 4 }) })
  tproxy({ address: ip.saddr.map(set('proxies')), port: 8080 })
  dnat('10.0.0.1', { port: tcp.dport.map([[22, 4040]]) })
  // @ts-expect-error events are set, not compared with
  ct.event('new')
  // @ts-expect-error the fields of extension headers cannot be written
  extensionHeaders.hbh.nexthdr.set('tcp')
  // @ts-expect-error a chain is of rules, not of statements
  jump([accept()])
})

test('a rule is made of statements', () => {
  rule(ip.saddr('10.0.0.0/8'), tcp.dport([80, 443]), accept())
  rule(ip.saddr(set('allowed')), meta.mark.set(ip.saddr.map(set('marks'))))
  rule(concat(ip.saddr, tcp.dport)([['10.0.0.1', 80]]), accept())
  // @ts-expect-error a field alone says nothing
  rule(ip.saddr)
  // @ts-expect-error what the kernel tells of a route cannot be written
  meta.length.set(1)
  // @ts-expect-error some bits are written with those around them
  ip.dscp.set(meta.mark)
  rule(ip.dscp.set('cs1'), ip.id.set(meta.mark))
  // @ts-expect-error it is no value
  ip.saddr(true)
  // @ts-expect-error it is no verdict
  tcp.dport.vmap([[80, 'pass']])
})
