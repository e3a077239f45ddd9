/** From the request that makes a link to the link as callers get it: reading it back, what it gets besides, and undoing. */

import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js'
import { ENODEV } from '../../netlink/errno.js'
import { NetlinkError } from '../../netlink/errors.js'
import { type Channel, checkpoint, exchange, type Operation, unabortable } from '../../netlink/operation.js'
import { type Request, refined } from '../../netlink/request.js'
import { checkAddressInput } from '../address/options.js'
import { newAddressRequest } from '../address/request.js'
import { newRouteRequest } from '../route/request.js'
import { adviseGenMode, adviseMaster } from './advice.js'
import type { LinkIdentity } from './identity.js'
import { afSpecOf, flagsHeader } from './options.js'
import { type AskLink, deleteLinkRequest, type LinkBody, newLinkRequest, resolveDev } from './request.js'
import { isRaisedLater, type LinkSettings } from './settings.js'

/**
 * Makes a link and reads back what `ask` asks, in one go where it is made and lives in the same namespace (`creator` and `home`). What was
 * made and cannot be read is removed again.
 */
export function* createAndRead<T>(
  creator: Channel,
  create: Request,
  home: Channel,
  name: string,
  ask: AskLink<T>,
): Operation<T> {
  const together = creator === home
  const outcomes = yield* exchange(creator, together ? [create, ask(name)] : [create])
  if (outcomes[0]!.error !== null) throw outcomes[0]!.error
  try {
    const read = together ? outcomes[1]! : (yield* exchange(home, [ask(name)]))[0]!
    if (read.error !== null) throw read.error
    return read.values[0] as T
  } catch (error) {
    const ifindex = home.ifindex(name)
    if (ifindex > 0) yield* unabortable(removeAgain(home, { ifindex, name }, error))
    throw error
  }
}

/** What an interface gets besides, after it was made. */
export interface Extras {
  readonly settings: LinkSettings
  readonly ifindex: number
  /** Still to be brought up and made a port: a pair's far end, which cannot be made so. */
  readonly raise: boolean
}

/** Whether something is left to do once the link is there. */
export function needsExtras(settings: LinkSettings): boolean {
  const { addresses = [], routes = [] } = settings
  return addresses.length > 0 || routes.length > 0 || isRaisedLater(settings)
}

/** Sends state, addresses, routes and the reading back in one go; throws the first thing that went wrong. */
export function* applyExtras<T>(
  channel: Channel,
  { settings, ifindex, raise }: Extras,
  ask: AskLink<T>,
): Operation<T> {
  const { name, addresses = [], routes = [] } = settings
  const subject = `interface '${name}'`
  const requests: Request[] = []
  const afSpec = afSpecOf(settings)
  const master =
    raise && settings.master !== undefined ? yield* resolveDev(channel, settings.master, 'master') : undefined
  const change = (header: LinkBody['header'], attributes: LinkBody['attributes']) => {
    const changing = newLinkRequest(subject, 0, { header: { index: ifindex, ...header }, attributes })
    requests.push(
      refined(changing, {
        advise: (code, extack) =>
          adviseMaster(code, extack, settings.master, channel) ?? adviseGenMode(code, extack, settings, name),
      }),
    )
  }
  // Before the addresses: those of IPv6 have their routes in the table of the VRF that the interface is in when they come.
  if (afSpec !== undefined || master !== undefined) change({}, { afSpec, master })
  const header = raise || isRaisedLater(settings) ? flagsHeader(settings) : {}
  if (header.change !== undefined) change(header, {})
  const before = requests.length
  // Now that it is up: with `nodad`, an IPv6 address has a route to its peer at once or never (addrconf_dad_begin(), fixup_permanent_addr()).
  for (const [index, address] of addresses.entries()) {
    const checked = checkAddressInput(address, `addresses[${index}]`)
    requests.push(newAddressRequest(ifindex, name, checked, NLM_F_CREATE | NLM_F_EXCL))
  }
  for (const route of routes)
    requests.push(yield* newRouteRequest(channel, route, NLM_F_CREATE | NLM_F_EXCL, ifindex))
  requests.push(ask(ifindex))
  const outcomes = yield* exchange(channel, requests)
  const failed = outcomes.findIndex(({ error }) => error !== null)
  if (failed >= 0) throw about([...addresses, ...routes][failed - before], outcomes[failed]!.error!)
  return outcomes.at(-1)!.values[0] as T
}

const entries = new WeakMap<Error, unknown>()

function about(entry: unknown, error: Error): Error {
  if (entry !== undefined) entries.set(error, entry)
  return error
}

/** The address or route, as it was given, because of which a link was not made; undefined where it was another reason. */
export function entryOf(error: unknown): unknown {
  return entries.get(error as Error)
}

/** Runs `rest` on a link that was just made; if it fails, the link is removed again. */
export function* orUndo<T>(
  channel: Channel,
  link: Pick<LinkIdentity, 'ifindex' | 'name'>,
  rest: Operation<T>,
): Operation<T> {
  try {
    const result = yield* rest
    yield* checkpoint()
    return result
  } catch (error) {
    yield* unabortable(removeAgain(channel, link, error))
    throw error
  }
}

/** The error that the caller needs is the first one, which says it where the link stays. Already gone is as good as removed. */
function* removeAgain(
  channel: Channel,
  { ifindex, name }: Pick<LinkIdentity, 'ifindex' | 'name'>,
  first: unknown,
): Operation<void> {
  const [outcome] = yield* exchange(channel, [deleteLinkRequest(ifindex, `interface '${name}'`)])
  const { error } = outcome!
  if (error === null || (error instanceof NetlinkError && error.errno === ENODEV)) return
  if (first instanceof Error)
    first.message += `; interface '${name}' could not be deleted again: ${error.message}`
}
