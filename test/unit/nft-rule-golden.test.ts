/** Rules of the builder against the messages that nft(8) sent for their texts. */

import { describe, expect, it } from 'vitest'
import { expectExplained } from '../golden/explained.js'
import { differenceFrom, loadGolden } from '../golden/golden.js'
import { COMBINED_SETS, combinedCases } from '../nft-combined-rules.js'
import { CORNER_SETS, cornerCases } from '../nft-corner-rules.js'
import { FIELD_SETS, fieldCases } from '../nft-field-rules.js'
import { SETS as RULE_SETS, cases as ruleCases } from '../nft-rules.js'
import { UNCOMMON_SETS, uncommonCases } from '../nft-uncommon-rules.js'
import { changesOf, sentByCalls } from './nft-sent.js'
import { header, meta, tracked, untold } from './nft-untold.js'

/** A checksum that the kernel looks for, instead of its place. */
const SOUGHT = [
  '-     4.1.2 |0x8000 (52)',
  '+     4.1.2 |0x8000 (44)',
  '-       4.1.2.6 (8) 00000001',
  '-       4.1.2.7 (8) 00000006',
  '+       4.1.2.8 (8) 00000001',
]

/** Where ours is another message, and why. */
const DIFFERS: Record<string, { why: string; lines: readonly string[] }> = {
  ...terminated('nft-do-counter-named', '4.1.2.2 (5) 6e', '4.1.2.2 (6) 6e00'),
  ...terminated('nft-do-quota-named', '4.1.2.2 (5) 71', '4.1.2.2 (6) 7100'),
  ...terminated('nft-do-limit-named', '4.1.2.2 (5) 6c', '4.1.2.2 (6) 6c00'),
  ...terminated('nft-do-counter-map', '4.1.2.4 (6) 6d6f', '4.1.2.4 (7) 6d6f00'),
  ...terminated('nft-more-ct-helper-set', '4.1.2.2 (5) 68', '4.1.2.2 (6) 6800'),
  ...terminated('nft-given-timeout', '4.1.2.2 (5) 6f', '4.1.2.2 (6) 6f00'),
  ...terminated('nft-given-expectation', '4.1.2.2 (5) 65', '4.1.2.2 (6) 6500'),
  ...terminated('nft-given-synproxy', '4.1.2.2 (5) 79', '4.1.2.2 (6) 7900'),
  ...terminated('nft-given-quotas', '4.1.2.4 (6) 6d71', '4.1.2.4 (7) 6d7100'),
  ...terminatedMap('nft-given-synproxies'),
  ...terminatedMap('nft-dynamic-helper-map'),
  ...terminatedMap('nft-dynamic-counter-map'),
  ...terminatedMap('nft-dynamic-limit-map'),
  ...oneByte('nft-more-payload-list', 2),
  ...oneByte('nft-inet-th-dport', 1),
  ...oneByte('nft-meta-l4proto-list', 1),
  ...oneByte('nft-inet-icmp-list', 2),
  ...oneByte('nft-inet-icmpv6-list', 2),
  ...oneByte('nft-header-igmp-list', 2),
  ...oneByte('nft-header-dccp-list', 2),
  ...oneByte('nft-header-icmp-id-alone', 2),
  ...oneByte('nft-header-ip-ecn-list', 2),
  ...oneByte('nft-header-ip-dscp-list', 2),
  ...oneByte('nft-option-mh-list', 2),
  ...oneByte('nft-fact-day-list', 1),
  ...oneByte('nft-fact-nfproto-list', 1),
  ...oneByte('nft-fact-flags-list', 2),
  ...oneByte('nft-fact-flags-masked-list', 2),
  ...oneByte('nft-man-in-ip-ttl', 2, '020401000000'),
  ...oneByte('nft-man-in-ip-protocol', 2),
  ...oneByte('nft-man-in6-icmpv6-type', 2),
  ...oneByte('nft-man-in4-ip-protocol', 2, '010400000000060400000000'),
  ...oneByte('nft-header-ip-dscp-vmap', 2, '010400000000060400000000'),
  ...oneByte('nft-fact-flags-vmap', 2, '010400000000060400000000'),
  ...oneByte('nft-fact-priority-map', 2, '010401000000060400000000'),
  ...oneByte('nft-corner-in-icmp-vmap', 2),
  ...oneByte('nft-corner-in-icmp-two', 2),
  ...oneByte('nft-corner-in-icmpv6-taddr', 2),
  ...oneByte('nft-corner-in-flags-not-list', 2),
  ...untold('nft-man-in-meta-mark-ip', [128, 176], '020401000000', [meta('03'), header('0c', '0b')]),
  ...untold('nft-man-in-meta-skuid-tcp', [128, 176], '020401000000', [meta('0a'), header('08', '02')]),
  ...untold('nft-man-in-iif-tcp', [128, 176], '020401000000', [meta('04'), header('08', '02')]),
  ...untold('nft-man-in-ct-zone', [128, 184], '020401000000', [tracked('11'), header('0c', '0b')]),
  ...untold('nft-man-in-ct-bytes-ip', [128, 184], '020401000000', [tracked('0f'), header('0c', '0b')]),
  ...untold('nft-man-in-ip-dscp-meta', [96, 144], '', [header('0c', '03'), meta('03')]),
  ...untold(
    'nft-man-in-ip-saddr-ip-dscp',
    [160, 184],
    '020401000000',
    [header('0c', '0b'), header('0c', '03')],
    1,
  ),
  ...counted('nft-natmap-prefix-inline', 5),
  ...counted('nft-fact-numgen-ranges', 4),
  ...counted('nft-act-mark-intervals', 5),
  ...counted('nft-man-from4-snat-to', 5),
  ...counted('nft-man-to4-dnat-to', 4),
  ...endless('nft-man-in-ip-saddr-2', [5, 4], { length: 144, element: 28, at: 4 }),
  ...endless('nft-man-in-ip-saddr-3', [4, 3], { length: 120, element: 28, at: 3 }),
  ...endless('nft-man-in-tcp-dport-vmap', [4, 2], { length: 128, element: 44, at: 2 }),
  'nft-fact-ct-label-list': {
    why: 'nft notes that labels lie as the host has numbers, which is so within each of two longs alone',
    lines: ['- 13 (10) 000401000000', '+ 13 (10) 000402000000'],
  },
  'nft-corner-in-hash-before': {
    why: 'nft keeps what is hashed behind the whole key, ours in the register of 16 bytes behind that of the hash',
    lines: [
      '-       4.1.2.1 (8) 0000000a',
      '+       4.1.2.1 (8) 00000002',
      '-       4.1.2.1 (8) 0000000a',
      '+       4.1.2.1 (8) 00000002',
    ],
  },
  'nft-bytes-list': {
    why: 'nft takes bytes that lie where ports do for ports',
    lines: ['- 4 (8) 0000000d', '+ 4 (8) 00000004'],
  },
  'nft-bytes-dport-numgen': {
    why: 'nft turns all four bytes of the number round, of which the upper two become the port: always 0; of UDP this one makes a checksum of none',
    lines: [
      '- header  length 304, type 2566, flags 0xc01, portid 0',
      '+ header  length 296, type 2566, flags 0xc01, portid 0',
      '- 4 |0x8000 (268)',
      '+ 4 |0x8000 (260)',
      '-       4.1.2.4 (8) 00000004',
      '-       4.1.2.5 (8) 00000004',
      '-   4.1 |0x8000 (68)',
      '+       4.1.2.4 (8) 00000002',
      '+       4.1.2.5 (8) 00000002',
      '+   4.1 |0x8000 (60)',
      ...SOUGHT,
    ],
  },
  'nft-bytes-checksum-udp': {
    why: 'this nft says where the checksum of UDP is, and makes one of none; newer ones let the kernel look for it',
    lines: [
      '- header  length 232, type 2566, flags 0xc01, portid 0',
      '+ header  length 224, type 2566, flags 0xc01, portid 0',
      '- 4 |0x8000 (196)',
      '+ 4 |0x8000 (188)',
      '-   4.1 |0x8000 (68)',
      '+   4.1 |0x8000 (60)',
      ...SOUGHT,
    ],
  },
  'nft-binding-goto': {
    why: 'nft numbers chains and sets each for itself, ours all of a transaction together',
    lines: [
      '- 10 (8) 00000001',
      '+ 10 (8) 00000002',
      '- 4 (8) 00000001',
      '+ 4 (8) 00000002',
      '-       4.1.2.4 (8) 00000001',
      '+       4.1.2.4 (8) 00000002',
    ],
  },
  ...wholeTag('nft-bytes-vlan-pcp', ['1f', '40']),
  ...wholeTag('nft-bytes-vlan-dei', ['ef', '10']),
  'nft-header-ether-ip': {
    why: 'nft looks for IP in the Ethernet header where that was looked at, ours where it looks in this family',
    lines: [
      '- header  length 416, type 2566, flags 0xc01, portid 0',
      '+ header  length 400, type 2566, flags 0xc01, portid 0',
      '- 4 |0x8000 (380)',
      '+ 4 |0x8000 (364)',
      '-   4.1 |0x8000 (52)',
      '-     4.1.1 (12) 7061796c6f616400',
      '-     4.1.2 |0x8000 (36)',
      '+   4.1 |0x8000 (36)',
      '+     4.1.1 (9) 6d65746100',
      '+     4.1.2 |0x8000 (20)',
      '+       4.1.2.2 (8) 0000000f',
      '-       4.1.2.2 (8) 00000000',
      '-       4.1.2.3 (8) 0000000c',
      '-       4.1.2.4 (8) 00000002',
      '-         4.1.2.3.1 (6) 0800',
      '+         4.1.2.3.1 (5) 02',
    ],
  },
  'nft-bridge-arp': {
    why: 'nft looks for ARP in the Ethernet header, ours where it looks for IP: at the protocol of the packet',
    lines: [
      '- header  length 280, type 2566, flags 0xc01, portid 0',
      '+ header  length 264, type 2566, flags 0xc01, portid 0',
      '- 4 |0x8000 (244)',
      '-   4.1 |0x8000 (52)',
      '-     4.1.1 (12) 7061796c6f616400',
      '-     4.1.2 |0x8000 (36)',
      '+ 4 |0x8000 (228)',
      '+   4.1 |0x8000 (36)',
      '+     4.1.1 (9) 6d65746100',
      '+     4.1.2 |0x8000 (20)',
      '+       4.1.2.2 (8) 00000001',
      '-       4.1.2.2 (8) 00000000',
      '-       4.1.2.3 (8) 0000000c',
      '-       4.1.2.4 (8) 00000002',
    ],
  },
}

