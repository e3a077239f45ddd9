/** What explain() tells of tunnels over IPv6, as iproute2's link_ip6tnl.c and link_gre6.c read it. */

import { describe, expect, it } from 'vitest'
import { kindWords, type Options } from '../../src/topology/explain-kind.js'

const CASES: [Options, string][] = [
  [{ flowinfo: 0x01012345 }, ' tclass 0x10 flowlabel 0x12345'],
  [{ flowinfo: 0 }, ' tclass 0x0 flowlabel 0x0'],
  [{ flowinfo: 0xfffff, flags: ['use_orig_tclass'] }, ' flowlabel 0xfffff tclass inherit'],
  [{ flags: ['use_orig_flowlabel'], flowinfo: 0x0ff00000 }, ' flowlabel inherit tclass 0xff'],
  [{ flags: ['ign_encap_limit', 'rcv_dscp_copy'] }, ' encaplimit none dscp inherit'],
  [{ flags: ['ign_encap_limit'], encapLimit: 7 }, ' encaplimit 7 encaplimit none'],
  [{ encapLimit: 7, flags: ['ign_encap_limit'] }, ' encaplimit 7 encaplimit none'],
  [{ encapLimit: 7, flags: ['allow_local_remote', 'mip6_dev'] }, ' encaplimit 7 allow-localremote'],
  [{ flags: ['use_orig_fwmark'], fwmark: 5 }, ' fwmark inherit'],
]

describe.each(['ip6tnl', 'ip6gre', 'ip6gretap', 'ip6erspan'])('%s', (kind) => {
  it.each(CASES)('%j', (options, words) => expect(kindWords(kind, options)).toBe(words))
})
