/** What of the own table is to be changed for a published port to come, to move or to go. */

import { EEXIST } from '../netlink/errno.js'
import { NetlinkError } from '../netlink/errors.js'
import type { Channel, Operation } from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import type { NftChain } from '../nftables/chain.js'
import type { NftElement } from '../nftables/element.js'
import { newElements } from '../nftables/messages.js'
import type { Transaction } from '../nftables/recorder.js'
import type { NftSetInput } from '../nftables/set.js'
import { elementQuestion, findElements } from './elements.js'
import {
  areLost,
  areNew,
  type Known,
  placesOf,
  placeText,
  putCounts,
  recount,
  type Target,
} from './hairpin.js'
import { displaced, displacedError } from './own-sets.js'
import {
  addLayout,
  addOwnTable,
  LAYOUT_QUESTIONS,
  type Layout,
  layoutOf,
  layoutQuestions,
  portMaps,
} from './own-table.js'
import {
  addPorts,
  deletePorts,
  describePublication,
  keyOf,
  mapOf,
  type PortPair,
  type Publication,
  portsOf,
  tagOf,
  targetOf,
} from './publication.js'
import { askWithGeneration, type Left, type Plan } from './settle.js'
import { type Change, someAreTranslated, UNKNOWN, type Way } from './stale.js'

/** Where a port of a publication goes. */
export function targetFor({ family, protocol, target, dev = null }: Publication, port: number): Target {
  return { family, protocol, address: target, port, dev }
}

interface Found extends PortPair {
  readonly element: NftElement
}

/** What there is before a change. */
interface State {
  readonly generation: number
  readonly layout: Layout
  /** The ports of the publication that the map has. */
  readonly found: readonly Found[]
  /** Of its targets; of the first one, where it has many ports. */
  readonly known: Known
  /** Sets of the layout in whose place there is somebody else's: but for the ports nothing is known then. */
  readonly displaced: readonly NftSetInput[]
}

/** So many ports are asked for together with their targets; of more, the first one's tells whether somebody has emptied the sets. */
const FEW = 16

/** Only rules that are whole tell that the sets are those that they look up. */
function* look(channel: Channel, publication: Publication): Operation<State> {
  let state: State | null = null
  let failure: unknown
  try {
    state = yield* lookAsOwn(channel, publication)
    if (state.layout.isWhole) return state
  } catch (error) {
    // So the kernel refuses a key of another length.
    if (!(error instanceof NetlinkError && error.code === 'EINVAL')) throw error
    failure = error
  }
  const others = yield* displacedSets(channel)
  if (others.length > 0) {
    const map = mapOf(publication)
    const keys = portsOf(publication).map(({ port }) => keyOf(publication, port))
    const found = others.includes(map) ? [] : foundOf(publication, yield* findElements(channel, map, keys))
    return { generation: 0, layout: layoutOf([]), found, known: EMPTY, displaced: others }
  }
  if (state === null) throw failure
  return state
}

function* displacedSets(channel: Channel): Operation<NftSetInput[]> {
  return yield* displaced(channel, Object.values(portMaps).flatMap(Object.values))
}

function* lookAsOwn(channel: Channel, publication: Publication): Operation<State> {
  const ports = portsOf(publication)
  const map = mapOf(publication)
  const keys = ports.map(({ port }) => keyOf(publication, port))
  const few = ports.length <= FEW
  const places = (few ? ports : ports.slice(0, 1)).flatMap(({ to }) => placesOf(targetFor(publication, to)))
  const questions: Request<NftChain | NftElement>[] = layoutQuestions()
  if (few) for (const key of keys) questions.push(elementQuestion(map, key))
  for (const { set, key } of places) questions.push(elementQuestion(set, key))
  const { generation, answers } = yield* askWithGeneration(channel, questions)
  const layout = layoutOf(answers.splice(0, LAYOUT_QUESTIONS) as (NftChain | null)[])
  const elements = few
    ? (answers.splice(0, keys.length) as (NftElement | null)[])
    : yield* findElements(channel, map, keys)
  const found = foundOf(publication, elements)
  const known = new Map(places.map((place, i) => [placeText(place), answers[i] as NftElement | null]))
  return { generation, layout, found, known, displaced: [] }
}

/** The ports whose elements are there. */
function foundOf(publication: Publication, elements: readonly (NftElement | null | undefined)[]): Found[] {
  return portsOf(publication).flatMap((one, i) => {
    const element = elements[i]
    return element == null ? [] : [{ ...one, element }]
  })
}

function goesTo({ target }: Publication, { to, element }: Found): boolean {
  const found = targetOf(element)
  return found.address === target && found.port === to
}

