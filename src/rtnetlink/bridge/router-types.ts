import { names } from '../../codec/index.js'
import * as c from './constants.js'

/** MDB_RTR_TYPE_*: no router, those that are heard (the default), always one, one until the timer ends. */
export const routerTypes = names({
  disabled: c.MDB_RTR_TYPE_DISABLED,
  query: c.MDB_RTR_TYPE_TEMP_QUERY,
  permanent: c.MDB_RTR_TYPE_PERM,
  temp: c.MDB_RTR_TYPE_TEMP,
})
/** Whether multicast goes to a port as to a router: never, when one is heard there, always, or for a while. */
export type McastRouter = keyof typeof routerTypes.numbers
