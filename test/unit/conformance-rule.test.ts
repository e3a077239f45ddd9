/** Our rule tables against the kernel's own description. */

import { describe } from 'vitest'
import { enumeration, u8 } from '../../src/codec/index.js'
import { fibRuleHdr, ruleActions, ruleAttributes } from '../../src/rtnetlink/rule/table.js'
import { compareNames, compareSet, compareStruct } from '../conformance/compare.js'
import { conforms, defined, type Known } from '../conformance/conforms.js'

const KNOWN: Known = {
  'of either family: fib4_rule_fill() of net/ipv4/fib_rules.c, fib6_rule_fill() of net/ipv6/fib6_rules.c': [
    'fib-rule-attrs.dst: u32 is read as ip',
    'fib-rule-attrs.src: u32 is read as ip',
  ],
  'in network order: nla_put_be64() of fib_nl_fill_rule(), net/core/fib_rules.c': [
    'fib-rule-attrs.tun-id: u64 is read as be64',
  ],
  'named as `ip rule` names it; two numbers that nobody uses': [
    'fr-act',
    'fib-rule-hdr.action fr-act',
  ].flatMap((where) => [
    `${where} to-tbl (1) is 'lookup'`,
    `${where} res3 (4) is '4'`,
    `${where} res4 (5) is '5'`,
  ]),
}

describe('the rule tables', () => {
  const tables = { 'fib-rule-attrs': ruleAttributes }
  conforms('rt-rule', KNOWN, (spec) => [
    ...spec['attribute-sets'].flatMap(({ name }) => compareSet(spec, name, tables)),
    ...compareStruct(spec, defined(spec, 'fib-rule-hdr'), fibRuleHdr, tables),
    ...compareNames(defined(spec, 'fr-act'), enumeration(u8, ruleActions)),
  ])
})
