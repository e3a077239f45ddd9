/** Routes of a VRF are those of its table. */

import { ENODEV } from '../../netlink/errno.js'
import { NetlinkError } from '../../netlink/errors.js'
import { type Channel, type Operation, requestOne } from '../../netlink/operation.js'
import { refined } from '../../netlink/request.js'
import { isKind } from '../link/link.js'
import { adviseMissing, type Dev, describeDev, getLinkRequest } from '../link/request.js'

/** The table of a VRF, by its name or ifindex: one request, no dump. */
export function* vrfTable(channel: Channel, vrf: Dev): Operation<number> {
  const link = yield* requestOne(channel, refined(getLinkRequest(vrf), { advise: adviseMissing(channel) }))
  if (isKind(link, 'vrf') && link.data.table !== undefined) return link.data.table
  throw new NetlinkError({
    operation: 'RTM_GETLINK',
    errno: ENODEV,
    subject: describeDev(vrf),
    advice: 'found by looking: the interface is there, but is no VRF',
  })
}
