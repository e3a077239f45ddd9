import type { AnyOf } from '../../codec/index.js'
import type { bridgeFlags } from './link-table.js'

/** IFLA_BRIDGE_FLAGS: who is told, the bridge, the device itself or both; undefined where the kernel's default will do. */
export function targetFlags(options: {
  readonly master?: boolean | undefined
  readonly self?: boolean | undefined
}): AnyOf<keyof typeof bridgeFlags.numbers> | undefined {
  const flags = (['master', 'self'] as const).filter((flag) => options[flag] === true)
  return flags.length === 0 ? undefined : flags
}
