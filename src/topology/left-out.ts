/** Kernel parameters that a value says no more get back what they were before the topology set them. */

import type { Operation } from '../netlink/operation.js'
import type { Step } from './call.js'
import { copyOf, isCopied } from './fan-out.js'
import { Foreign } from './foreign.js'
import { join, type Network } from './network.js'
import { Places } from './perform.js'
import { restoring } from './put-back.js'
import type { SetSysctl, Whose } from './setting.js'
import type { Undo } from './take-back.js'
import { isSetting, merged, saidIn } from './undos.js'

/**
 * The steps for those of a record, as far as somebody has not set them since: the last that was set comes first, as it may have been written
 * with one before.
 */
export function* parametersLeftOut(
  call: string,
  undos: readonly Undo[],
  wanted: Network,
  whose: Whose,
): Operation<Step[]> {
  const all = merged(undos).filter(isSetting)
  if (all.length === 0) return []
  const isSaid = saidIn(wanted)
  const settings = all.filter(({ call }) => wanted.places.has(call.netns) && !isSaid(call)).reverse()
  if (settings.length === 0) return []
  const foreign = yield* Foreign.of(call, undos)
  const places = new Places(settings.map((one) => one.call))
  const steps: Step[] = []
  try {
    for (const [index, setting] of settings.entries()) {
      const netns = yield* places.findIfThere(setting.call.netns)
      const change =
        netns === null || foreign.isAt(setting.call) ? null : yield* restoring(setting, netns, whose)
      places.done(index, setting.call)
      if (change !== null) steps.push(stepOf(wanted, withoutCopies(change)))
    }
  } finally {
    places.closeAll()
  }
  return steps
}

function stepOf({ places }: Network, call: SetSysctl & { readonly written: string }): Step {
  const { netns, key, written } = call
  const path = join(places.get(netns)!.path, `sysctls.${key}`)
  return { path, call, undo: { call: 'setSysctl', netns, key, value: written } }
}

/** What the kernel writes with the parameter, nobody would type. */
function withoutCopies<T extends SetSysctl>({
  also = {},
  ...call
}: T): Omit<T, 'also'> & Pick<SetSysctl, 'also'> {
  const others = Object.entries(also).filter(
    ([key, value]) => !isCopied(call.key, key) || value !== copyOf(call.value, key),
  )
  return { ...call, also: Object.fromEntries(others) }
}
