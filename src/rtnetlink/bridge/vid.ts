import { checkInteger } from '../input.js'

/** A VLAN's number: 0 and 4095 are reserved. */
export function checkVid(value: unknown, field: string): number {
  return checkInteger(value, field, 1, 4094, 'a VLAN id')
}
