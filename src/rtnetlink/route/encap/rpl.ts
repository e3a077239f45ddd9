import { attributes, type Infer } from '../../../codec/index.js'
import { RPL_IPTUNNEL_SRH } from './constants.js'
import { rplHeader } from './segments.js'

/** enum RPL_IPTUNNEL_* */
export const rplEncap = attributes('RPL_IPTUNNEL', { srh: [RPL_IPTUNNEL_SRH, rplHeader] })

/** Source routing of RPL (RFC 6554): `srh` are the addresses that are passed, in order. linux/rpl_iptunnel.h */
export interface RplEncap extends Omit<Infer<typeof rplEncap>, 'unknown'> {
  type: 'rpl'
}