function terminated(name: string, theirs: string, ours: string) {
  const why = 'nft leaves out the NUL of this name, which the kernel takes either way'
  return { [name]: { why, lines: [`-       ${theirs}`, `+       ${ours}`] } }
}

function terminatedMap(name: string) {
  return terminated(name, '4.1.2.4 (14) 5f5f6f626a6d61702564', '4.1.2.4 (15) 5f5f6f626a6d6170256400')
}

function wholeTag(name: string, [mask, xor]: readonly [string, string]) {
  const lengths = (at: string) => [`-       ${at} (8) 00000001`, `+       ${at} (8) 00000002`]
  const lines = [
    ...lengths('4.1.2.4'),
    ...lengths('4.1.2.3'),
    ...[`-         4.1.2.4.1 (5) ${mask}`, `+         4.1.2.4.1 (6) ${mask}ff`],
    ...[`-         4.1.2.5.1 (5) ${xor}`, `+         4.1.2.5.1 (6) ${xor}00`],
    ...lengths('4.1.2.4'),
  ]
  return { [name]: { why: 'this nft writes one byte of a tag, of which the kernel takes two', lines } }
}

/** `more` is what nft notes of the values of a map. */
function oneByte(name: string, theirs: number, more = '') {
  const why = 'the byte order that nft notes for a type of one byte, which has none'
  const at = `13 (${10 + more.length / 2})`
  return { [name]: { why, lines: [`- ${at} 00040${theirs}000000${more}`, `+ ${at} 000400000000${more}`] } }
}

