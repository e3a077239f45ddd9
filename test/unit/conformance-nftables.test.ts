/** The tables of nf_tables against the kernel's own description, and their numbers against its uapi headers. */

import { beforeEach, describe, expect, it } from 'vitest'
import type { Message } from '../../src/codec/index.js'
import type { Table } from '../../src/codec/table.js'
import { NFNL_SUBSYS_NFTABLES, nfgenmsg } from '../../src/netlink/netfilter.js'
import * as a from '../../src/nftables/attributes.js'
import { dataAttributes, verdictAttributes } from '../../src/nftables/data.js'
import { exprAttributes, expressionTable, exprList } from '../../src/nftables/expression-table.js'
import { counterAttributes } from '../../src/nftables/expressions/counter.js'
import { expressions } from '../../src/nftables/expressions/registry.js'
import * as hooks from '../../src/nftables/hook-attributes.js'
import * as messages from '../../src/nftables/messages.js'
import { objects } from '../../src/nftables/objects/registry.js'
import { compareSet, compareStruct, type Tables } from '../conformance/compare.js'
import { loadSpec, noSpec } from '../conformance/spec.js'
import { enumsOf, headerSets } from '../conformance/uapi.js'

const spec = loadSpec('nftables')!
const expression = (name: keyof typeof expressions) => expressionTable(name)!

const tables: Tables = {
  'log-attrs': expression('log'),
  'numgen-attrs': expression('numgen'),
  'range-attrs': expression('range'),
  'batch-attrs': a.batchAttributes,
  'table-attrs': a.tableAttributes,
  'chain-attrs': a.chainAttributes,
  'counter-attrs': counterAttributes,
  'nft-hook-attrs': a.hookAttributes,
  'hook-dev-attrs': a.deviceAttributes,
  'nft-counter-attrs': counterAttributes,
  'rule-attrs': a.ruleAttributes,
  'expr-list-attrs': exprList,
  'expr-attrs': exprAttributes,
  'rule-compat-attrs': a.ruleCompatAttributes,
  'set-attrs': a.setAttributes,
  'set-desc-attrs': a.setDescAttributes,
  'set-desc-concat-attrs': a.setConcatAttributes,
  'set-field-attrs': a.setFieldAttributes,
  'set-list-attrs': exprList,
  'setelem-attrs': a.elementAttributes,
  'setelem-list-attrs': a.elementsAttributes,
  'gen-attrs': a.genAttributes,
  'obj-attrs': a.objectAttributes,
  'quota-attrs': expression('quota'),
  'flowtable-attrs': a.flowtableAttributes,
  'flowtable-hook-attrs': a.flowtableHookAttributes,
  'expr-bitwise-attrs': expression('bitwise'),
  'expr-cmp-attrs': expression('cmp'),
  'data-attrs': dataAttributes,
  'verdict-attrs': verdictAttributes,
  'expr-counter-attrs': expression('counter'),
  'expr-fib-attrs': expression('fib'),
  'expr-ct-attrs': expression('ct'),
  'expr-flow-offload-attrs': expression('flow_offload'),
  'expr-immediate-attrs': expression('immediate'),
  'expr-lookup-attrs': expression('lookup'),
  'expr-masq-attrs': expression('masq'),
  'expr-meta-attrs': expression('meta'),
  'expr-nat-attrs': expression('nat'),
  'expr-payload-attrs': expression('payload'),
  'expr-reject-attrs': expression('reject'),
  'expr-target-attrs': expression('target'),
  'expr-tproxy-attrs': expression('tproxy'),
  'expr-objref-attrs': expression('objref'),
  'compat-target-attrs': expression('target'),
  'compat-match-attrs': expression('match'),
}

/** enum nft_registers: registers are numbers, as nft(8) prints them. */
const REGISTERS = [
  ...['reg-verdict (0)', 'reg-1 (1)', 'reg-2 (2)', 'reg-3 (3)', 'reg-4 (4)'],
  ...Array.from({ length: 16 }, (_, i) => `reg32-${String(i).padStart(2, '0')} (${i + 8})`),
]
const registers = (where: string) =>
  REGISTERS.map((name) => `${where}: registers ${name} is '${/\((\d+)\)/.exec(name)![1]}'`)