/** Where a port goes that is in the map. */
function foundTarget({ family, protocol }: Publication, { element }: Found): Target {
  return { family, protocol, ...targetOf(element), dev: tagOf(element).dev }
}

/** Their targets, where one is not there any more that somebody took out of the sets. */
function lostOf(publication: Publication, found: readonly Found[], known: Known): Target[] {
  const targets = found.map((one) => foundTarget(publication, one))
  return areLost(targets, known) ? targets : []
}

/** A plan, and the ways of connections that it ends. */
export interface PublicationPlan extends Plan {
  readonly change: Change | null
}

/** Of every place it is known that it is empty. */
const EMPTY: Known = { get: () => null }

/** What a change of this program left behind; null where the layout is not known to be whole. */
function stateLeft({ generation, layout }: Left): State | null {
  if (layout === null) return null
  return {
    generation,
    layout: { isMade: true, isWhole: true, ...layout },
    found: [],
    known: EMPTY,
    displaced: [],
  }
}

/** The rules where they are not as they have to be, and the ports that are not there or go elsewhere. */
export function* republication(
  channel: Channel,
  publication: Publication,
  left: Left | null,
): Operation<PublicationPlan> {
  const state = left === null ? null : stateLeft(left)
  const {
    generation,
    layout,
    found,
    known,
    displaced: [other],
  } = state ?? (yield* look(channel, publication))
  if (other !== undefined) throw displacedError(other)
  const isGuess = state !== null
  const { name, dev = null } = publication
  const foreign = found.find(({ element }) => tagOf(element).name !== name)
  if (foreign !== undefined) throw taken(publication, foreign)
  const right = found.filter((one) => goesTo(publication, one) && tagOf(one.element).dev === dev)
  const kept = new Set(right.map(({ port }) => port))
  const wrong = found.filter(({ port }) => !kept.has(port))
  const missing = portsOf(publication).filter(({ port }) => !kept.has(port))
  const { isMade, isWhole } = layout
  const lost = lostOf(publication, found, known)
  if (isWhole && missing.length === 0 && lost.length === 0)
    return { generation, record: null, isNew: false, isGuess, layout, change: UNKNOWN }
  const unsure = isMade ? layout.unsure : yield* someAreTranslated(channel)
  const counts = yield* recount(
    channel,
    publication.family,
    wrong.map((one) => foundTarget(publication, one)),
    missing.map(({ to }) => targetFor(publication, to)),
    known,
    lost,
  )
  const moved = wrong.filter((one) => !goesTo(publication, one))
  const before = new Set(found.map(({ port }) => port))
  const fresh = missing.filter(({ port }) => !before.has(port)).map(({ port }) => port)
  return {
    generation,
    record: (tx) => {
      if (isWhole) addOwnTable(tx)
      else addLayout(tx, unsure)
      if (wrong.length > 0) deletePorts(tx, publication, wrong)
      if (missing.length > 0) addPorts(tx, publication, missing)
      putCounts(tx, counts)
    },
    isNew: found.length === 0 && areNew(counts),
    isGuess,
    layout: { unsure },
    change:
      unsure || missing.length === 0 || (isMade && !isWhole) ? UNKNOWN : { fresh, left: moved.map(wayOf) },
  }
}

function wayOf({ port, element }: Found): Way {
  const { address, port: to } = targetOf(element)
  return { port, address, to }
}

function taken(publication: Publication, { port, element }: Found): NetlinkError {
  const { address, port: to } = targetOf(element)
  return new NetlinkError({
    operation: newElements.name,
    errno: EEXIST,
    subject: describePublication({ ...publication, ports: { from: port, to: port } }),
    advice: `it is published as '${tagOf(element).name}' to ${address} port ${to}: withdraw that, or use its name`,
  })
}

/** Those of its ports that are still its own. */
export function* withdrawal(channel: Channel, publication: Publication): Operation<PublicationPlan> {
  const state = yield* look(channel, publication)
  const { generation, layout: there, found, known } = state
  const layout = there.isWhole ? there : null
  const { name, target } = publication
  const own = found.filter((one) => tagOf(one.element).name === name && goesTo(publication, one))
  const left = portsOf(publication).map(({ port, to }) => ({ port, address: target, to }))
  const change = { fresh: [], left }
  const asked = { generation, isNew: false, isGuess: false, layout, change }
  if (own.length === 0) return { ...asked, record: null }
  const [other] = state.displaced
  if (other !== undefined) throw displacedError(other)
  const counts = yield* recount(
    channel,
    publication.family,
    own.map((one) => foundTarget(publication, one)),
    [],
    known,
    lostOf(publication, own, known),
  )
  const record = (tx: Transaction) => {
    deletePorts(tx, publication, own)
    putCounts(tx, counts)
  }
  return { ...asked, record }
}
