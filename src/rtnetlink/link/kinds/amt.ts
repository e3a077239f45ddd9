/** linux/amt.h, enum IFLA_AMT_*: automatic multicast tunnels (RFC 7450). */

import { attributes, be16, enumeration, ipv4, names, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** enum ifla_amt_mode */
const amtModes = names({ gateway: 0, relay: 1 })

/** A gateway has a discovery address, a relay a number of tunnels. Ports are UDP. */
export const amt = kind(
  'amt',
  () =>
    attributes('IFLA_AMT', {
      mode: [1, enumeration(u32, amtModes)],
      relayPort: [2, be16],
      gatewayPort: [3, be16],
      link: [4, u32],
      localIp: [5, ipv4],
      remoteIp: [6, ipv4],
      discoveryIp: [7, ipv4],
      maxTunnels: [8, u32],
    }),
  {
    required: ['mode', 'localIp'],
    readOnly: ['remoteIp'],
    needsLink: true,
    check({ mode, discoveryIp }) {
      if ((mode === 'gateway' || mode === 0) && discoveryIp === undefined)
        throw new TypeError('discoveryIp: an AMT gateway needs it to find its relay')
    },
  },
)