/** Differences that are meant: the reason, and what it explains. */
const KNOWN: Record<string, readonly string[]> = {
  'the description leaves out NFTA_CHAIN_PAD, NFTA_RULE_PAD and NFTA_SET_ELEM_PAD, so that what follows is one too low':
    [
      'chain-attrs.flags: 9 is missing',
      "chain-attrs.id: is called 'flags'",
      'chain-attrs.userdata: binary is read as be32',
      "chain-attrs.userdata: is called 'id'",
      "chain-attrs: 'userdata' (12) is not described",
      'rule-attrs.id: 8 is missing',
      "rule-attrs.position-id: is called 'id'",
      "rule-attrs.chain-id: is called 'positionId'",
      "rule-attrs: 'chainId' (11) is not described",
      'setelem-attrs.objref: 8 is missing',
      "setelem-attrs.key-end: is called 'objref'",
      'setelem-attrs.key-end: nest is read as string',
      "setelem-attrs.expressions: is called 'keyEnd'",
      'setelem-attrs.expressions: holds NFTA_DATA instead of expr-list-attrs',
      "setelem-attrs: 'expressions' (11) is not described",
    ],
  'enum nft_lookup_attributes has the registers before the id of the set': [
    "expr-lookup-attrs.dreg: is called 'setId'",
    "expr-lookup-attrs.set-id: is called 'sreg'",
    "expr-lookup-attrs.sreg: is called 'dreg'",
  ],
  'enum nft_fib_result begins with NFT_FIB_RESULT_UNSPEC': [
    "expr-fib-attrs.result: fib-result oif (0) is 'unspec'",
    "expr-fib-attrs.result: fib-result oifname (1) is 'oif'",
    "expr-fib-attrs.result: fib-result addrtype (2) is 'oifname'",
  ],
  'the kernel reads it by ntohl(), be64_to_cpu() or nft_parse_register(): network order (nf_tables_api.c)': [
    'numgen-attrs.dreg: u32 is read as be32',
    'rule-attrs.chain-id: u32 is read as be32',
    'rule-attrs.position-id: u32 is read as be32',
    'set-attrs.gc-interval: u32 is read as be32',
    'set-attrs.id: u32 is read as be32',
    'set-attrs.timeout: u64 is read as be64',
    'setelem-attrs.expiration: u64 is read as be64',
    'setelem-attrs.timeout: u64 is read as be64',
    'setelem-list-attrs.set-id: u32 is read as be32',
  ],
  'a priority is signed: nft_flowtable_parse_hook() keeps it as an int': [
    'flowtable-hook-attrs.priority: u32 big-endian is read as beS32',
  ],
  'one list of NFTA_LIST_ELEM (nft_set_desc_concat()), and one expression or a list of them (NFTA_SET_EXPRESSIONS)':
    [
      'set-desc-attrs.concat: comes many times, and is read once',
      'set-desc-concat-attrs.elem: comes once, and is read as a list',
      'set-attrs.expr: comes many times, and is read once',
    ],
  'not described: NFTA_DEVICE_PREFIX (Linux 6.17), and what the kernel no longer uses': [
    "hook-dev-attrs: 'prefix' (2) is not described",
    "numgen-attrs: 'setId' (6) is not described",
    "numgen-attrs: 'setName' (5) is not described",
  ],
  'named as the enum of the header names it': ["expr-flow-offload-attrs.name: is called 'tableName'"],
  'the elements of the list are numbered as libnftnl numbers them; nf_tables_newsetelem() takes any number': [
    'setelem-list-attrs.elements: nest is read as array',
  ],
  'named as nft(8) names it': ["set-attrs.flags: set-flags eval (32) is 'dynamic'"],
  'named as its sibling oiftype is': ["expr-meta-attrs.key: meta-keys iftype (8) is 'iiftype'"],
  'the code is one of ICMP, ICMPv6 or ICMPX, as the type and the family have it: a number': [
    "expr-reject-attrs.icmp-code: reject-inet-code icmpx-admin-prohibited (3) is '3'",
    "expr-reject-attrs.icmp-code: reject-inet-code icmpx-host-unreach (2) is '2'",
    "expr-reject-attrs.icmp-code: reject-inet-code icmpx-no-route (0) is '0'",
    "expr-reject-attrs.icmp-code: reject-inet-code icmpx-port-unreach (1) is '1'",
  ],
  'registers are numbers': [
    'expr-masq-attrs.reg-proto-max',
    'expr-masq-attrs.reg-proto-min',
    'expr-payload-attrs.dreg',
    'expr-payload-attrs.sreg',
    'range-attrs.sreg',
  ].flatMap(registers),
}

