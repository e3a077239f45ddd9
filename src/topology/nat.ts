/** Masquerading and published ports of a place. */

import { isRecord, show } from '../codec/fault.js'
import { checkLabel, checkNetwork, derivedName } from '../nat/check.js'
import { listNat, type NatEntry } from '../nat/list-nat.js'
import type { Made } from '../nat/made.js'
import { type Masquerade, masquerade } from '../nat/masquerade.js'
import { madeChain } from '../nat/own-chain.js'
import { checkPublication, published } from '../nat/publication.js'
import { madePort, publishPort } from '../nat/publish-port.js'
import { wholeness } from '../nat/whole.js'
import { checkArray, checkKeys } from '../netlink/check.js'
import type { NetnsHandle, Operation } from '../netlink/operation.js'
import type { NatCall } from './call.js'
import { same } from './compare.js'
import { codeOf } from './error.js'
import type { Item } from './network.js'
import { within } from './parse-link.js'
import { withoutNothing } from './record.js'
import type { TopologyMasquerade, TopologyNat, TopologyPort } from './value.js'

/** One entry, under the name by which it is kept. */
export type NatModel =
  | { readonly verb: 'masquerade'; readonly name: string; readonly options: TopologyMasquerade }
  | { readonly verb: 'publishPort'; readonly name: string; readonly options: TopologyPort }

/** The entries of a place. Throws RangeError, TypeError naming the path. */
export function parseNat(nat: TopologyNat | undefined, topology: string, path: string): Item<NatModel>[] {
  if (nat === undefined) return []
  if (!isRecord(nat)) throw new TypeError(`${path}: ${show(nat)} is not an object`)
  checkKeys(path, nat, ['masquerade', 'publish'])
  const { masquerade: sources = [], publish = [] } = nat as TopologyNat
  checkArray(sources, `${path}.masquerade`)
  checkArray(publish, `${path}.publish`)
  return [
    ...Array.from(sources, (options, index): Item<NatModel> => {
      const at = `${path}.masquerade[${index}]`
      const normal = checked(options, at, masquerade, normalMasquerade)
      const name =
        normal.name ?? nameFrom(topology, [normal.source, normal.outgoing ?? []].flat(), at, 'chain')
      return { path: at, value: { verb: 'masquerade', name, options: normal } }
    }),
    ...Array.from(publish, (options, index): Item<NatModel> => {
      const at = `${path}.publish[${index}]`
      const normal = checked(options, at, publishPort, normalPort)
      const { protocol = 'tcp', hostAddress, hostPort } = normal
      const port = [protocol, hostAddress, hostPort].filter((part) => part !== undefined).join('-')
      const name = normal.name ?? nameFrom(topology, [port], at, 'port')
      return { path: at, value: { verb: 'publishPort', name, options: normal } }
    }),
  ]
}

/** One that does not do is made of a name of the topology that does not, or of many interfaces. */
function nameFrom(topology: string, parts: readonly string[], path: string, of: 'chain' | 'port'): string {
  const [first = '', ...rest] = parts
  const name = derivedName([`${topology}-${first}`, ...rest])
  return within(path, () => checkLabel(name, of))
}

/** Options as listNat() tells them. The operation checks all that it is given before its first effect: that is as far as it is run here. */
function checked<T extends object>(
  options: T,
  path: string,
  operation: (options: T) => Operation<unknown>,
  normal: (options: T) => T,
): T {
  if (!isRecord(options)) throw new TypeError(`${path}: ${show(options)} is not an object`)
  for (const key of ['netns', 'signal'])
    if (key in options) throw new TypeError(`${path}: unknown option '${key}'`)
  return within(path, () => {
    operation(options).next()
    return withoutNothing(normal(options))
  })
}

function normalMasquerade(options: TopologyMasquerade): TopologyMasquerade {
  const network = (one: string) => checkNetwork(one, 'except').network
  const { source, except } = options
  return {
    ...options,
    source: checkNetwork(source, 'source').network,
    ...(except === undefined
      ? {}
      : { except: Array.isArray(except) ? except.map(network) : network(except) }),
  }
}

function normalPort(options: TopologyPort): TopologyPort {
  const { hostAddress, hostPort, to } = published(checkPublication(options))
  return { ...options, hostAddress: hostAddress ?? undefined, hostPort, to }
}

function operationOf({ verb, name, options }: NatModel, netns: NetnsHandle | undefined): Operation<unknown> {
  return verb === 'masquerade'
    ? masquerade({ ...options, name, netns })
    : publishPort({ ...options, name, netns })
}

export function* performNat(call: NatCall, netns: NetnsHandle | undefined): Operation<void> {
  if (call.call === 'addNat') {
    yield* operationOf(call.nat, netns)
    return
  }
  yield* unlessNone(madeOf(call.nat, netns).withdraw())
}

