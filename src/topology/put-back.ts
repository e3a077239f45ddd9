/** Kernel parameters get back what they were. */

import type { NetnsHandle, Operation } from '../netlink/operation.js'
import { getSysctl, setSysctl, words } from '../netns/sysctl.js'
import { copyOf, ifThere, parameterOf } from './fan-out.js'
import { HOST } from './network.js'
import { findElsewhere, type Setting, type Whose, writtenBy } from './setting.js'

/**
 * Puts a parameter back, and the others that were written with it; those of interfaces that have gone are none any more. One that is not
 * what was written, somebody has set since: it stays what it is. One that another topology has set, too, gets what that one wrote.
 */
export function* putBack(setting: Setting, netns: NetnsHandle | undefined, whose: Whose): Operation<void> {
  const { key, value, also = {} } = setting.call
  const written = writtenBy(setting)
  const now = yield* ifThere(getSysctl(key, { netns }))
  if (now === undefined || (written !== null && words(now) !== words(written))) return
  const wanted = yield* wantedElsewhere(setting, whose)
  const own = wanted.get(parameterOf(key))
  if (own !== undefined && words(own) === words(now)) return
  const others: Record<string, string> = {}
  for (const [other, before] of Object.entries(also)) {
    const is = yield* ifThere(getSysctl(other, { netns }))
    if (is === undefined) continue
    const after = own === undefined ? before : copyOf(words(own), other)
    others[other] = wanted.get(parameterOf(other)) ?? (words(is) === copyOf(words(now), other) ? after : is)
  }
  yield* setSysctl(key, own ?? value, { netns })
  for (const [other, before] of Object.entries(others)) {
    const is = yield* ifThere(getSysctl(other, { netns }))
    if (is !== undefined && words(is) !== words(before)) yield* ifThere(setSysctl(other, before, { netns }))
  }
  // One that set it meanwhile had written that down before.
  const late = (yield* wantedElsewhere(setting, whose)).get(parameterOf(key))
  if (late !== undefined && words(late) !== words(own ?? value)) yield* setSysctl(key, late, { netns })
}

/** By the name of the parameter, what other topologies have set it to; nobody else's is in a namespace of a topology. */
function* wantedElsewhere({ call }: Setting, whose: Whose): Operation<ReadonlyMap<string, string>> {
  const wanted = new Map<string, string>()
  if (call.netns !== HOST) return wanted
  yield* findElsewhere(whose, (one): undefined => {
    const text = writtenBy(one)
    if (text !== null) wanted.set(parameterOf(one.call.key), text)
  })
  return wanted
}
