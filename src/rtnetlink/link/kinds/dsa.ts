/** linux/if_link.h, enum IFLA_DSA_*: ports of switches, which their drivers make; docs in Documentation/networking/dsa/dsa.rst. */

import { attributes, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** `conduit` is the interface by which the processor reaches the switch (Linux 6.1). */
export const dsa = kind('dsa', () => attributes('IFLA_DSA', { conduit: [1, u32] }), {
  devs: ['conduit'],
  notMade: 'ports of switches are made by their drivers; setLink() changes their conduit',
})
