/** Rules of the builder against the messages that nft(8) sent for their texts. */

import { describe, expect, it } from 'vitest'
import { expectExplained } from '../golden/explained.js'
import { differenceFrom, loadGolden } from '../golden/golden.js'
import { cases, SETS } from '../nft-rules.js'
import { changesOf, sentByCalls } from './nft-sent.js'

/** Where ours is another message, and why. */
const DIFFERS: Record<string, { why: string; lines: readonly string[] }> = {
  ...terminated('nft-do-counter-named', '4.1.2.2 (5) 6e', '4.1.2.2 (6) 6e00'),
  ...terminated('nft-do-quota-named', '4.1.2.2 (5) 71', '4.1.2.2 (6) 7100'),
  ...terminated('nft-do-limit-named', '4.1.2.2 (5) 6c', '4.1.2.2 (6) 6c00'),
  ...terminated('nft-do-counter-map', '4.1.2.4 (6) 6d6f', '4.1.2.4 (7) 6d6f00'),
  ...terminated('nft-more-ct-helper-set', '4.1.2.2 (5) 68', '4.1.2.2 (6) 6800'),
  ...oneByte('nft-more-payload-list', 2),
  ...oneByte('nft-inet-th-dport', 1),
  ...oneByte('nft-meta-l4proto-list', 1),
  ...oneByte('nft-inet-icmp-list', 2),
  ...oneByte('nft-inet-icmpv6-list', 2),
  'nft-natmap-prefix-inline': {
    why: 'nft counts the end of a network that the next one follows, though it does not send it',
    lines: ['-   9.1 (8) 00000005', '+   9.1 (8) 00000004'],
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

function oneByte(name: string, theirs: number) {
  const why = 'the byte order that nft notes for a type of one byte, which has none'
  return { [name]: { why, lines: [`- 13 (10) 00040${theirs}000000`, '+ 13 (10) 000400000000'] } }
}

const commands = new Map(loadGolden('nft-rule').map(({ name, command }) => [name, command]))

describe('rules of the builder and nft', () => {
  it.each(cases)('$name', ({ name, prefix, family, body }) => {
    let before = 0
    const sent = sentByCalls((tx) => {
      before = SETS[prefix]?.(tx) ?? 0
      const comment = /comment "(.*)"/.exec(commands.get(name)!)?.[1]
      tx.addRule({ family, table: 't', chain: 'c', rule: body, comment })
    })
    const ours = sent.slice(before)
    const theirs = changesOf('nft-rule', name)
    const changed: string[] = []
    for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
      const difference = ours[i] && theirs[i] ? differenceFrom(theirs[i]!, ours[i]!) : `message ${i} alone`
      changed.push(...(difference?.split('\n').filter((line) => !line.startsWith('  ')) ?? []))
    }
    expect(changed).toEqual(DIFFERS[name]?.lines ?? [])
    if (DIFFERS[name] !== undefined) expectExplained('nft-rule', name, [DIFFERS[name].why])
  })

  it('every text has its rule', () => {
    expect([...commands.keys()].sort()).toEqual(cases.map(({ name }) => name).sort())
    expect(cases.length).toBeGreaterThanOrEqual(120)
  })
})
