/** linux/if_link.h, enum IFLA_RMNET_*: channels of Qualcomm's modems; docs in Documentation/networking/device_drivers/cellular/qualcomm/rmnet.rst. */

import { attributes, names, u16 } from '../../../codec/index.js'
import { switches } from '../types.js'
import { kind } from './kind.js'

/** RMNET_FLAGS_*: how frames come from the modem and go to it. */
const rmnetFlags = names({
  ingress_deaggregation: 1 << 0,
  ingress_map_commands: 1 << 1,
  ingress_map_cksumv4: 1 << 2,
  egress_map_cksumv4: 1 << 3,
  ingress_map_cksumv5: 1 << 4,
  egress_map_cksumv5: 1 << 5,
})

/** `muxId` is the number of the channel on the interface underneath. `flags` are switches by name; those that are not given stay. */
export const rmnet = kind(
  'rmnet',
  () => attributes('IFLA_RMNET', { muxId: [1, u16], flags: [2, switches(rmnetFlags)] }),
  { required: ['muxId'], needsLink: true },
)
