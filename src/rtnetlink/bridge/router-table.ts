/** Ports behind which there are multicast routers, as linux/if_bridge.h has them (MDBA_ROUTER_*). */

import { attributes, enumeration, names, repeated, struct, u8, u16, u32 } from '../../codec/index.js'
import { seconds32 } from '../time.js'
import * as c from './constants.js'
import { headed } from './headed.js'

/** MDB_RTR_TYPE_*: no router, those that are heard (the default), always one, one until the timer ends. */
export const routerTypes = names({
  disabled: c.MDB_RTR_TYPE_DISABLED,
  query: c.MDB_RTR_TYPE_TEMP_QUERY,
  permanent: c.MDB_RTR_TYPE_PERM,
  temp: c.MDB_RTR_TYPE_TEMP,
})
/** Whether multicast goes to a port as to a router: never, when one is heard there, always, or for a while. */
export type McastRouter = keyof typeof routerTypes.numbers

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
