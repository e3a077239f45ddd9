import type { AnyOf } from '../../codec/index.js'
import { checkBoolean } from '../../netlink/check.js'
import type { bridgeFlags } from './link-table.js'

/** Which of the two is told of a port. Throws TypeError for both: where the device refuses, the bridge would have done its part (rtnl_bridge_setlink()). */
export function checkTarget(options: {
  readonly master?: boolean | undefined
  readonly self?: boolean | undefined
}): void {
  for (const key of ['master', 'self'] as const)
    if (options[key] !== undefined) checkBoolean(options[key], key)
  if (options.master && options.self)
    throw new TypeError('self: not with master; the bridge and the device are told in a call each')
}

/** IFLA_BRIDGE_FLAGS: who is told, the bridge or the device itself; undefined where the kernel's default will do. */
export function targetFlags(options: {
  readonly master?: boolean | undefined
  readonly self?: boolean | undefined
}): AnyOf<keyof typeof bridgeFlags.numbers> | undefined {
  const flags = (['master', 'self'] as const).filter((flag) => options[flag] === true)
  return flags.length === 0 ? undefined : flags
}
