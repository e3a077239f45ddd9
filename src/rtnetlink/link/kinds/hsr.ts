/** linux/if_link.h, enum IFLA_HSR_*: redundant rings and networks (IEC 62439-3). */

import { attributes, enumeration, mac, names, u8, u16, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** HSR_PROTOCOL_* */
const hsrProtocols = names({ hsr: 0, prp: 1 })

/** `slave1`, `slave2` and `interlink` are names or ifindexes. */
export const hsr = kind(
  'hsr',
  () =>
    attributes('IFLA_HSR', {
      slave1: [1, u32],
      slave2: [2, u32],
      multicastSpec: [3, u8],
      supervisionAddr: [4, mac],
      seqNr: [5, u16],
      version: [6, u8],
      protocol: [7, enumeration(u8, hsrProtocols)],
      interlink: [8, u32],
    }),
  {
    devs: ['slave1', 'slave2', 'interlink'],
    readOnly: ['supervisionAddr', 'seqNr'],
    required: ['slave1', 'slave2'],
  },
)
