/** The port that devlink(8) has for an interface: IFLA_DEVLINK_PORT. */

import type { Infer } from '../../codec/index.js'
import type { devlinkPortAttributes } from './table.js'

/** A port of devlink, which that writes busName/devName/index: 'pci/0000:01:00.0/1'. linux/devlink.h. */
export interface DevlinkPort {
  readonly busName: string
  readonly devName: string
  readonly index: number
}

/** Where the kernel cannot say of which device a port is, the attribute is there and empty. */
export function devlinkPortOf(port: Infer<typeof devlinkPortAttributes> | null): DevlinkPort | null {
  const { busName, devName, portIndex } = port ?? {}
  return busName === undefined || devName === undefined || portIndex === undefined
    ? null
    : { busName, devName, index: portIndex }
}
