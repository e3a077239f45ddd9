/** Uses a named object, or the one that a map has for a register: enum nft_objref_attributes. */

import { attributes, be32, enumeration, string } from '../../codec/index.js'
import { objectTypes } from '../names.js'

export const objref = () =>
  attributes('NFTA_OBJREF', {
    immType: [1, enumeration(be32, objectTypes)],
    immName: [2, string],
    setSreg: [3, be32],
    setName: [4, string],
    setId: [5, be32],
  })
