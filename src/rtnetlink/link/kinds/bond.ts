/** linux/if_link.h, enum IFLA_BOND_*; docs in Documentation/networking/bonding.rst. Times are seconds, where `ip` has milliseconds. */

import {
  array,
  attributes,
  bool8,
  enumeration,
  ipv4,
  ipv6,
  mac,
  names,
  nested,
  u8,
  u16,
  u32,
} from '../../../codec/index.js'
import { ethernet, milliseconds32 } from '../types.js'
import { kind } from './kind.js'

/** linux/if_bonding.h, BOND_MODE_* */
const bondModes = names({
  'balance-rr': 0,
  'active-backup': 1,
  'balance-xor': 2,
  broadcast: 3,
  '802.3ad': 4,
  'balance-tlb': 5,
  'balance-alb': 6,
})
/** BOND_XMIT_POLICY_* */
const xmitHashPolicies = names({
  layer2: 0,
  'layer3+4': 1,
  'layer2+3': 2,
  'encap2+3': 3,
  'encap3+4': 4,
  'vlan+srcmac': 5,
})
/** net/bonding.h, BOND_ARP_VALIDATE_* */
const arpValidations = names({
  none: 0,
  active: 1,
  backup: 2,
  all: 3,
  filter: 4,
  filter_active: 5,
  filter_backup: 6,
})
const arpAllTargets = names({ any: 0, all: 1 })
const primaryReselects = names({ always: 0, better: 1, failure: 2 })
const failOverMacs = names({ none: 0, active: 1, follow: 2 })
const lacpRates = names({ slow: 0, fast: 1 })
const adSelects = names({ stable: 0, bandwidth: 1, count: 2, actor_port_prio: 3 })

/** The aggregator that carries traffic (802.3ad). */
export const bondAdInfo = () =>
  attributes('IFLA_BOND_AD_INFO', {
    aggregator: [1, u16],
    numPorts: [2, u16],
    actorKey: [3, u16],
    partnerKey: [4, u16],
    partnerMac: [5, mac],
  })

/** Interfaces that act as one. `activeSlave` and `primary` are names or ifindexes, null for none. */
export const bond = kind(
  'bond',
  () =>
    attributes('IFLA_BOND', {
      mode: [1, enumeration(u8, bondModes)],
      activeSlave: [2, u32],
      miimon: [3, milliseconds32],
      updelay: [4, milliseconds32],
      downdelay: [5, milliseconds32],
      useCarrier: [6, bool8],
      arpInterval: [7, milliseconds32],
      arpIpTarget: [8, array(ipv4)],
      arpValidate: [9, enumeration(u32, arpValidations)],
      arpAllTargets: [10, enumeration(u32, arpAllTargets)],
      primary: [11, u32],
      primaryReselect: [12, enumeration(u8, primaryReselects)],
      failOverMac: [13, enumeration(u8, failOverMacs)],
      xmitHashPolicy: [14, enumeration(u8, xmitHashPolicies)],
      resendIgmp: [15, u32],
      numPeerNotif: [16, u8],
      allSlavesActive: [17, bool8],
      minLinks: [18, u32],
      // Seconds in the kernel too.
      lpInterval: [19, u32],
      packetsPerSlave: [20, u32],
      adLacpRate: [21, enumeration(u8, lacpRates)],
      adSelect: [22, enumeration(u8, adSelects)],
      adInfo: [23, nested(bondAdInfo())],
      adActorSysPrio: [24, u16],
      adUserPortKey: [25, u16],
      adActorSystem: [26, ethernet],
      tlbDynamicLb: [27, bool8],
      peerNotifDelay: [28, milliseconds32],
      adLacpActive: [29, bool8],
      missedMax: [30, u8],
      nsIp6Target: [31, array(ipv6)],
      coupledControl: [32, bool8],
      broadcastNeigh: [33, bool8],
      lacpStrict: [34, bool8],
    }),
  { devs: ['activeSlave', 'primary'], readOnly: ['adInfo'] },
)
