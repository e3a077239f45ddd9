/** Calls become operations of the library. */

import { EBUSY } from '../netlink/errno.js'
import { NetlinkError } from '../netlink/errors.js'
import { namedPath } from '../netlink/netns-name.js'
import {
  type Effect,
  NETNS,
  type NetnsHandle,
  type OpenNetns,
  type Operation,
  Single,
  unabortable,
} from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { createNetns } from '../netns/create.js'
import { deleteNetns } from '../netns/delete.js'
import { addAddress, deleteAddress, replaceAddress } from '../rtnetlink/address/change.js'
import { type CreateLinkOptions, createLink } from '../rtnetlink/link/create.js'
import { deleteLink } from '../rtnetlink/link/delete.js'
import { getIdentityRequest } from '../rtnetlink/link/request.js'
import { setLink } from '../rtnetlink/link/set.js'
import type { SetLinkOptions } from '../rtnetlink/link/set-options.js'
import type { LinkEnd } from '../rtnetlink/link/settings.js'
import { createVethPairAsking } from '../rtnetlink/link/veth.js'
import { addNeighbour, deleteNeighbour, replaceNeighbour } from '../rtnetlink/neighbour/change.js'
import { listNeighbours } from '../rtnetlink/neighbour/list.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import { addRoute, deleteRoute } from '../rtnetlink/route/operations.js'
import type { RuleInput } from '../rtnetlink/rule/input.js'
import { addRule, deleteRule, listRules } from '../rtnetlink/rule/operations.js'
import { describeRule } from '../rtnetlink/rule/request.js'
import { type Call, type CallLink, namespacesOf } from './call.js'
import { codeOf } from './error.js'
import { setWithOthers } from './fan-out.js'
import { performNat } from './nat.js'
import { HOST, OWN_NETNS } from './network.js'
import { untilProbed } from './probed.js'
import { isMadeNeighbour, isMadeRule, isTakenFor, ruleIs } from './project-entries.js'

/** The namespaces that calls act in, each open from the first call that needs it to the last: a thousand do not fit at once. */
export class Places {
  readonly #open = new Map<string, OpenNetns>()
  readonly #last = new Map<string, number>()

  constructor(calls: readonly Call[]) {
    for (const [index, call] of calls.entries())
      for (const netns of namespacesOf(call)) this.#last.set(netns, index)
  }

  /** A namespace that has been made; returns what tells it from another one of its name. */
  *add(netns: string, open: OpenNetns): Operation<string> {
    this.#open.set(netns, open)
    return yield* unabortable(primitive('stamp', namedPath(netns)))
  }

  *find(netns: string): Operation<NetnsHandle | undefined> {
    if (netns === HOST) return undefined
    let open = this.#open.get(netns)
    if (open === undefined) {
      open = yield* primitive('openNetns', netns)
      this.#open.set(netns, open)
    }
    return { [NETNS]: open }
  }

  /** Null where there is none of this name: no file, or one on which none is mounted. */
  *findIfThere(netns: string): Operation<NetnsHandle | undefined | null> {
    try {
      return yield* this.find(netns)
    } catch (error) {
      if (['ENOENT', 'EINVAL', 'EACCES'].includes(codeOf(error) ?? '')) return null
      throw error
    }
  }

