/**
 * Names of which a part is left open: 'veth%d'. The number is chosen here: which one the kernel makes of such a name it tells only since
 * Linux 6.2, not for every kind, and to nobody in another namespace than that of the link.
 */

import { DumpInterruptedError } from '../../netlink/errors.js'
import { type Channel, exchange, type Operation } from '../../netlink/operation.js'
import { checkIfname } from '../input.js'
import type { Link } from './link.js'
import { listLinksRequest } from './list.js'
import { isNameTaken } from './request.js'

/** How a name that is taken is refused, by rtnetlink and by /dev/net/tun; it is not the only reason for either. */
const TAKEN: readonly unknown[] = ['EEXIST', 'EBUSY']

/** Names that calls under way have chosen: those at once by one channel differ at the first try, all others at the second. */
const chosen = new Map<Channel, Set<string>>()

/** What a name has to be free of. */
export interface Free {
  /** Which it is among the options. */
  readonly field: string
  /** In these namespaces. */
  readonly channels: readonly Channel[]
  /** The name of the other end of a pair, and whether it is known to be in the same namespace. */
  readonly other?: { readonly name: string; readonly isHere: boolean }
}

/** Settings with the name that was chosen; the same where there was no choice. */
export function withName<T extends { readonly name: string }>(settings: T, name: string): T {
  return name === settings.name ? settings : { ...settings, name }
}

/**
 * Runs `create` with a name, in which '%d' has become the first number with which it is not taken. Where another program gets that name
 * at the same moment it is the next one's turn.
 */
export function withFreeName<T>(
  name: string,
  free: Free,
  create: (name: string) => Operation<T>,
): Operation<T> {
  // Itself, and not a generator around it: that is the way of nearly all links.
  return name.includes('%') ? withNumber(name, free, create) : create(name)
}

function* withNumber<T>(
  pattern: string,
  { field, channels, other }: Free,
  create: (name: string) => Operation<T>,
): Operation<T> {
  const taken = new Set(other?.isHere ? [other.name] : [])
  for (const channel of channels) yield* addNames(channel, taken)
  for (let number = 0; ; number++) {
    const name = checkIfname(pattern.replace('%d', String(number)), `${field} ('${pattern}')`)
    if (taken.has(name) || channels.some((channel) => chosen.get(channel)?.has(name))) continue
    for (const channel of channels) choose(channel, name)
    try {
      return yield* create(name)
    } catch (error) {
      if (!TAKEN.includes((error as { code?: unknown }).code)) throw error
      if (name !== other?.name && !(yield* isTakenIn(channels, name))) throw error
      // Perhaps by a call with a channel of its own in the same namespace; which of the others are there nobody knows, but if each of two
      // hundred calls went from number to number, it took minutes.
      for (const names of chosen.values()) for (const one of names) taken.add(one)
    } finally {
      for (const channel of channels) letGo(channel, name)
    }
  }
}

function choose(channel: Channel, name: string): void {
  const names = chosen.get(channel)
  if (names === undefined) chosen.set(channel, new Set([name]))
  else names.add(name)
}

function letGo(channel: Channel, name: string): void {
  const names = chosen.get(channel)
  names?.delete(name)
  if (names?.size === 0) chosen.delete(channel)
}

/** All names at once, as __dev_alloc_name() of the kernel looks at them; SIOCGIFINDEX would try to load a module for each that is free. */
function* addNames(channel: Channel, names: Set<string>): Operation<void> {
  const [listed] = yield* exchange(channel, [listLinksRequest({}, undefined)])
  const { error, values } = listed!
  // What has come meanwhile is refused as taken.
  if (error !== null && !(error instanceof DumpInterruptedError)) throw error
  for (const { name, altNames } of values as Link[]) for (const one of [name, ...altNames]) names.add(one)
}

function* isTakenIn(channels: readonly Channel[], name: string): Operation<boolean> {
  for (const channel of channels) if (yield* isNameTaken(channel, name)) return true
  return false
}
