/**
 * Where what the kernel holds of the builder's rule is not what it holds of nft's, and why. What each explains is written as ours has it, or
 * the same way for both, and all else has to be the same.
 */

import type { Outcome } from './nft-compare.js'

const REFUSED = /^refused/
const TAKEN = /^(?!refused)/

/** One is refused. */
interface Refusal {
  readonly why: string
  readonly text?: RegExp
  readonly ours?: RegExp
  readonly theirs?: RegExp
}

const REFUSALS: readonly Refusal[] = [
  {
    why: 'what nft itself refuses, by its grammar or its types, the kernel has not seen',
    theirs: /^refused: (?!.*Could not process rule)/,
    ours: TAKEN,
  },
  {
    why: 'some bits of fields that are some bits are not to be had here',
    ours: /^refused: TypeError: .*\.mask: the field is some bits already/,
  },
  {
    why: 'nft takes the first four of eight bytes',
    text: /mark set ct \S+( \S+)?$/,
    ours: /^refused: TypeError: .* \(8 bytes\), which is no mark/,
  },
  {
    why: 'no packet of one protocol has the header of the other',
    text: /ip6|icmp|igmp|arp/,
    ours: /^refused: (Type|Range)Error: .*(the rule is about|is no address for) (ip6?|arp) packets/,
  },
  {
    why: 'no packet of one type has the header of the other',
    text: /(ether|vlan) type/,
    ours: /^refused: TypeError: .*the rule is about packets of ethertype/,
  },
]

type Rewrite = (held: string) => string

/** Both are taken. */
interface Other {
  readonly why: string
  readonly text: RegExp
  /** What ours is instead. */
  readonly theirs?: Rewrite
  /** What they have in common. */
  readonly both?: Rewrite
}

/** The pattern of an expression whose data begins so; spaces are for reading. */
const expression = (name: string, data: string) =>
  `\\{"name":"${name}","data":\\{${data.replaceAll(' ', '')}[^{}]*(?:\\{[^{}]*\\}[^{}]*)*\\}\\}`
const replace =
  (pattern: string, by: string): Rewrite =>
  (held) =>
    held.replaceAll(new RegExp(pattern, 'g'), by)
const all =
  (...rewrites: readonly Rewrite[]): Rewrite =>
  (held) =>
    rewrites.reduce((rest, rewrite) => rewrite(rest), held)

const ZEROS = '\\{"value":"0+"\\}'
const masked = `\\{"name":"bitwise","data":\\{"sreg":(\\d+),"dreg":\\1,"len":\\d+,"op":"mask-xor","mask":\\{"value":"(\\w+)"\\},"xor":${ZEROS}\\}\\}`
const none = (op: string) => `\\{"name":"cmp","data":\\{"sreg":\\1,"op":"${op}","data":${ZEROS}\\}\\}`
const cmp = (op: string, value: string) =>
  `{"name":"cmp","data":{"sreg":$1,"op":"${op}","data":{"value":"${value}"}}}`
const ofNoBits = (op: string) =>
  `{"name":"bitwise","data":{"sreg":$1,"dreg":$1,"len":4,"op":"mask-xor","mask":{"value":"00000000"},"xor":{"value":"00000000"}}},${cmp(op, '00000000')}`

/** The protocol that packets have to be of is the first of what contents() tells. */
const withoutNetwork = replace('^\\{"expressions":\\[\\[[^\\]]*\\]', '{"expressions":[[]')

