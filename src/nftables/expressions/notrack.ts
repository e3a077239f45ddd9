/** Keeps a packet from connection tracking; it has no attributes. */

import { attributes } from '../../codec/index.js'

export const notrack = () => attributes('NFTA_NOTRACK', {})
