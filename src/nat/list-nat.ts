import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import { NetlinkError } from '../netlink/errors.js'
import { withNetfilter } from '../netlink/netfilter.js'
import type { Channel, NetnsLike, Operation } from '../netlink/operation.js'
import { chainsIn, elementsIn } from '../nftables/dumps.js'
import type { NftElement } from '../nftables/element.js'
import { familyNumber } from '../nftables/input.js'
import type { NftSetInput } from '../nftables/set.js'
import { type AllowedForwarding, madeAllowance } from './allow-forwarding.js'
import type { BlockedPort } from './block-port.js'
import type { IpFamily, PortProtocol } from './check.js'
import { type Described, descriptionOf, isDescribedByRules } from './description.js'
import { hasKey } from './elements.js'
import type { Isolation } from './isolate.js'
import type { Made } from './made.js'
import type { Masquerade } from './masquerade.js'
import { madeChain, rulesOf } from './own-chain.js'
import { isLike, setsByName } from './own-sets.js'
import { allowed, OWN, portMaps } from './own-table.js'
import { type Publication, type PublishedPort, tagOf, targetOf } from './publication.js'
import { madePort } from './publish-port.js'

/** What a verb made. */
export type NatEntry = Masquerade | PublishedPort | Isolation | AllowedForwarding | BlockedPort

/**
 * Lists what the verbs have made in a namespace, by whichever program: each with withdraw(), as the verb returned it.
 *
 * @throws TypeError for options that do not exist
 * @see nft(8)
 * @example for (const made of await listNat()) await made.withdraw()
 */
export function* listNat(options: CallOptions = {}): Operation<Made<NatEntry>[]> {
  checkKeys('listNat', options, CALL_OPTIONS)
  const { netns } = options
  return yield* withNetfilter(netns, (channel) => presentIn(channel, netns))
}

/** No table is no entry; it may also be deleted while it is read. */
function* presentIn(channel: Channel, netns: NetnsLike | undefined): Operation<Made<NatEntry>[]> {
  try {
    return yield* entriesIn(channel, netns)
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENOENT') return []
    throw error
  }
}

function* entriesIn(channel: Channel, netns: NetnsLike | undefined): Operation<Made<NatEntry>[]> {
  const family = familyNumber(OWN.family)
  const found: Made<NatEntry>[] = []
  for (const described of yield* describedIn(channel, family))
    found.push(madeChain(described as Masquerade | Isolation | BlockedPort, netns))
  const sets = yield* setsByName(channel)
  const elements = function* (set: NftSetInput): Operation<NftElement[]> {
    const there = sets.get(set.name)
    if (there === undefined || !isLike(there, set)) return []
    return (yield* elementsIn(channel, family, there)).filter(hasKey)
  }
  for (const [ip, { ports, hosts }] of Object.entries(portMaps) as [IpFamily, typeof portMaps.ip][])
    for (const map of [ports, hosts])
      for (const one of publications(ip, yield* elements(map))) found.push(madePort(one, netns))
  for (const { key } of yield* elements(allowed.pairs)) {
    const [from, to] = key as [string, string]
    found.push(madeAllowance(from, to, netns))
  }
  for (const { key } of yield* elements(allowed.from)) found.push(madeAllowance(key as string, null, netns))
  for (const { key } of yield* elements(allowed.to)) found.push(madeAllowance(null, key as string, netns))
  return found
}

const MAX_LOOKS = 3

/**
 * What the chains were made of. Where rules lack a part of it another program may have made the chain anew between the two dumps: it is looked
 * again, and what lacks it still is nobody's entry.
 */
function* describedIn(channel: Channel, family: number): Operation<Described[]> {
  for (let look = 1; ; look++) {
    const found: Described[] = []
    let isWhole = true
    for (const chain of yield* chainsIn(channel, family, OWN.table)) {
      const byRules = isDescribedByRules(chain)
      const described = descriptionOf(chain, byRules ? yield* rulesOf(channel, chain.name) : [])
      if (described !== null) found.push(described)
      else if (byRules) isWhole = false
    }
    if (isWhole || look === MAX_LOOKS) return found
  }
}

/** Elements as they were published: ranges of ports, with the same name, that go to ranges of ports. */
function publications(family: IpFamily, elements: readonly NftElement[]): Publication[] {
  const sorted = elements.map((one) => publicationOf(family, one)).sort(compare)
  const found: Publication[] = []
  for (const one of sorted) {
    const last = found.at(-1)
    if (last !== undefined && goesOn(last, one)) {
      found[found.length - 1] = { ...last, ports: { from: last.ports.from, to: one.ports.to } }
    } else found.push(one)
  }
  return found
}

function publicationOf(family: IpFamily, element: NftElement): Publication {
  const key = element.key as readonly [...(readonly [string] | readonly []), PortProtocol, number]
  const port = key.at(-1) as number
  const { address, port: to } = targetOf(element)
  return {
    family,
    ...tagOf(element),
    protocol: key.at(-2) as PortProtocol,
    hostAddress: key.length === 3 ? (key[0] as string) : null,
    ports: { from: port, to: port },
    target: address,
    targetPort: to,
  }
}

function groupOf({ name, protocol, hostAddress, target, dev }: Publication): string {
  return [name, protocol, hostAddress, target, dev].join(' ')
}

function compare(a: Publication, b: Publication): number {
  const [first, second] = [groupOf(a), groupOf(b)]
  return first < second ? -1 : first > second ? 1 : a.ports.from - b.ports.from
}

function goesOn(last: Publication, next: Publication): boolean {
  return (
    groupOf(last) === groupOf(next) &&
    next.ports.from === last.ports.to + 1 &&
    next.targetPort === last.targetPort + next.ports.from - last.ports.from
  )
}
