/** Kernel parameters get back what they were. */

import type { NetnsHandle, Operation } from '../netlink/operation.js'
import { getSysctl, setSysctl, words } from '../netns/sysctl.js'
import { copyOf, ifThere, parameterOf, setWithOthers } from './fan-out.js'
import { HOST } from './network.js'
import { findElsewhere, type SetSysctl, type Setting, type Whose, writtenBy } from './setting.js'

/**
 * What puts a parameter back, and the others that were written with it; those of interfaces that have gone are none any more. One that is not
 * what was written, somebody has set since: null, it stays what it is. One that another topology has set, too, gets what that one wrote.
 */
export function* restoring(
  setting: Setting,
  netns: NetnsHandle | undefined,
  whose: Whose,
): Operation<SetSysctl | null> {
  const { call } = setting
  const written = writtenBy(setting)
  const now = yield* ifThere(getSysctl(call.key, { netns }))
  if (now === undefined || (written !== null && words(now) !== words(written))) return null
  const wanted = yield* wantedElsewhere(setting, whose)
  const own = wanted.get(parameterOf(call.key))
  if (own !== undefined && words(own) === words(now)) return null
  const also: Record<string, string> = {}
  for (const [other, before] of Object.entries(call.also ?? {})) {
    const is = yield* ifThere(getSysctl(other, { netns }))
    if (is === undefined) continue
    const after = own === undefined ? before : copyOf(words(own), other)
    also[other] = wanted.get(parameterOf(other)) ?? (words(is) === copyOf(words(now), other) ? after : is)
  }
  return { call: 'setSysctl', netns: call.netns, key: call.key, value: own ?? call.value, also }
}

/** Puts a parameter back, as far as that is to be done. */
export function* putBack(setting: Setting, netns: NetnsHandle | undefined, whose: Whose): Operation<void> {
  const change = yield* restoring(setting, netns, whose)
  if (change === null) return
  const { key, value } = change
  yield* setWithOthers(change, netns)
  // One that set it meanwhile had written that down before.
  const late = (yield* wantedElsewhere(setting, whose)).get(parameterOf(key))
  if (late !== undefined && words(late) !== words(value)) yield* setSysctl(key, late, { netns })
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
