/** Our neighbour tables against the kernel's own description. */

import { describe } from 'vitest'
import { enumeration, flags, u8, u16, u32 } from '../../src/codec/index.js'
import {
  extendedFlags,
  ndmsg,
  neighbourAttributes,
  neighbourStates,
} from '../../src/rtnetlink/neighbour/table.js'
import {
  ndtmsg,
  neighbourTableAttributes,
  parameterAttributes,
} from '../../src/rtnetlink/neighbour-table/table.js'
import { routeTypes } from '../../src/rtnetlink/route/table.js'
import { compareNames, compareSet, compareStruct } from '../conformance/compare.js'
import { conforms, defined, type Known } from '../conformance/conforms.js'

const KNOWN: Known = {
  'NDA_UNSPEC, which is no attribute': ['neighbour-attrs.unspec: 0 is missing'],
  'of either family: neigh_fill_info() of net/core/neighbour.c': [
    'neighbour-attrs.dst: binary (ipv4) is read as ip',
  ],
  'in network order: nla_put_be16() of vxlan_fdb_info(), drivers/net/vxlan/vxlan_core.c': [
    'neighbour-attrs.port: u16 is read as be16',
  ],
  'holds NFEA_*: br_nda_fdb_pol of net/bridge/br_fdb.c': [
    'neighbour-attrs.fdb-ext-attrs: binary is read as nested',
  ],
  'named as `ip neighbour` and `bridge fdb` name it': [
    "ndmsg.ndm-flags ntf-flags ext-learned (16) is 'extern_learn'",
    "ndmsg.ndm-flags ntf-flags offloaded (32) is 'offload'",
    "ntf-flags ext-learned (16) is 'extern_learn'",
    "ntf-flags offloaded (32) is 'offload'",
    "neighbour-attrs.flags-ext: ntf-ext-flags ext-validated (4) is 'extern_valid'",
    "ntf-ext-flags ext-validated (4) is 'extern_valid'",
  ],
}

describe('the neighbour tables', () => {
  const tables = {
    'neighbour-attrs': neighbourAttributes,
    'ndt-attrs': neighbourTableAttributes,
    'ndtpa-attrs': parameterAttributes,
  }
  conforms('rt-neigh', KNOWN, (spec) => [
    ...spec['attribute-sets'].flatMap(({ name }) => compareSet(spec, name, tables)),
    ...compareStruct(spec, defined(spec, 'ndmsg'), ndmsg, tables, 'ndm-'),
    ...compareStruct(spec, defined(spec, 'ndtmsg'), ndtmsg, tables),
    ...compareNames(defined(spec, 'nud-state'), flags(u16, neighbourStates)),
    ...compareNames(defined(spec, 'ntf-flags'), ndmsg.members.flags),
    ...compareNames(defined(spec, 'ntf-ext-flags'), flags(u32, extendedFlags)),
    ...compareNames(defined(spec, 'rtm-type'), enumeration(u8, routeTypes)),
  ])
})
