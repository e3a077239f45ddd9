import { describe, expect, it } from 'vitest'
import { encodeBody, Fault, Writer } from '../../src/codec/index.js'
import type { RuleInput } from '../../src/rtnetlink/rule/input.js'
import { addRule, deleteRule, flushRules, listRules } from '../../src/rtnetlink/rule/operations.js'
import { readRule } from '../../src/rtnetlink/rule/rule.js'
import { newRule } from '../../src/rtnetlink/rule/table.js'
import { refusal } from './refusal.js'

const FROM = { from: '192.0.2.0/24', table: 100 }

const wrong: readonly [object, new () => Error, string][] = [
  [{}, TypeError, "family: a rule without from and to needs it ('ipv4' or 'ipv6')"],
  [{ fwmark: 1, table: 100 }, TypeError, 'family: a rule without from and to needs it'],
  [{ family: 'inet', table: 100 }, RangeError, "family: 'inet' is not 'ipv4' or 'ipv6'"],
  [{ from: '192.0.2.1/24', table: 100 }, RangeError, "from: '192.0.2.1/24' has bits after its prefix length"],
  [{ from: 'all', table: 100 }, RangeError, "from: 'all' is not an address"],
  [{ ...FROM, to: '2001:db8::/32' }, RangeError, "to: '2001:db8::/32' is not IPv4"],
  [{ ...FROM, family: 'ipv6' }, RangeError, "from: '192.0.2.0/24' is not IPv6"],
  [{ from: '192.0.2.1' }, TypeError, 'table: a rule that looks up needs one (254 is main)'],
  [
    { from: '192.0.2.1', action: 'goto' },
    TypeError,
    'goto: the priority of the rule to go on with is needed',
  ],
  [{ ...FROM, lookup: 100 }, TypeError, "addRule: unknown option 'lookup'"],
  [{ ...FROM, table: 'main' }, TypeError, "table: 'main' is not"],
  [{ ...FROM, table: 0 }, RangeError, 'table: 0 is not'],
  [{ ...FROM, priority: -1 }, RangeError, 'priority: -1 is not'],
  [{ ...FROM, invert: 1 }, TypeError, 'invert: 1 is not true or false'],
  [{ ...FROM, iif: 3 }, TypeError, 'iif: 3 is not a string'],
  [{ ...FROM, oif: 'sixteen-letters-' }, RangeError, "oif: 'sixteen-letters-' has 16 bytes"],
  [{ ...FROM, fwmark: 2 ** 32 }, RangeError, 'fwmark: 4294967296 is not'],
  [{ ...FROM, tos: 256 }, RangeError, 'tos: 256 is not'],
  [{ ...FROM, dscp: 64 }, RangeError, 'dscp: 64 is not'],
  [{ ...FROM, ipProtocol: 'tpc' }, RangeError, "ipProtocol: 'tpc' is not one of icmp"],
  [{ ...FROM, ipProtocol: 0 }, RangeError, 'ipProtocol: 0 is not a protocol of packets'],
  [{ ...FROM, sport: 0 }, RangeError, 'sport: 0 is not'],
  [{ ...FROM, sport: '53' }, TypeError, "sport: '53' is not { start, end }"],
  [{ ...FROM, dport: { start: 9, end: 8 } }, RangeError, 'dport.end: 8 is not an integer from 9'],
  [{ ...FROM, dport: { start: 0, end: 8 } }, RangeError, 'dport.start: 0 is not'],
  [{ ...FROM, uidRange: { start: -1, end: 5 } }, RangeError, 'uidRange.start: -1 is not'],
  [{ ...FROM, uidRange: { start: 0 } }, TypeError, 'uidRange.end: undefined is not'],
  [{ ...FROM, uidRange: [0, 5] }, TypeError, 'uidRange: [0, 5] is not { start, end }'],
  [{ ...FROM, tunId: '7' }, TypeError, "tunId: '7' is not a bigint"],
  [{ ...FROM, tunId: 0 }, RangeError, 'tunId: 0 is not'],
  [{ ...FROM, tunId: 2 ** 53 }, RangeError, 'tunId: 9007199254740992 is not'],
  [{ ...FROM, tunId: 1n << 64n }, RangeError, 'tunId: 18446744073709551616 is not'],
  [{ ...FROM, flowlabel: 1 << 20 }, RangeError, 'flowlabel: 1048576 is not'],
  [{ ...FROM, action: 'drop' }, RangeError, "action: 'drop' is not one of unspec, lookup"],
  [{ ...FROM, suppressPrefixLength: 129 }, RangeError, 'suppressPrefixLength: 129 is not'],
  [{ ...FROM, realms: { from: 1, to: -1 } }, RangeError, 'realms.to: -1 is not'],
  [
    { to: '2001:db8::/32', table: 7, realms: { from: 1, to: 2 } },
    TypeError,
    'realms: { from, to } is not for IPv6 rules',
  ],
  [{ ...FROM, protocol: 'zebro' }, RangeError, "protocol: 'zebro' is not one of"],
]