/** NFNL_MSG_COMPAT_GET serves iptables-nft alone: no operation uses it. The list of elements has no table of its own. */
const LEFT_OUT = ['compat-attrs', 'setelem-list-elem-attrs']

describe('nftables.yaml', () => {
  beforeEach(({ skip }) => skip(spec === null, noSpec('nftables')))

  it('every attribute set has a table that agrees with it, but for what is known', () => {
    const sets = spec['attribute-sets'].map(({ name }) => name).filter((name) => !LEFT_OUT.includes(name))
    const differences = sets.flatMap((name) => compareSet(spec, name, tables))
    expect(differences.sort()).toEqual(Object.values(KNOWN).flat().sort())
  })

  it('struct nfgenmsg', () => {
    const definition = spec.definitions.find(({ name }) => name === 'nfgenmsg')!
    expect(compareStruct(spec, definition, nfgenmsg, tables, 'nfgen-')).toEqual([])
  })

  it('every expression and object that is described is in the registry', () => {
    const described = (name: string) => spec['sub-messages']!.find((one) => one.name === name)!.formats
    expect(described('expr-ops').filter(({ value }) => !Object.hasOwn(expressions, value))).toEqual([])
    expect(described('obj-data').filter(({ value }) => !Object.hasOwn(objects, value))).toEqual([])
  })
})

const HEADER = 'linux/netfilter/nf_tables.h'
const HOOK_HEADER = 'linux/netfilter/nfnetlink_hook.h'

/** Fields that are not called as the kernel's constant is. */
const NAMES: Record<string, Record<string, string>> = { NFTA_HOOK: { num: 'HOOKNUM' } }

/** Sets that have no enum in this header: no attributes, or another header. */
const ELSEWHERE = /^(NFTA_NOTRACK|NFNL_BATCH|CTA_|NFTA_(MATCH|TARGET)$)/

describe.each(headerSets())(`numbers and ${HEADER} $title`, ({ directory, missing }) => {
  beforeEach(({ skip }) => skip(missing !== null, missing ?? ''))
  const all = [
    ...Object.values(a),
    hooks.hookFunctionAttributes,
    hooks.hookInfoAttributes,
    hooks.hookChainAttributes,
    hooks.hookBpfAttributes,
    verdictAttributes,
    dataAttributes,
    exprAttributes,
    exprList,
    ...Object.keys(expressions).map((name) => expressionTable(name)!),
    ...Object.values(objects),
  ] as Table[]
  const enums = directory === null ? [] : [HEADER, HOOK_HEADER].flatMap((one) => enumsOf(one, directory))

  it.each([...new Set(all)].filter(({ name }) => !ELSEWHERE.test(name)))('$name', (table) => {
    const found = enums.find((one) => one.has(`${table.name}_UNSPEC`))
    // They came with Linux 6.2 and 6.4.
    if (found === undefined) {
      expect(['NFTA_INNER', 'NFNLA_HOOK_BPF']).toContain(table.name)
      return
    }
    const newest = Math.max(...found.values())
    const expected = new Map([...found].filter(([name]) => !/_(UNSPEC|PAD)$/.test(name)))
    const ours = new Map<string, number>()
    for (const [field, [number]] of Object.entries(table.fields)) {
      if (number > newest) continue
      const words =
        NAMES[table.name]?.[field] ?? field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
      ours.set(`${table.name}_${words}`, number)
    }
    expect([...ours].sort()).toEqual([...expected].sort())
  })

  it('message types', () => {
    const numbers = enums.find((one) => one.has('NFT_MSG_NEWTABLE'))!
    const known = new Map(
      (Object.values(messages) as Message[]).map(({ name, number }) => [name, number] as const),
    )
    for (const [name, number] of numbers) {
      if (name === 'NFT_MSG_MAX' || name === 'NFT_MSG_NEWGEN') continue
      expect({ [name]: known.get(name) }).toEqual({ [name]: (NFNL_SUBSYS_NFTABLES << 8) | number })
    }
  })
})
