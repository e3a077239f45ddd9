/** The other end of a pair (veth, vxcan, netkit): a whole link message of its own inside IFLA_INFO_DATA. */

import { decodeAttributes } from '../../../codec/decode.js'
import { encodeAttributes } from '../../../codec/encode.js'
import type { Infer, Type } from '../../../codec/index.js'
import { NO_SIBLINGS, type Siblings } from '../../../codec/type.js'
import { ifinfomsg, linkAttributes } from '../table.js'

/** The peer's attributes, and the ifindex of its struct ifinfomsg. IFF_UP in it would fail with ENOTCONN. */
export interface Peer {
  readonly ifindex?: number | undefined
  readonly attributes: Infer<typeof linkAttributes>
}

/** struct ifinfomsg followed by link attributes. */
export const peer: Type<Peer> = {
  label: 'peer',
  size: 0,
  encode(out, { ifindex, attributes }) {
    ifinfomsg.encode(out, { index: ifindex } as never, NO_SIBLINGS)
    encodeAttributes(linkAttributes, out, attributes as Siblings)
  },
  decode(bytes, start, end) {
    const at = Math.min(end, start + ifinfomsg.size)
    const { index } = ifinfomsg.decode(bytes, start, at, NO_SIBLINGS)
    return { ifindex: index, attributes: decodeAttributes(linkAttributes, bytes, at, end) }
  },
}
