import { attributes, type Infer, u8 } from '../../../codec/index.js'
import * as c from './constants.js'
import { labels } from './labels.js'

/** enum MPLS_IPTUNNEL_* */
export const mplsEncap = attributes('MPLS_IPTUNNEL', {
  dst: [c.MPLS_IPTUNNEL_DST, labels],
  ttl: [c.MPLS_IPTUNNEL_TTL, u8],
})

/** Puts MPLS labels before packets: `dst`, the outermost first, with the time to live `ttl`. linux/mpls_iptunnel.h */
export interface MplsEncap extends Omit<Infer<typeof mplsEncap>, 'unknown'> {
  type: 'mpls'
}
