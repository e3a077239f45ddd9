/** RTA_ENCAP and NHA_ENCAP: lightweight tunnels, whose attributes RTA_ENCAP_TYPE chooses (linux/lwtunnel.h). */

import { enumeration, flagged, names, selected, u16 } from '../../../codec/index.js'
import type { Table } from '../../../codec/table.js'
import { bpfEncap } from './bpf.js'
import * as c from './constants.js'
import { ioam6Encap } from './ioam6.js'
import { ip6Encap, ipEncap } from './ip.js'
import { mplsEncap } from './mpls.js'
import { rplEncap } from './rpl.js'
import { seg6Encap } from './seg6.js'
import { seg6LocalEncap } from './seg6local.js'
import { xfrmEncap } from './xfrm.js'

/** LWTUNNEL_ENCAP_*, as `ip route` prints them; those without a table have a number alone. */
export const encapTypes = names({
  mpls: c.LWTUNNEL_ENCAP_MPLS,
  ip: c.LWTUNNEL_ENCAP_IP,
  ip6: c.LWTUNNEL_ENCAP_IP6,
  seg6: c.LWTUNNEL_ENCAP_SEG6,
  bpf: c.LWTUNNEL_ENCAP_BPF,
  seg6local: c.LWTUNNEL_ENCAP_SEG6_LOCAL,
  rpl: c.LWTUNNEL_ENCAP_RPL,
  ioam6: c.LWTUNNEL_ENCAP_IOAM6,
  xfrm: c.LWTUNNEL_ENCAP_XFRM,
})

/** The kinds of lightweight tunnel that have names: LWTUNNEL_ENCAP_* of linux/lwtunnel.h. */
export type EncapType = keyof typeof encapTypes.numbers

export const encapTables: Readonly<Record<EncapType, Table>> = {
  mpls: mplsEncap,
  ip: ipEncap,
  ip6: ip6Encap,
  seg6: seg6Encap,
  bpf: bpfEncap,
  seg6local: seg6LocalEncap,
  rpl: rplEncap,
  ioam6: ioam6Encap,
  xfrm: xfrmEncap,
}

export const encapType = enumeration(u16, encapTypes)

export const encap = flagged(
  selected('encapType', (type) =>
    Object.hasOwn(encapTables, type) ? encapTables[type as EncapType] : undefined,
  ),
)
