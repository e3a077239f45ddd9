/**
 * Selectors that came with recent kernels. An older one passes over an attribute that it does not know, and the rule would be for all packets
 * that the others select.
 */

import { NLM_F_ECHO } from '../../netlink/constants.js'
import { ENOENT, EOPNOTSUPP } from '../../netlink/errno.js'
import { NetlinkError } from '../../netlink/errors.js'
import { type Channel, type Operation, request, requestOne, unabortable } from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import type { RuleInput } from './input.js'
import { deleteRuleRequest, newRuleRequest } from './request.js'
import { type Rule, readRule } from './rule.js'

/** Since which Linux. */
const RECENT = {
  dscp: '6.13',
  dscpMask: '6.15',
  sportMask: '6.15',
  dportMask: '6.15',
  flowlabel: '6.14',
  flowlabelMask: '6.14',
} as const satisfies { [key in keyof RuleInput]?: string }

type RecentKey = keyof typeof RECENT
export const RECENT_KEYS = Object.keys(RECENT) as readonly RecentKey[]

/** Those that an input gives. */
export function recentSelectors(input: RuleInput): RecentKey[] {
  return RECENT_KEYS.filter((key) => input[key] != null)
}

/**
 * Adds a rule that has such selectors: the kernel tells what it made, which goes again where it is not what was asked for. An abort between
 * the two would leave a rule for more packets than were meant.
 */
export function addRecent(
  channel: Channel,
  input: RuleInput,
  flags: number,
  selectors: readonly RecentKey[],
): Operation<void> {
  return unabortable(addAndLook(channel, input, flags, selectors))
}

function* addAndLook(
  channel: Channel,
  input: RuleInput,
  flags: number,
  selectors: readonly RecentKey[],
): Operation<void> {
  const asked = newRuleRequest(input, flags | NLM_F_ECHO)
  const read = (bytes: Uint8Array, start: number, end: number) => readRule(bytes, start, end) ?? undefined
  const made = yield* requestOne(channel, { ...asked, answer: 'replies', read } as Request<Rule>)
  const lost = selectors.find((key) => made[key] === null)
  if (lost === undefined) return
  yield* request(channel, deleteRuleRequest(made))
  const advice = `this kernel has no ${lost} in rules, Linux ${RECENT[lost]} has`
  const { message, subject } = asked
  throw new NetlinkError({ operation: message.name, errno: EOPNOTSUPP, subject, advice })
}

/** That no listed rule is the one that is to be deleted. */
export function absentRule(input: RuleInput): NetlinkError {
  const { message, subject } = deleteRuleRequest(input)
  const [recent] = recentSelectors(input)
  const advice = `there is no such rule${recent === undefined ? '' : `; those with ${recent} need Linux ${RECENT[recent]}`}`
  return new NetlinkError({ operation: message.name, errno: ENOENT, subject, advice })
}
