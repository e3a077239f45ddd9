/**
 * Where what the kernel holds of the builder's rule is not what it holds of nft's, and why. What each explains is written as ours has it, or
 * the same way for both, and all else has to be the same.
 */

import type { Outcome } from './nft-compare.js'
import { all, joined, merged, type Rewrite, replace, swapped, turned, without } from './nft-rewrites.js'

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
    why: 'bits of two bytes, as nft shifts them in a set, overlap',
    text: /(ip6 dscp|frag-off) .*\{/,
    theirs: /^refused: .*File exists/,
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
    text: /ip6|icmp|igmp|arp|\b(srh|rt0?|mh|frag|hbh|dst|exthdr) /,
    ours: /^refused: (Type|Range)Error: .*(the rule is about|is no address for) (ip6?|arp) packets/,
  },
  {
    why: 'no packet of a protocol whose header nft does not know has that of another',
    text: /(ip protocol|ip6 nexthdr) \d/,
    ours: /^refused: TypeError: .*the rule is about packets of protocol \d+ by/,
  },
  {
    why: 'no packet of one type has the header of the other',
    text: /(ether|vlan) type/,
    ours: /^refused: TypeError: .*the rule is about packets of ethertype/,
  },
]

/** Both are taken. */
interface Other {
  readonly why: string
  readonly text: RegExp
  /** What ours is instead. */
  readonly theirs?: Rewrite
  /** What they have in common. */
  readonly both?: Rewrite
}

const EQUAL = /"cmp","data":\{"sreg":1,"op":"eq"/
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
    both: all(without(/"byteorder".*"size":2/), swapped),
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
    why: 'nft takes a list of types of frames for the tag of a VLAN that is one of them',
    text: /ether type \{.*\bvlan\b.*\}.* vlan /,
    both: without(/"base":"link-layer-header","offset":12,"len":2\b/, /"op":"eq","data":\{"value":"8100"\}/),
  },
  {
    why: 'nft takes a list of types of frames for the protocol of packets that is one of them',
    text: /(ether|vlan) type \{[^}]*\b(ip6?|arp)\b[^}]*\} /,
    both: withoutNetwork,
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
    both: without(/"key":"l4proto","dreg":1\b/, EQUAL),
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
    text: /(version|hdrlength|dscp|vlan \S+|frag-off|doff|reserved|more-fragments|flowlabel|subtype)( !=| v?map)? \{.*-/,
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
  {
    why: 'nft joins bytes side by side none of which is to be a value: one of them can be then',
    text: /!= .* != /,
    both: joined('neq'),
  },
  {
    why: 'nft joins bytes side by side across a statement that one comparison alone stands before: a counter counts other packets then',
    text: /(counter|vmap) .* /,
    both: joined('eq'),
  },
  {
    why: 'nft turns the bits of the value where ours turns those of the field, and has one mask of two',
    text: / [|^] \d+ [!=]= /,
    both: turned,
  },
  {
    why: 'nft writes into packets of any type of ICMP',
    text: /icmp(v6)? (id|sequence|mtu|gateway|max-delay|parameter-problem) set/,
    both: without(/"dreg":1,"base":"transport-header","offset":0,"len":1\b/, EQUAL),
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
