/** Kernel parameters that a value says no more get back what they were before the topology set them. */

import type { Operation } from '../netlink/operation.js'
import type { Step } from './call.js'
import { codeOf } from './error.js'
import { copyOf, isCopied } from './fan-out.js'
import { join, type Network } from './network.js'
import { Places } from './perform.js'
import { restoring } from './put-back.js'
import type { SetSysctl, Setting, Whose } from './setting.js'
import type { Undo } from './take-back.js'
import { isSaid, merged } from './undos.js'

/** The steps for those of a record, as far as somebody has not set them since. */
export function* parametersLeftOut(undos: readonly Undo[], wanted: Network, whose: Whose): Operation<Step[]> {
  const settings = merged(undos).filter(
    (undo): undo is Setting =>
      undo.call.call === 'setSysctl' && wanted.places.has(undo.call.netns) && !isSaid(wanted, undo.call),
  )
  const places = new Places(settings.map(({ call }) => call))
  const steps: Step[] = []
  try {
    for (const [index, setting] of settings.entries()) {
      const call = yield* restoringThere(setting, places, whose)
      places.done(index, setting.call)
      if (call === null) continue
      const path = join(wanted.places.get(call.netns)!.path, `sysctls.${call.key}`)
      steps.push({ path, call, undo: call })
    }
  } finally {
    places.closeAll()
  }
  return steps
}

/** Null also in a namespace that has gone. */
function* restoringThere(setting: Setting, places: Places, whose: Whose): Operation<SetSysctl | null> {
  try {
    const call = yield* restoring(setting, yield* places.find(setting.call.netns), whose)
    return call === null ? null : withoutCopies(call)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** What the kernel writes with the parameter, nobody would type. */
function withoutCopies({ also = {}, ...call }: SetSysctl): SetSysctl {
  const others = Object.entries(also).filter(
    ([key, value]) => !isCopied(call.key, key) || value !== copyOf(call.value, key),
  )
  return { ...call, also: Object.fromEntries(others) }
}
