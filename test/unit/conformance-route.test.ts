/** Our route tables against the kernel's own description. */

import { describe } from 'vitest'
import { enumeration, u8 } from '../../src/codec/index.js'
import { metricAttributes, routeAttributes, routeTypes, rtmsg } from '../../src/rtnetlink/route/table.js'
import { compareNames, compareSet, compareStruct } from '../conformance/compare.js'
import { conforms, defined, type Known } from '../conformance/conforms.js'

const KNOWN: Known = {
  'newer than the description': ["route-attrs: 'delReason' (32) is not described"],
  'of either family: fib_dump_info() of net/ipv4/fib_semantics.c, rt6_fill_node() of net/ipv6/route.c': [
    'dst',
    'gateway',
    'prefsrc',
    'src',
  ].map((name) => `route-attrs.${name}: binary (ipv4) is read as ip`),
  'in network order: nla_get_be16() of inet_rtm_getroute(), net/ipv4/route.c': [
    'route-attrs.dport: u16 is read as be16',
    'route-attrs.sport: u16 is read as be16',
  ],
  'the bytes have a form that the description does not tell (struct rta_mfc_stats, rtnexthop and rtvia of linux/rtnetlink.h)':
    [
      'route-attrs.encap: binary is read as selected',
      'route-attrs.mfc-stats: binary is read as struct',
      'route-attrs.multipath: binary is read as multipath',
      'route-attrs.via: binary is read as rtvia',
    ],
  'parts of a millisecond, as TCP keeps them (srtt_us, mdev_us of struct tcp_sock); `ip route` converts them too':
    ['metrics.rtt: u32 is read as milliseconds/8', 'metrics.rttvar: u32 is read as milliseconds/4'],
  'named without the prefix': ['clntref', 'error', 'expires', 'lastuse', 'used'].map(
    (name) => `route-attrs.cacheinfo: rta-cacheinfo.rta-${name} is called '${name}'`,
  ),
  '__s32 in struct rta_cacheinfo of linux/rtnetlink.h, which has three members more': [
    'route-attrs.cacheinfo: rta-cacheinfo.rta-expires u32 is read as s32',
    "route-attrs.cacheinfo: rta-cacheinfo has no 'id'",
    "route-attrs.cacheinfo: rta-cacheinfo has no 'ts'",
    "route-attrs.cacheinfo: rta-cacheinfo has no 'tsage'",
  ],
}

describe('the route tables', () => {
  const tables = { 'route-attrs': routeAttributes, metrics: metricAttributes }
  conforms('rt-route', KNOWN, (spec) => [
    ...spec['attribute-sets'].flatMap(({ name }) => compareSet(spec, name, tables)),
    ...compareStruct(spec, defined(spec, 'rtmsg'), rtmsg, tables, 'rtm-'),
    ...compareNames(defined(spec, 'rtm-type'), enumeration(u8, routeTypes)),
  ])
})