describe('input of the rule operations', () => {
  it.each(wrong)('addRule refuses %o', (rule, type, message) => {
    const error = refusal(() => addRule(rule as never))
    expect(error).toBeInstanceOf(type)
    expect(error.message).toContain(message)
  })

  it.each([
    [() => deleteRule({ family: 'ipv4' }), 'deleteRule: which rule? Give at least one of priority, from'],
    [() => deleteRule({ family: 'ipv4', invert: true }), 'deleteRule: which rule?'],
    [() => deleteRule({ priority: 7 }), 'family: a rule without from and to needs it'],
    [() => listRules({ prio: 7 } as never), "listRules: unknown option 'prio'"],
    [() => listRules({ goto: 7 } as never), "listRules: unknown option 'goto'"],
    [() => listRules({ from: '192.0.2.1/24' }), "from: '192.0.2.1/24' has bits"],
    [() => listRules({ family: 'ip' as never }), "family: 'ip' is not"],
    [() => listRules({ sport: 0 }), 'sport: 0 is not'],
    [() => listRules({ uidRange: { start: 5, end: 4 } }), 'uidRange.end: 4 is not'],
    [() => listRules({ l3mdev: 1 as never }), 'l3mdev: 1 is not true or false'],
    [() => listRules({ invert: 1 as never }), 'invert: 1 is not true or false'],
    [() => listRules({ dscpMask: 64 }), 'dscpMask: 64 is not'],
    [() => listRules({ sportMask: 65536 }), 'sportMask: 65536 is not'],
    [() => listRules({ dportMask: -1 }), 'dportMask: -1 is not'],
    [() => listRules({ flowlabel: 0x100000 }), 'flowlabel: 1048576 is not'],
    [() => listRules({ flowlabelMask: '1' as never }), "flowlabelMask: '1' is not"],
    [() => flushRules({}), 'flushRules: which rules? Give at least one of family, priority'],
    [() => flushRules({ table: undefined }), 'flushRules: which rules?'],
    [() => flushRules({ multicast: false }), 'flushRules: which rules?'],
    [() => flushRules({ all: true, table: 7 }), 'not those by table: give one'],
    [() => flushRules({ multicast: false, invert: false, l3mdev: false }), 'flushRules: which rules?'],
    [() => flushRules({ goto: 7 } as never), "flushRules: unknown option 'goto'"],
    [() => flushRules({ fwmark: -1 }), 'fwmark: -1 is not'],
    [() => listRules({ multicast: 1 as never }), 'multicast: 1 is not true or false'],
    [() => deleteRule({ family: 'ipv4', multicast: true }), 'deleteRule: which rule?'],
    [
      () => addRule({ from: '192.0.2.1', multicast: true, table: 7 }),
      "from: '192.0.2.1' is not for rules of multicast routing",
    ],
    [
      () => deleteRule({ family: 'ipv6', multicast: true, tos: 4 }),
      'tos: 4 is not for rules of multicast routing',
    ],
  ])('refuses other calls: %#', (call, text) => {
    expect(refusal(call).message).toContain(text)
  })

  it.each<[keyof RuleInput, object]>([
    ['from', { from: '192.0.2.1' }],
    ['to', { to: '192.0.2.1' }],
    ['dscp', { dscp: 1 }],
    ['dscpMask', { dscpMask: 1 }],
    ['ipProtocol', { ipProtocol: 'tcp' }],
    ['sport', { sport: 1 }],
    ['sportMask', { sportMask: 1 }],
    ['dport', { dport: 1 }],
    ['dportMask', { dportMask: 1 }],
    ['flowlabel', { flowlabel: 1 }],
    ['flowlabelMask', { flowlabelMask: 1 }],
    ['suppressPrefixLength', { suppressPrefixLength: 0 }],
    ['suppressIfgroup', { suppressIfgroup: 0 }],
    ['realms', { realms: { from: 0, to: 1 } }],
  ])('a rule of multicast routing has no %s', (key, rule) => {
    const error = refusal(() => addRule({ family: 'ipv4', multicast: true, table: 7, ...rule }))
    expect(error.message).toMatch(new RegExp(`^${key}: .* is not for rules of multicast routing$`))
  })

  it('takes a rule as it is listed', () => {
    const rule = read({ header: { family: 10, table: 254, action: 'lookup' }, attributes: { priority: 7 } })
    expect(() => addRule(rule!).next()).not.toThrow()
    expect(() => deleteRule(rule!).next()).not.toThrow()
  })
})

