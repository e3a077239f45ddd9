/** linux/if_link.h, enum IFLA_GTP_*: GPRS tunnels. */

import { attributes, bool8, enumeration, ipv4, ipv6, names, u8, u32 } from '../../../codec/index.js'
import { between } from '../types.js'
import { kind } from './kind.js'

/** enum ifla_gtp_role */
const gtpRoles = names({ ggsn: 0, sgsn: 1 })

/** The kernel takes it for an int, and passes over a negative one (gtp_encap_enable()). */
const descriptor = between(u32, 0, 0x7fffffff)

/** `fd0` and `fd1` are UDP sockets of the caller; without them the kernel opens its own. */
export const gtp = kind(
  'gtp',
  () =>
    attributes('IFLA_GTP', {
      fd0: [1, descriptor],
      fd1: [2, descriptor],
      pdpHashsize: [3, u32],
      role: [4, enumeration(u32, gtpRoles)],
      createSockets: [5, bool8],
      restartCount: [6, u8],
      local: [7, ipv4],
      local6: [8, ipv6],
    }),
  {
    twins: { local: 'local6' },
    // Without UDP sockets of the caller's the kernel has to make its own.
    initial: ({ fd0, fd1 }): Record<string, unknown> =>
      fd0 === undefined && fd1 === undefined ? { createSockets: true } : {},
    // The kernel looks whether it is there, not what it says.
    complete: ({ createSockets }): Record<string, unknown> =>
      createSockets === false ? { createSockets: undefined } : {},
    check({ fd0, fd1, createSockets }) {
      if (createSockets === true && (fd0 !== undefined || fd1 !== undefined))
        throw new TypeError(
          'createSockets: true makes sockets instead of those of fd0 and fd1: not with them',
        )
    },
  },
)
