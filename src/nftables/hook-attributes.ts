/** What the kernel tells of its hooks: linux/netfilter/nfnetlink_hook.h. */

import {
  attributes,
  be32,
  enumeration,
  message,
  names,
  nested,
  selected,
  string,
  type Table,
  text,
  u8,
} from '../codec/index.js'
import { NFNL_SUBSYS_HOOK, nfgenmsg, nfnlType } from '../netlink/netfilter.js'
import { beS32 } from './types.js'

/** enum nfnl_hook_msg_types */
const NFNL_MSG_HOOK_GET = 0

/** enum nfnl_hook_attributes */
const NFNLA_HOOK_HOOKNUM = 1
const NFNLA_HOOK_PRIORITY = 2
const NFNLA_HOOK_DEV = 3
const NFNLA_HOOK_FUNCTION_NAME = 4
const NFNLA_HOOK_MODULE_NAME = 5
const NFNLA_HOOK_CHAIN_INFO = 6

/** enum nfnl_hook_chain_info_attributes */
const NFNLA_HOOK_INFO_DESC = 1
const NFNLA_HOOK_INFO_TYPE = 2

/** enum nfnl_hook_chain_desc_attributes */
const NFNLA_CHAIN_TABLE = 1
const NFNLA_CHAIN_FAMILY = 2
const NFNLA_CHAIN_NAME = 3

/** enum nfnl_hook_bpf_attributes */
const NFNLA_HOOK_BPF_ID = 1

/** enum nfnl_hook_chaintype: programs came with Linux 6.4, flowtables with 6.17. */
const hookTypes = names({ chain: 1, bpf: 2, flowtable: 3 })

/** A chain, or a flowtable. */
export const hookChainAttributes = attributes('NFNLA_CHAIN', {
  table: [NFNLA_CHAIN_TABLE, string],
  family: [NFNLA_CHAIN_FAMILY, u8],
  name: [NFNLA_CHAIN_NAME, string],
})

export const hookBpfAttributes = attributes('NFNLA_HOOK_BPF', { id: [NFNLA_HOOK_BPF_ID, be32] })

const DESCRIPTIONS: ReadonlyMap<string, Table> = new Map<string, Table>([
  ['chain', hookChainAttributes],
  ['flowtable', hookChainAttributes],
  ['bpf', hookBpfAttributes],
])

export const hookInfoAttributes = attributes('NFNLA_HOOK_INFO', {
  desc: [NFNLA_HOOK_INFO_DESC, selected('type', (type) => DESCRIPTIONS.get(type))],
  type: [NFNLA_HOOK_INFO_TYPE, enumeration(be32, hookTypes)],
})

/** The device first, as nft(8) sends them. */
export const hookFunctionAttributes = attributes('NFNLA_HOOK', {
  dev: [NFNLA_HOOK_DEV, text(15)],
  hooknum: [NFNLA_HOOK_HOOKNUM, be32],
  priority: [NFNLA_HOOK_PRIORITY, beS32],
  functionName: [NFNLA_HOOK_FUNCTION_NAME, string],
  moduleName: [NFNLA_HOOK_MODULE_NAME, string],
  chainInfo: [NFNLA_HOOK_CHAIN_INFO, nested(hookInfoAttributes)],
})

/** It is answered by itself. */
export const getHooks = message(
  'NFNL_MSG_HOOK_GET',
  nfnlType(NFNL_SUBSYS_HOOK, NFNL_MSG_HOOK_GET),
  nfgenmsg,
  hookFunctionAttributes,
)
