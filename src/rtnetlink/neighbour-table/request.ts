/** What callers change in a neighbour table, the checks on it, and the requests that operations are made of. */

import { show } from '../../codec/fault.js'
import type { Infer } from '../../codec/index.js'
import { checkInteger } from '../../netlink/check.js'
import { NLM_F_REPLACE } from '../../netlink/constants.js'
import type { Request } from '../../netlink/request.js'
import type { NameOf } from '../devnames.js'
import { checkDev } from '../input.js'
import { type Dev, describeDev } from '../link/request.js'
import { type NeighbourParameters, type NeighbourTable, readNeighbourTable } from './neighbour-table.js'
import {
  getNeighbourTableMessage,
  type neighbourTableAttributes,
  type parameterAttributes,
  setNeighbourTableMessage,
} from './table.js'

/**
 * What is to change; the rest stays. Null is the same as leaving out, so that listed `parameters` fit. Times are milliseconds.
 */
export interface NeighbourTableChanges
  extends Partial<Record<keyof NeighbourParameters, number | null | undefined>> {
  /** The interface. Without it the table's own parameters change, which only the first namespace has. */
  dev?: Dev | null | undefined
  /** So many entries are never collected. Not with `dev`. Like `thresh2`, `thresh3` and `gcInterval` only in the first namespace, for all. */
  thresh1?: number | null | undefined
  thresh2?: number | null | undefined
  thresh3?: number | null | undefined
  gcInterval?: number | null | undefined
  /** What the kernel reports: not sent. */
  reachableTime?: number | null | undefined
  references?: number | null | undefined
}

const TABLE_NUMBERS = ['thresh1', 'thresh2', 'thresh3', 'gcInterval'] as const

type Parameter = Exclude<keyof Infer<typeof parameterAttributes>, 'unknown'>
/** In the order of iproute2, and what it lacks. */
const PARAMETERS: Readonly<
  Record<Exclude<keyof NeighbourParameters, 'reachableTime' | 'references'>, Parameter>
> = {
  baseReachableTime: 'baseReachableTime',
  retransTime: 'retransTime',
  gcStaletime: 'gcStaletime',
  delayProbeTime: 'delayProbeTime',
  queueLen: 'queueLen',
  appProbes: 'appProbes',
  ucastProbes: 'ucastProbes',
  mcastProbes: 'mcastProbes',
  anycastDelay: 'anycastDelay',
  proxyDelay: 'proxyDelay',
  proxyQlen: 'proxyQlen',
  locktime: 'locktime',
  queueLenbytes: 'queueLenbytes',
  mcastReprobes: 'mcastReprobes',
  intervalProbeTime: 'intervalProbeTimeMs',
}
const NAMES = Object.keys(PARAMETERS) as (keyof typeof PARAMETERS)[]

export const CHANGE_KEYS: readonly (keyof NeighbourTableChanges)[] = [
  'dev',
  ...TABLE_NUMBERS,
  ...NAMES,
  'reachableTime',
  'references',
]

/** The kernel keeps each in an int, also times (msecs_to_jiffies()). */
const MAX_INT = 0x7fffffff

/** Throws RangeError or TypeError naming the field. */
export function checkChanges(table: unknown, changes: NeighbourTableChanges): void {
  if (typeof table !== 'string' || table === '')
    throw new TypeError(`table: ${show(table)} is not the name of a table ('arp_cache', 'ndisc_cache')`)
  if (changes.dev != null) checkDev(changes.dev, 'dev')
  const given = [...TABLE_NUMBERS, ...NAMES].filter((name) => changes[name] != null)
  if (given.length === 0)
    throw new TypeError(`setNeighbourTable: nothing to change (known: ${CHANGE_KEYS.join(', ')})`)
  for (const name of given) checkInteger(changes[name], name, 0, MAX_INT)
  // Outside the first namespace the kernel would refuse it with the parameters changed (neightbl_set() of net/core/neighbour.c).
  const [whole] = TABLE_NUMBERS.filter((name) => changes[name] != null)
  if (whole !== undefined && changes.dev != null)
    throw new TypeError(
      `${whole}: not with dev, it is that of all interfaces: it changes in a call of its own`,
    )
}

/** RTM_GETNEIGHTBL with NLM_F_DUMP. The kernel filters by family only (neightbl_valid_dump_info() of net/core/neighbour.c). */
export function listNeighbourTablesRequest(family: number, nameOf: NameOf): Request<NeighbourTable> {
  return {
    message: getNeighbourTableMessage,
    body: { header: { family }, attributes: {} },
    flags: 0,
    answer: 'dump',
    read: (bytes, start, end) => readNeighbourTable(bytes, start, end, nameOf) ?? undefined,
  }
}

/** RTM_SETNEIGHTBL; ifindex 0 is the table itself. The changes have been checked. */
export function setNeighbourTableRequest(
  name: string,
  ifindex: number,
  changes: NeighbourTableChanges,
): Request {
  const attributes: Infer<typeof neighbourTableAttributes> = { name }
  for (const key of TABLE_NUMBERS) if (changes[key] != null) attributes[key] = changes[key]
  const parms: Infer<typeof parameterAttributes> = ifindex === 0 ? {} : { ifindex }
  for (const key of NAMES) if (changes[key] != null) parms[PARAMETERS[key]] = changes[key]
  if (NAMES.some((key) => changes[key] != null)) attributes.parms = parms
  const { dev } = changes
  return {
    message: setNeighbourTableMessage,
    body: { header: {}, attributes },
    flags: NLM_F_REPLACE,
    answer: 'ack',
    subject: `neighbour table '${name}'${dev == null ? '' : ` on ${describeDev(dev)}`}`,
    advise: { ENOENT: adviseAbsent(dev) },
  }
}

function adviseAbsent(dev: Dev | null | undefined): string {
  return dev == null
    ? 'there is no such table, or this is not the first namespace, which alone has parameters without an interface'
    : 'there is no such table, or the interface has no parameters in it'
}