const OTHERS: readonly Other[] = [
  {
    why: 'bits of two bytes: nft shifts them as the host has numbers, ours as packets have them',
    text: /ip6 dscp|frag frag-off/,
    both: all(
      replace(`,${expression('byteorder', '"sreg":\\d+,"dreg":\\d+,"op":"\\w+","len":2,"size":2')}`, ''),
      swapped,
    ),
  },
  {
    why: 'this nft writes one byte of a tag, of which the kernel takes two',
    text: /vlan (dei|pcp) set/,
    theirs: replace(
      '("base":"link-layer-header","offset":14,"len":)1(\\}\\},\\{"name":"bitwise","data":\\{"sreg":1,"dreg":1,"len":)1(,"op":"mask-xor","mask":\\{"value":"..)("\\},"xor":\\{"value":"..)("\\}\\}\\},\\{"name":"payload","data":\\{"sreg":1,"base":"link-layer-header","offset":14,"len":)1',
      '$12$22$3ff$400$52',
    ),
  },
  {
    why: 'this nft makes a checksum of none of UDP, and leaves that of UDP-Lite as it is',
    text: /udp(lite)? \S+ set/,
    theirs: replace(
      '("sreg":1,"base":"transport-header","offset":\\d,"len":2),"csumType":"\\w+","csumOffset":\\d,"csumFlags":0',
      '$1,"csumType":"none","csumOffset":0,"csumFlags":1',
    ),
  },
  {
    why: 'a range of all addresses is a prefix of none for ours',
    text: /0\.0\.0\.0-255\.255\.255\.255/,
    theirs: all(
      replace(
        '\\{"name":"cmp","data":\\{"sreg":(\\d+),"op":"gte","data":\\{"value":"00000000"\\}\\}\\},\\{"name":"cmp","data":\\{"sreg":\\1,"op":"lte","data":\\{"value":"ffffffff"\\}\\}\\}',
        ofNoBits('eq'),
      ),
      replace(
        '\\{"name":"range","data":\\{"sreg":(\\d+),"op":"neq","fromData":\\{"value":"00000000"\\},"toData":\\{"value":"ffffffff"\\}\\}\\}',
        ofNoBits('neq'),
      ),
    ),
  },
  {
    why: 'nft takes a list of protocols for the last one in it',
    text: /(protocol|nexthdr|l4proto) \{/,
    both: replace(
      `,?${expression('meta', '"key":"l4proto","dreg":1')},${expression('cmp', '"sreg":1,"op":"eq"')}`,
      '',
    ),
  },
  {
    why: 'nft takes the protocol of a connection for that of the packet',
    text: /l3proto/,
    both: withoutNetwork,
  },
  {
    why: 'nft joins the type of a frame to addresses beside it; ours looks for the protocol of the packet',
    text: /ether [sd]addr/,
    both: withoutNetwork,
    theirs: all(
      replace(
        '("offset":6,"len":)8(\\}\\},\\{"name":"cmp","data":\\{"sreg":1,"op":"eq","data":\\{"value":"\\w{12})(0800|86dd|0806)',
        '$16$2',
      ),
      replace(
        '("offset":0,"len":)14(\\}\\},\\{"name":"cmp","data":\\{"sreg":1,"op":"eq","data":\\{"value":"\\w{24})(0800|86dd|0806)',
        '$112$2',
      ),
    ),
  },
  {
    why: 'of some bits nft joins numbers before it shifts them, and leaves the end of an interval out that is the largest',
    text: /(version|hdrlength|dscp|vlan \S+|doff|reserved|more-fragments|flowlabel|subtype)( !=| v?map)? \{.*-/,
    both: merged,
  },
  {
    why: 'nft takes a list of one for the one; of flags ours is the whole then',
    text: /(ct (state|status)|tcp flags) (!= )?\{ \S+ \}/,
    both: all(
      replace(`${masked},${none('neq')}`, cmp('eq', '$2')),
      replace(`${masked},${none('eq')}`, cmp('neq', '$2')),
    ),
  },
]

/** Whether what became of a rule is the same, but for what is explained. */
export function isRight({ rule: { text }, ours, theirs }: Outcome): boolean {
  if (REFUSED.test(ours) && REFUSED.test(theirs)) return true
  if (REFUSED.test(ours) || REFUSED.test(theirs))
    return REFUSALS.some(
      (one) =>
        (one.text?.test(text) ?? true) &&
        (one.ours?.test(ours) ?? true) &&
        (one.theirs?.test(theirs) ?? true),
    )
  const others = OTHERS.filter((one) => one.text.test(text))
  const as = others.reduce((held, one) => one.theirs?.(held) ?? held, theirs)
  const both = all(...others.flatMap((one) => one.both ?? []))
  return both(ours) === both(as)
}

export function isTaken({ ours, theirs }: Outcome): boolean {
  return TAKEN.test(ours) && TAKEN.test(theirs)
}

interface Plain {
  readonly name: string
  readonly data?: { readonly set?: string; readonly mask?: { readonly value: string } }
}
interface Held {
  readonly expressions: readonly [needed: unknown, rest: readonly Plain[]]
  readonly sets: { readonly keyLen: number; elements: string[] }[]
}

/** In parts of keys, as the host has numbers and as packets have them. */
function swapped(held: string): string {
  const contents: Held = JSON.parse(held)
  for (const set of contents.sets)
    set.elements = set.elements
      .map((one) =>
        one.replaceAll(/(?<=(?:key|from|to)":")[0-9a-f]+/g, (key) => key.replaceAll(/(.{8})/g, inPart)),
      )
      .sort()
  return JSON.stringify(contents)
}
const inPart = (part: string) => part.replace(/^00(..)0000$/, '$1000000')

/** In sets of some bits: values side by side are one interval, whose end is within the bits. */
function merged(held: string): string {
  const contents: Held = JSON.parse(held)
  for (const [i, { name, data }] of contents.expressions[1].entries()) {
    const { mask } = contents.expressions[1][i - 1]?.data ?? {}
    const set = contents.sets[Number(data?.set?.slice(1))]
    if (name !== 'lookup' || set === undefined || mask?.value.length !== 2 * set.keyLen) continue
    set.elements = mergedWithin(set.elements, Number(`0x${mask.value}`))
  }
  return JSON.stringify(contents)
}

function mergedWithin(elements: readonly string[], mask: number): string[] {
  const number = (text: string) => Number(`0x${text}`)
  const found = elements
    .map((element) => {
      const { key, ...rest } = JSON.parse(element)
      return { from: number(key.from ?? key), to: number(key.to ?? key) & mask, rest: JSON.stringify(rest) }
    })
    .sort((a, b) => a.from - b.from)
  const made: typeof found = []
  for (const one of found) {
    const last = made.at(-1)
    // The lowest of the bits is the step.
    if (last?.rest === one.rest && last.to + (mask & -mask) === one.from) last.to = one.to
    else made.push(one)
  }
  return made.map((one) => JSON.stringify(one))
}
