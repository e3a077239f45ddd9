/** Kernel parameters get back what they were. */

import type { NetnsHandle, Operation } from '../netlink/operation.js'
import { getSysctl, setSysctl, words } from '../netns/sysctl.js'
import { copyOf, ifThere, parameterOf, setWithOthers } from './fan-out.js'
import { type SetSysctl, type Setting, type Whose, wantedElsewhere, writtenBy } from './setting.js'

/**
 * What puts a parameter back, and the others that were written with it; those of interfaces that have gone are none any more. One that is not
 * what was written, somebody has set since: null, it stays what it is, as one does that is right. One that another topology wants, too, gets
 * what that one wrote.
 */
export function* restoring(
  setting: Setting,
  netns: NetnsHandle | undefined,
  whose: Whose,
): Operation<(SetSysctl & { readonly written: string }) | null> {
  const { call, netns: name, key } = setting.call
  const now = yield* ifThere(getSysctl(key, { netns }))
  if (now === undefined || !isOwn(setting, now)) return null
  const wanted = yield* wantedElsewhere(setting, whose)
  const own = wanted.get(parameterOf(key))
  if (own !== undefined && words(own) === words(now)) return null
  const value = own ?? setting.call.value
  const also: Record<string, string> = {}
  let isRight = words(value) === words(now)
  for (const [other, before] of Object.entries(setting.call.also ?? {})) {
    const is = yield* ifThere(getSysctl(other, { netns }))
    if (is === undefined) continue
    const after = own === undefined ? before : copyOf(words(own), other)
    also[other] = wanted.get(parameterOf(other)) ?? (words(is) === copyOf(words(now), other) ? after : is)
    isRight &&= words(also[other]!) === words(is)
  }
  return isRight ? null : { call, netns: name, key, value, also, written: now }
}

/** Whether a parameter is what the topology has set it to, or was about to. */
function isOwn(setting: Setting, now: string): boolean {
  const written = writtenBy(setting)
  return (
    written === null ||
    [written, setting.before].some((text) => text !== undefined && words(text) === words(now))
  )
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