function read(body: Parameters<typeof encodeBody<typeof newRule>>[2]) {
  const out = new Writer()
  encodeBody(newRule, out, body)
  const bytes = out.take()
  return readRule(bytes, 0, bytes.length)
}

describe('a rule that the kernel sends', () => {
  it('has what it looks at, and null for the rest', () => {
    const rule = read({
      header: {
        family: 2,
        srcLen: 24,
        table: 252,
        action: 'lookup',
        flags: ['invert', 'oif-detached', 0x40],
      },
      attributes: {
        src: '192.0.2.0',
        priority: 5,
        table: 1000,
        oifname: 'eth9',
        suppressPrefixlen: 0xffffffff,
        ipProto: 200,
        tunId: (1n << 64n) - 1n,
        l3mdev: 0,
        protocol: 'kernel',
      },
    })
    expect(rule).toEqual({
      family: 'ipv4',
      multicast: false,
      priority: 5,
      from: '192.0.2.0/24',
      to: null,
      invert: true,
      iif: null,
      oif: 'eth9',
      fwmark: null,
      fwmask: null,
      tos: 0,
      dscp: null,
      dscpMask: null,
      ipProtocol: 200,
      sport: null,
      sportMask: null,
      dport: null,
      dportMask: null,
      uidRange: null,
      tunId: 18446744073709551615n,
      flowlabel: null,
      flowlabelMask: null,
      action: 'lookup',
      table: 1000,
      goto: null,
      l3mdev: false,
      suppressPrefixLength: null,
      suppressIfgroup: null,
      realms: null,
      protocol: 'kernel',
      flags: ['invert', 'oif-detached', 0x40],
    })
  })

  it('keeps an action that has no name yet', () => {
    expect(read({ header: { family: 2, action: 99 }, attributes: {} })).toMatchObject({
      action: 99,
      table: null,
      priority: 0,
    })
  })

  it('is nothing where its family is another', () => {
    // AF_DECnet, which had rules too.
    expect(read({ header: { family: 12 }, attributes: {} })).toBeNull()
  })

  it('is refused where an attribute does not have its form', () => {
    const fault = refusal(() =>
      read({ header: { family: 2 }, attributes: { unknown: [{ type: 10, data: new Uint8Array(3) }] } }),
    )
    expect(fault).toBeInstanceOf(Fault)
    expect(fault).toMatchObject({ path: 'fwmark', detail: '3 bytes where u32 has 4' })
  })
})
