/** linux/if_link.h, enum IFLA_XFRM_*: packets that IPsec policies with the same id transform. */

import { attributes, flag, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** `ifId` is that of the policies and states. */
export const xfrm = kind(
  'xfrm',
  () =>
    attributes('IFLA_XFRM', {
      link: [1, u32],
      ifId: [2, u32],
      collectMetadata: [3, flag],
    }),
  {
    resets: true,
    check({ ifId, collectMetadata }) {
      if (!ifId && collectMetadata !== true)
        throw new TypeError("ifId: a link of kind 'xfrm' needs one above 0, or collectMetadata")
    },
  },
)
