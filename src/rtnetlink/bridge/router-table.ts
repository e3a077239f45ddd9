/** Ports behind which there are multicast routers, as linux/if_bridge.h has them (MDBA_ROUTER_*). */

import { attributes, enumeration, repeated, struct, u8, u16, u32 } from '../../codec/index.js'
import { seconds32 } from '../time.js'
import { headed } from './headed.js'
import { routerTypes } from './router-types.js'

export const routerPort = headed(
  struct({ ifindex: u32 }),
  attributes('MDBA_ROUTER_PATTR', {
    timer: [1, seconds32],
    type: [2, enumeration(u8, routerTypes)],
    inetTimer: [3, seconds32],
    inet6Timer: [4, seconds32],
    vid: [5, u16],
  }),
)

export const routerAttributes = attributes('MDBA_ROUTER', { port: [1, repeated(routerPort)] })
