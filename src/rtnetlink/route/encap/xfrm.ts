import { attributes, type Infer, u32 } from '../../../codec/index.js'
import * as c from './constants.js'

/** enum LWT_XFRM_* */
export const xfrmEncap = attributes('LWT_XFRM', {
  ifId: [c.LWT_XFRM_IF_ID, u32],
  link: [c.LWT_XFRM_LINK, u32],
})

/** IPsec by the interface id `ifId` (interfaces of kind xfrm that take it from the route), out of the interface `link`. linux/lwtunnel.h */
export interface XfrmEncap extends Omit<Infer<typeof xfrmEncap>, 'unknown'> {
  type: 'xfrm'
}
