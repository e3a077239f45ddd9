/** Our address tables against the kernel's own description. */

import { describe } from 'vitest'
import { flags, u32 } from '../../src/codec/index.js'
import { addressAttributes, addressFlags, ifaddrmsg } from '../../src/rtnetlink/address/table.js'
import { compareNames, compareSet, compareStruct } from '../conformance/compare.js'
import { conforms, defined, type Known } from '../conformance/conforms.js'

/** Beyond the byte of the header. */
const LATER_FLAGS = [
  'managetempaddr (256)',
  'noprefixroute (512)',
  'mcautojoin (1024)',
  'stable-privacy (2048)',
]

const KNOWN: Known = {
  'newer than the description': ["addr-attrs: 'mcUsers' (12) is not described"],
  'named as `ip address` names it': [
    ...['ifa-flags', 'addr-attrs.flags: ifa-flags'].flatMap((where) => [
      `${where} homeaddress (16) is 'home'`,
      `${where} managetempaddr (256) is 'mngtmpaddr'`,
      `${where} mcautojoin (1024) is 'autojoin'`,
    ]),
  ],
  'named without the prefix, as in struct ifa_cacheinfo its other members': [
    "addr-attrs.cacheinfo: ifa-cacheinfo.ifa-prefered is called 'prefered'",
    "addr-attrs.cacheinfo: ifa-cacheinfo.ifa-valid is called 'valid'",
  ],
  'IFA_FLAGS has them all': LATER_FLAGS.map((flag) => `ifaddrmsg.ifa-flags ifa-flags ${flag} is ''`),
  'named as `ip address` names it, in the header': [
    "ifaddrmsg.ifa-flags ifa-flags homeaddress (16) is 'home'",
  ],
  'addresses, as the others: inet6_fill_ifmcaddr() and inet6_fill_ifacaddr() of net/ipv6/addrconf.c': [
    'addr-attrs.anycast: binary is read as ip',
    'addr-attrs.multicast: binary is read as ip',
  ],
  'nla_get_s32() of inet_valid_dump_ifaddr_req(), net/ipv4/devinet.c': [
    'addr-attrs.target-netnsid: binary is read as s32',
  ],
}

describe('the address tables', () => {
  const tables = { 'addr-attrs': addressAttributes }
  conforms('rt-addr', KNOWN, (spec) => [
    ...spec['attribute-sets'].flatMap(({ name }) => compareSet(spec, name, tables)),
    ...compareStruct(spec, defined(spec, 'ifaddrmsg'), ifaddrmsg, tables, 'ifa-'),
    ...compareNames(defined(spec, 'ifa-flags'), flags(u32, addressFlags)),
  ])
})