function counted(name: string, theirs: number) {
  const why = 'nft counts the end of a range that the next one follows, though it does not send it'
  return { [name]: { why, lines: [`-   9.1 (8) 0000000${theirs}`, `+   9.1 (8) 0000000${theirs - 1}`] } }
}

/** nft marks an interval up to the last value there is, for itself, and counts an end that it does not have. */
function endless(
  name: string,
  [theirs, ours]: readonly [number, number],
  { length, element, at }: { length: number; element: number; at: number },
) {
  const two = (length: number, line: (length: number) => string) => [
    `- ${line(length)}`,
    `+ ${line(length - 12)}`,
  ]
  const lines = [
    `-   9.1 (8) 0000000${theirs}`,
    `+   9.1 (8) 0000000${ours}`,
    ...two(length, (it) => `header  length ${it}, type 2572, flags 0x401, portid 0`),
    ...two(length - 48, (it) => `3 |0x8000 (${it})`),
    ...two(element, (it) => `  3.${at} |0x8000 (${it})`),
    `-     3.${at}.6 (10) 010401000000`,
  ]
  return {
    [name]: {
      why: 'nft marks an interval without end for itself, and counts ends that it does not send',
      lines,
    },
  }
}

const cases = [
  ...ruleCases.map((one) => ({ ...one, area: 'nft-rule' })),
  ...fieldCases.map((one) => ({ ...one, area: 'nft-field' })),
  ...combinedCases.map((one) => ({ ...one, area: 'nft-combined' })),
  ...cornerCases.map((one) => ({ ...one, area: 'nft-corner' })),
  ...uncommonCases.map((one) => ({ ...one, area: 'nft-uncommon' })),
]
const SETS = { ...RULE_SETS, ...FIELD_SETS, ...COMBINED_SETS, ...CORNER_SETS, ...UNCOMMON_SETS }
const golden = ['nft-rule', 'nft-field', 'nft-combined', 'nft-corner', 'nft-uncommon'].flatMap(loadGolden)
const commands = new Map(golden.map(({ name, command }) => [name, command]))

describe('rules of the builder and nft', () => {
  it.each(cases)('$name', ({ area, name, prefix, family, body }) => {
    let before = 0
    const sent = sentByCalls((tx) => {
      before = SETS[prefix]?.(tx) ?? 0
      const comment = /comment "([^"]*)"'$/.exec(commands.get(name)!)?.[1]
      tx.addRule({ family, table: 't', chain: 'c', rule: body, comment })
    })
    const ours = sent.slice(before)
    const theirs = changesOf(area, name)
    const changed: string[] = []
    for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
      const difference = ours[i] && theirs[i] ? differenceFrom(theirs[i]!, ours[i]!) : `message ${i} alone`
      changed.push(...(difference?.split('\n').filter((line) => !line.startsWith('  ')) ?? []))
    }
    expect(changed).toEqual(DIFFERS[name]?.lines ?? [])
    if (DIFFERS[name] !== undefined) expectExplained(area, name, [DIFFERS[name].why])
  })

  it('every text has its rule', () => {
    expect([...commands.keys()].sort()).toEqual(cases.map(({ name }) => name).sort())
    expect(cases.length).toBeGreaterThanOrEqual(120)
  })
})
