/** Whoever gives a container its addresses: this plugin, in the way of host-local, or the program that `ipam.type` names. */
import { delegate } from './delegate.js'
import * as hostLocal from './host-local.js'
import type { Attachment, Call } from './input.js'
import type { Result } from './result.js'

export type Lease = Pick<Result, 'ips' | 'routes' | 'dns'>

export interface Ipam {
  /** Whether it asks through the interface (DHCP), which then has to be there. Of addresses that are there first the interface has its MAC. */
  readonly needsInterface: boolean
  allocate(call: Call): Promise<Lease>
  /** Nothing to give back is no error. */
  release(call: Call): Promise<void>
  /** Throws CniError where an interface has not the addresses that ADD gave it. */
  check(call: Call, result: Result): Promise<void>
  /** Gives back what `detach` has detached: it returns false for those of whom the runtime knows. */
  gc(call: Call, detach: (owner: Attachment) => Promise<boolean>): Promise<void>
  /** Throws CniError where ADD could give no address. */
  status(call: Call): Promise<void>
}

/** Null where there is none, and for what is no name: DEL and GC get through whatever the configuration says. */
export function ipamOf({ config }: Call): Ipam | null {
  const type: unknown = config.ipam?.type
  if (typeof type !== 'string' || type === '') return null
  return type === 'host-local' ? hostLocal : delegate(type)
}
