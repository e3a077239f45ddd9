/** linux/veth.h: the peer is a whole link message of its own inside VETH_INFO_PEER. */

import { attributes, type Infer, type Type } from '../../../codec/index.js'
import { decodeAttributes, encodeAttributes } from '../../../codec/table.js'
import { NO_SIBLINGS, type Siblings } from '../../../codec/type.js'
import { ifinfomsg, linkAttributes } from '../table.js'
import { kind } from './kind.js'

export const VETH_INFO_PEER = 1

type Peer = Infer<typeof linkAttributes>

/** struct ifinfomsg followed by link attributes; the struct stays zero (IFF_UP in it fails with ENOTCONN). */
const peer: Type<Peer> = {
  label: 'peer',
  size: 0,
  encode(out, value) {
    ifinfomsg.encode(out, {} as never, NO_SIBLINGS)
    encodeAttributes(linkAttributes, out, value as Siblings)
  },
  decode(bytes, start, end) {
    return decodeAttributes(linkAttributes, bytes, Math.min(end, start + ifinfomsg.size), end)
  },
}

export const veth = kind('veth', attributes('VETH_INFO', { peer: [VETH_INFO_PEER, peer] }))
