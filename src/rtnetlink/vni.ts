/** Network ids of VXLAN and Geneve. */

import { checkInteger } from '../netlink/check.js'

/** They have 24 bits. */
export const MAX_VNI = 0xffffff

/** Throws RangeError or TypeError. */
export function checkVni(value: unknown, field: string, min = 0): number {
  return checkInteger(value, field, min, MAX_VNI, 'a network id')
}