/** What a call makes: only that is withdrawn, not what somebody made later under its name. */
function madeOf({ verb, name, options }: NatModel, netns: NetnsHandle | undefined): Made<NatEntry> {
  if (verb === 'publishPort') return madePort({ ...checkPublication(options), name }, netns)
  const { source, outgoing = [], except = [] } = options
  const described: Masquerade = {
    verb,
    name,
    source,
    outgoing: [outgoing].flat(),
    except: [except].flat(),
  }
  return madeChain(described, netns)
}

/** One that is there; without its rules, which somebody flushed, it is not whole, and made again as if it were not there. */
export type FoundNat = NatEntry & { readonly isWhole: boolean }

/** What there is, whole or not; nothing where nobody made any, or the kernel has no packet filter. */
export function* natEntries(netns: NetnsHandle | undefined): Operation<NatEntry[]> {
  return (yield* madeNat(netns)).map(({ value }) => value)
}

/** The same, with whether each is whole, for which the kernel lists its chains and all targets of ports besides. */
export function* readNat(netns: NetnsHandle | undefined): Operation<FoundNat[]> {
  const entries = yield* natEntries(netns)
  if (entries.length === 0) return []
  try {
    const isWhole = yield* wholeness(netns)
    return entries.map((entry) => ({ ...entry, isWhole: isWhole(entry) }))
  } catch (error) {
    // The table was deleted meanwhile.
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Whether what was wanted and found is whole; what is only written does not say. */
export function isWholeNat({ found }: Item<NatModel>): boolean {
  return (found as FoundNat | undefined)?.isWhole ?? true
}

/** What a question is answered where there is none: no NETLINK_NETFILTER, and one that has no nf_tables behind it. */
const NO_FILTER = ['EPROTONOSUPPORT', 'EINVAL']

function* madeNat(netns: NetnsHandle | undefined): Operation<Made<NatEntry>[]> {
  return (yield* unlessNone(listNat({ netns }))) ?? []
}

/** Null where the kernel has no packet filter. */
function* unlessNone<T>(operation: Operation<T>): Operation<T | null> {
  try {
    return yield* operation
  } catch (error) {
    if (NO_FILTER.includes(codeOf(error) ?? '')) return null
    throw error
  }
}

/** What an entry has where its options say nothing; the kernel's routes tell `dev`. */
const UNSAID = {
  masquerade: { outgoing: [], except: [] },
  publishPort: { protocol: 'tcp', hostAddress: null },
} as const

export function natMatches({ verb, name, options }: NatModel, found: NatEntry): boolean {
  if (verb !== found.verb || name !== found.name) return false
  const actual = new Map<string, unknown>(Object.entries(found))
  return Object.entries({ ...UNSAID[verb], ...options }).every(([key, value]) => {
    const one = actual.get(key)
    if (value === null) return one === null
    return same(Array.isArray(one) ? [value].flat() : value, one)
  })
}

/** Whether what is made takes the place of all that is there under its name: other ports would stay beside it. */
export function takesPlace(nat: NatModel, there: NatModel): boolean {
  if (nat.verb !== there.verb || nat.name !== there.name) return false
  if (nat.verb === 'masquerade' || there.verb === 'masquerade') return true
  const [to, from] = [checkPublication(nat.options), checkPublication(there.options)]
  const keys = ['family', 'protocol', 'hostAddress'] as const
  return (
    keys.every((key) => to[key] === from[key]) &&
    to.ports.from <= from.ports.from &&
    from.ports.to <= to.ports.to
  )
}

/** Null for what a topology does not have, or could not have: somebody else may have put any name and target into the table. */
export function natInput(found: NatEntry): NatModel | null {
  const model = modelOf(found)
  return model !== null && isMakeable(model) ? model : null
}

/** Whether the options are those of an entry; nothing is made. */
export function isMakeable(model: NatModel): boolean {
  try {
    operationOf(model, undefined).next()
    return true
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return false
    throw error
  }
}

function modelOf(found: NatEntry): NatModel | null {
  if (found.verb === 'masquerade') {
    const { verb, name, source, outgoing, except } = found
    const options: TopologyMasquerade = {
      source,
      ...(outgoing.length === 0 ? {} : { outgoing: [...outgoing] }),
      ...(except.length === 0 ? {} : { except: [...except] }),
      name,
    }
    return { verb, name, options }
  }
  if (found.verb !== 'publishPort') return null
  const { verb, name, protocol, hostAddress, hostPort, to } = found
  return {
    verb,
    name,
    options: { protocol, ...(hostAddress === null ? {} : { hostAddress }), hostPort, to, name },
  }
}

export function writeNat(all: readonly Item<NatModel>[]): TopologyNat | undefined {
  const items = all.filter(isWholeNat)
  const sources = items.flatMap(({ value }) => (value.verb === 'masquerade' ? [value.options] : []))
  const ports = items.flatMap(({ value }) => (value.verb === 'publishPort' ? [value.options] : []))
  if (items.length === 0) return undefined
  return {
    ...(sources.length === 0 ? {} : { masquerade: sources }),
    ...(ports.length === 0 ? {} : { publish: ports }),
  }
}
