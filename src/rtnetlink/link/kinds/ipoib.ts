/** linux/if_link.h, enum IFLA_IPOIB_*: IP over InfiniBand; docs in Documentation/infiniband/ipoib.rst. */

import { attributes, enumeration, names, u16 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** IPOIB_MODE_* */
const ipoibModes = names({ datagram: 0, connected: 1 })

/** A partition of the interface underneath: `pkey` is its key, with 0x8000 for a full member. `umcast` is 1 where programs may send to groups. */
export const ipoib = kind(
  'ipoib',
  () =>
    attributes('IFLA_IPOIB', {
      pkey: [1, u16],
      mode: [2, enumeration(u16, ipoibModes)],
      umcast: [3, u16],
    }),
  { needsLink: true, fixed: ['pkey'] },
)
