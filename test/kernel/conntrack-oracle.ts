/** What the tests of conntrack share: conntrack(8) and nft in a namespace, and an entry of ours as conntrack(8) prints it. */

import type { ConntrackEntry, ConntrackTuple } from '../../src/conntrack.js'
import * as promises from '../../src/conntrack.js'
import * as sync from '../../src/conntrack-sync.js'
import { execIn } from './support.js'

/** Both faces; `await` suits either. */
export const CONNTRACK_FACES = [
  { face: 'promises', ct: promises },
  { face: 'sync', ct: sync },
] as const

/** Runs conntrack(8): `conntrack('-D -p tcp', netns)`. Returns what it printed; throws where it failed. */
export function conntrack(args: string, netns: string): string {
  return execIn(netns, 'conntrack', ...args.split(' '))
}

/** The lines of `conntrack -L -o extended,id` without what passes: the time that is left, and that since the start. */
export function printedEntries(netns: string, options = ''): string[] {
  return conntrack(`-L -o extended,id${options}`, netns)
    .split('\n')
    .filter(Boolean)
    .map((line) => withoutTimes(line.trim().split(/\s+/)))
    .sort()
}

const TIMEOUT = 4

function withoutTimes(words: string[]): string {
  return words
    .toSpliced(TIMEOUT, 1)
    .filter((word) => !word.startsWith('delta-time='))
    .join(' ')
}

/** What conntrack(8) calls protocols that it does not call as /etc/protocols does. */
const PROTOCOLS: Readonly<Record<string, string>> = { 'ipv6-icmp': 'icmpv6', esp: 'unknown', ah: 'unknown' }
const NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  'ipv6-icmp': 58,
  sctp: 132,
  udplite: 136,
}

/** An entry of ours as `conntrack -L -o extended,id` prints it, without what passes. */
export function asPrinted(entry: ConntrackEntry): string {
  const { family, original, reply, status, state, mark, zone, helper, use, id, counters } = entry
  const protocol = String(original.protocol)
  const words = [family, family === 'ipv4' ? 2 : 10, PROTOCOLS[protocol] ?? protocol, NUMBERS[protocol]]
  if (state !== null) words.push(String(state).toUpperCase().replace(/-/g, '_'))
  words.push(...tupleWords(original, counters?.original))
  if (original.zone !== null) words.push(`zone-orig=${original.zone}`)
  if (!status.includes('seen-reply')) words.push('[UNREPLIED]')
  words.push(...tupleWords(reply, counters?.reply))
  if (reply.zone !== null) words.push(`zone-reply=${reply.zone}`)
  if (status.includes('assured')) words.push('[ASSURED]')
  words.push(`mark=${mark}`)
  if (zone !== 0) words.push(`zone=${zone}`)
  if (helper !== null) words.push(`helper=${helper}`)
  words.push(`use=${use}`, `id=${id}`)
  return words.join(' ')
}

function tupleWords(
  { src, dst, protocol, sport, dport, icmp }: ConntrackTuple,
  counter: { packets: number; bytes: number } | undefined,
): string[] {
  const words = [`src=${src}`, `dst=${dst}`]
  if (protocol === 'gre') words.push(`srckey=0x${sport!.toString(16)}`, `dstkey=0x${dport!.toString(16)}`)
  else if (sport !== null) words.push(`sport=${sport}`, `dport=${dport}`)
  if (icmp !== null) words.push(`type=${icmp.type}`, `code=${icmp.code}`, `id=${icmp.id}`)
  if (counter !== undefined) words.push(`packets=${counter.packets}`, `bytes=${counter.bytes}`)
  return words
}
