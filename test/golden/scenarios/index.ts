import { address } from './address.js'
import { addressLabel } from './address-label.js'
import { bond } from './bond.js'
import { bridge } from './bridge.js'
import { bridgeTool } from './bridge-tool.js'
import { conntrack } from './conntrack.js'
import { dump } from './dump.js'
import { encap } from './encap.js'
import { kinds } from './kinds.js'
import { link } from './link.js'
import { moreKinds } from './more-kinds.js'
import { moreTables } from './more-tables.js'
import { neighbour } from './neighbour.js'
import { netns } from './netns.js'
import { nexthop } from './nexthop.js'
import { nftCombined } from './nft-combined.js'
import { nftCorner } from './nft-corner.js'
import { nftField } from './nft-field.js'
import { nftHook } from './nft-hook.js'
import { nftObject } from './nft-object.js'
import { nftRule } from './nft-rule.js'
import { nftUncommon } from './nft-uncommon.js'
import { route } from './route.js'
import { rule } from './rule.js'
import type { Scenario } from './scenario.js'
import { stats } from './stats.js'
import { tunnel } from './tunnel.js'
import { veth } from './veth.js'
import { vxlanVni } from './vxlan-vni.js'

export type { Scenario }

/** The scenarios by area; each area is one file of fixtures. */
export const areas: Record<string, Scenario[]> = {
  link,
  veth,
  bridge,
  kinds: [...kinds, ...tunnel, ...bond],
  'more-kinds': moreKinds,
  address,
  route,
  nexthop,
  neighbour,
  rule,
  netns,
  dump,
  'bridge-tool': bridgeTool,
  'more-tables': moreTables,
  'vxlan-vni': vxlanVni,
  'address-label': addressLabel,
  stats,
  encap,
  conntrack,
  'nft-hook': nftHook,
  'nft-object': nftObject,
  'nft-rule': nftRule,
  'nft-combined': nftCombined,
  'nft-corner': nftCorner,
  'nft-field': nftField,
  'nft-uncommon': nftUncommon,
}