  /** The call of this index has been made. */
  done(index: number, call: Call): void {
    for (const netns of namespacesOf(call)) if (this.#last.get(netns) === index) this.close(netns)
  }

  close(netns: string): void {
    this.#open.get(netns)?.close()
    this.#open.delete(netns)
  }

  closeAll(): void {
    for (const netns of [...this.#open.keys()]) this.close(netns)
  }
}

/** Makes a call. What comes back tells what it made from something of the same name that is made later; null for an entry. */
export function* perform(call: Call, places: Places): Operation<string | null> {
  switch (call.call) {
    case 'createNetns':
      return yield* places.add(call.netns, yield* createNetns(call.netns, { loopback: call.loopback }))
    case 'deleteNetns':
      places.close(call.netns)
      yield* deleteNetns(call.netns)
      return null
    case 'setSysctl': {
      yield* setWithOthers(call, yield* places.find(call.netns))
      return null
    }
    case 'createVethPair': {
      const near = yield* endOf(call.near, places)
      const [link] = yield* createVethPairAsking(getIdentityRequest, near, yield* endOf(call.far, places))
      return String(link.ifindex)
    }
    case 'createLink': {
      const { link, kind, below } = call
      const elsewhere = below !== null && below.netns !== link.netns
      const options = {
        ...(yield* endOf(link, places)),
        kind,
        ...(below === null ? {} : { link: below.name }),
        ...(elsewhere ? { linkNetns: (yield* places.find(below.netns)) ?? OWN_NETNS } : {}),
        // They have been checked for this kind, which the compiler does not know.
      } as unknown as CreateLinkOptions
      return String((yield* createLink(options)).ifindex)
    }
    case 'setLink': {
      const { dev, netns, options } = call
      yield* setLink(dev, { ...(options as SetLinkOptions), netns: yield* places.find(netns) })
      return null
    }
    case 'deleteLink':
      yield* deleteLink(call.dev, { netns: yield* places.find(call.netns) })
      return null
    case 'addAddress':
    case 'replaceAddress':
    case 'deleteAddress':
      yield* ADDRESS[call.call](call.dev, call.address, { netns: yield* places.find(call.netns) })
      return null
    case 'addRoute':
    case 'deleteRoute': {
      const netns = yield* places.find(call.netns)
      const options = { ...call.route, netns }
      if (call.call === 'addRoute') yield* untilProbed(call.route.src, netns)
      yield* call.call === 'addRoute' ? addRoute(options) : deleteRoute(options)
      return null
    }
    case 'addRule':
      yield* addRule({ ...call.rule, netns: yield* places.find(call.netns) })
      return null
    case 'deleteRule':
      yield* takeRule(call.rule, yield* places.find(call.netns))
      return null
    case 'addNat':
    case 'deleteNat':
      yield* performNat(call, yield* places.find(call.netns))
      return null
    case 'addNeighbour':
    case 'deleteNeighbour': {
      const netns = yield* places.find(call.netns)
      const { to, dev, proxy } = call.neighbour
      yield* call.call === 'addNeighbour'
        ? putNeighbour(call.neighbour, netns)
        : deleteNeighbour({ to, dev, proxy, netns })
      return null
    }
  }
}

/** The kernel takes the first that has all that is said, whatever it has besides: the own one is deleted if that is it, and nobody else's. */
function* takeRule(rule: RuleInput, netns: NetnsHandle | undefined): Operation<void> {
  const all = yield* listRules({ netns })
  // Of those that the kernel gave a priority, the last that was added comes first.
  const own = all.find((one) => isMadeRule(one) && ruleIs(rule, one))
  if (own === undefined) return
  const { priority } = own
  const first = all.find((one) => one.priority === priority && isTakenFor(rule, one))!
  if (!ruleIs(rule, first))
    throw new NetlinkError({
      operation: 'RTM_DELRULE',
      errno: EBUSY,
      subject: describeRule(rule),
      advice: `the kernel would delete another one of priority ${priority} that comes first, of protocol '${first.protocol}'`,
    })
  yield* deleteRule({ ...rule, priority, netns })
}

const ADDRESS = { addAddress, replaceAddress, deleteAddress } as const

/** Takes the place of what the kernel has learned, but of nobody's entry. */
function* putNeighbour(neighbour: NeighbourInput, netns: NetnsHandle | undefined): Operation<void> {
  try {
    yield* addNeighbour({ ...neighbour, netns })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    const { to, dev } = neighbour
    const all = yield* listNeighbours({ ...(dev == null ? {} : { dev }), netns })
    const found = all.find((one) => one.to === to)
    if (found === undefined || isMadeNeighbour(found)) throw error
    yield* replaceNeighbour({ ...neighbour, netns })
  }
}

function* endOf(
  { netns, name, options, master, addresses, routes }: CallLink,
  places: Places,
): Operation<LinkEnd> {
  const handle = yield* places.find(netns)
  return { name, ...options, netns: handle, master: master ?? undefined, addresses, routes }
}

/**
 * The same operation, whose requests are not left unanswered by an abort: when it ends, it is known what the kernel did. An abort is
 * noticed before its next effect.
 */
export function* steady<T>(operation: Operation<T>): Operation<T> {
  let step = operation.next()
  while (!step.done) {
    const effect = step.value
    let answer: unknown
    try {
      answer = yield unabandoned(effect)
    } catch (error) {
      step = operation.throw(error)
      continue
    }
    step = operation.next(answer)
  }
  return step.value
}

function unabandoned(effect: Effect): Effect {
  // Written out, as most effects are exchanges: a copy by spreading costs more. `items` is missed by none, as nothing of a topology is a stream.
  if (effect.kind === 'exchange')
    return { kind: 'exchange', channel: effect.channel, requests: effect.requests, abortable: false }
  return effect.kind === 'single' ? new Single(effect.netns, effect.build, false) : effect
}
