/** The attribute sets of nf_tables' messages (linux/netfilter/nf_tables.h). Integers are in network order but where a table says so. */

import {
  alignedAttributes,
  array,
  attributes,
  be16,
  be32,
  bytes,
  enumeration,
  flagged,
  flags,
  nested,
  repeated,
  selected,
  string,
  text,
  u8,
} from '../codec/index.js'
import * as c from './constants.js'
import { data, verdictAttributes } from './data.js'
import { exprAttributes, exprList } from './expression-table.js'
import { counterAttributes } from './expressions/counter.js'
import { ctDirections } from './expressions/ct.js'
import { elementList } from './keys.js'
import * as n from './names.js'
import { objectTable } from './objects/registry.js'
import { beS32, beSafe64 } from './types.js'
import { ctStates, ctStatuses } from './value-names.js'

/** IFNAMSIZ counts the NUL. */
const device = text(15)

export const batchAttributes = attributes('NFNL_BATCH', { genid: [c.NFNL_BATCH_GENID, be32] })

export const tableAttributes = alignedAttributes('NFTA_TABLE', c.NFTA_TABLE_PAD, {
  name: [c.NFTA_TABLE_NAME, string],
  flags: [c.NFTA_TABLE_FLAGS, flags(be32, n.tableFlags)],
  use: [c.NFTA_TABLE_USE, be32],
  handle: [c.NFTA_TABLE_HANDLE, beSafe64],
  userdata: [c.NFTA_TABLE_USERDATA, bytes],
  owner: [c.NFTA_TABLE_OWNER, be32],
})

/** The names of devices: one attribute for each. */
export const deviceAttributes = attributes('NFTA_DEVICE', {
  name: [c.NFTA_DEVICE_NAME, repeated(device)],
  prefix: [c.NFTA_DEVICE_PREFIX, repeated(device)],
})

export const hookAttributes = attributes('NFTA_HOOK', {
  num: [c.NFTA_HOOK_HOOKNUM, be32],
  priority: [c.NFTA_HOOK_PRIORITY, beS32],
  dev: [c.NFTA_HOOK_DEV, device],
  devs: [c.NFTA_HOOK_DEVS, flagged(nested(deviceAttributes))],
})

export const chainAttributes = alignedAttributes('NFTA_CHAIN', c.NFTA_CHAIN_PAD, {
  table: [c.NFTA_CHAIN_TABLE, string],
  handle: [c.NFTA_CHAIN_HANDLE, beSafe64],
  name: [c.NFTA_CHAIN_NAME, string],
  hook: [c.NFTA_CHAIN_HOOK, flagged(nested(hookAttributes))],
  policy: [c.NFTA_CHAIN_POLICY, enumeration(be32, n.verdicts)],
  use: [c.NFTA_CHAIN_USE, be32],
  type: [c.NFTA_CHAIN_TYPE, string],
  counters: [c.NFTA_CHAIN_COUNTERS, flagged(nested(counterAttributes))],
  flags: [c.NFTA_CHAIN_FLAGS, flags(be32, n.chainFlags)],
  id: [c.NFTA_CHAIN_ID, be32],
  userdata: [c.NFTA_CHAIN_USERDATA, bytes],
})

export const ruleCompatAttributes = attributes('NFTA_RULE_COMPAT', {
  proto: [c.NFTA_RULE_COMPAT_PROTO, be32],
  flags: [c.NFTA_RULE_COMPAT_FLAGS, be32],
})

export const ruleAttributes = alignedAttributes('NFTA_RULE', c.NFTA_RULE_PAD, {
  table: [c.NFTA_RULE_TABLE, string],
  chain: [c.NFTA_RULE_CHAIN, string],
  handle: [c.NFTA_RULE_HANDLE, beSafe64],
  expressions: [c.NFTA_RULE_EXPRESSIONS, flagged(nested(exprList))],
  compat: [c.NFTA_RULE_COMPAT, flagged(nested(ruleCompatAttributes))],
  position: [c.NFTA_RULE_POSITION, beSafe64],
  userdata: [c.NFTA_RULE_USERDATA, bytes],
  id: [c.NFTA_RULE_ID, be32],
  positionId: [c.NFTA_RULE_POSITION_ID, be32],
  chainId: [c.NFTA_RULE_CHAIN_ID, be32],
})

/** `len` is bytes. */
export const setFieldAttributes = attributes('NFTA_SET_FIELD', { len: [c.NFTA_SET_FIELD_LEN, be32] })

export const setConcatAttributes = attributes('NFTA_LIST', {
  elem: [c.NFTA_LIST_ELEM, repeated(flagged(nested(setFieldAttributes)))],
})

export const setDescAttributes = attributes('NFTA_SET_DESC', {
  size: [c.NFTA_SET_DESC_SIZE, be32],
  concat: [c.NFTA_SET_DESC_CONCAT, flagged(nested(setConcatAttributes))],
})

/** `timeout` and `gcInterval` are milliseconds. */
export const setAttributes = alignedAttributes('NFTA_SET', c.NFTA_SET_PAD, {
  table: [c.NFTA_SET_TABLE, string],
  name: [c.NFTA_SET_NAME, string],
  flags: [c.NFTA_SET_FLAGS, flags(be32, n.setFlags)],
  keyType: [c.NFTA_SET_KEY_TYPE, be32],
  keyLen: [c.NFTA_SET_KEY_LEN, be32],
  dataType: [c.NFTA_SET_DATA_TYPE, be32],
  dataLen: [c.NFTA_SET_DATA_LEN, be32],
  policy: [c.NFTA_SET_POLICY, enumeration(be32, n.setPolicies)],
  desc: [c.NFTA_SET_DESC, flagged(nested(setDescAttributes))],
  id: [c.NFTA_SET_ID, be32],
  timeout: [c.NFTA_SET_TIMEOUT, beSafe64],
  gcInterval: [c.NFTA_SET_GC_INTERVAL, be32],
  userdata: [c.NFTA_SET_USERDATA, bytes],
  objType: [c.NFTA_SET_OBJ_TYPE, enumeration(be32, n.objectTypes)],
  handle: [c.NFTA_SET_HANDLE, beSafe64],
  expr: [c.NFTA_SET_EXPR, flagged(nested(exprAttributes))],
  expressions: [c.NFTA_SET_EXPRESSIONS, flagged(nested(exprList))],
  type: [c.NFTA_SET_TYPE, string],
  count: [c.NFTA_SET_COUNT, be32],
})

/** `timeout` and `expiration` are milliseconds. */
export const elementAttributes = alignedAttributes('NFTA_SET_ELEM', c.NFTA_SET_ELEM_PAD, {
  key: [c.NFTA_SET_ELEM_KEY, data],
  data: [c.NFTA_SET_ELEM_DATA, data],
  flags: [c.NFTA_SET_ELEM_FLAGS, flags(be32, n.elementFlags)],
  timeout: [c.NFTA_SET_ELEM_TIMEOUT, beSafe64],
  expiration: [c.NFTA_SET_ELEM_EXPIRATION, beSafe64],
  userdata: [c.NFTA_SET_ELEM_USERDATA, bytes],
  expr: [c.NFTA_SET_ELEM_EXPR, flagged(nested(exprAttributes))],
  objref: [c.NFTA_SET_ELEM_OBJREF, string],
  keyEnd: [c.NFTA_SET_ELEM_KEY_END, data],
  expressions: [c.NFTA_SET_ELEM_EXPRESSIONS, flagged(nested(exprList))],
})

/** The kernel takes elements of any number; libnftnl counts them. */
export const elementsAttributes = attributes('NFTA_SET_ELEM_LIST', {
  table: [c.NFTA_SET_ELEM_LIST_TABLE, string],
  set: [c.NFTA_SET_ELEM_LIST_SET, string],
  elements: [c.NFTA_SET_ELEM_LIST_ELEMENTS, elementList(array(flagged(nested(elementAttributes))))],
  setId: [c.NFTA_SET_ELEM_LIST_SET_ID, be32],
})

export const genAttributes = attributes('NFTA_GEN', {
  id: [c.NFTA_GEN_ID, be32],
  procPid: [c.NFTA_GEN_PROC_PID, be32],
  procName: [c.NFTA_GEN_PROC_NAME, string],
})

export const objectAttributes = alignedAttributes('NFTA_OBJ', c.NFTA_OBJ_PAD, {
  table: [c.NFTA_OBJ_TABLE, string],
  name: [c.NFTA_OBJ_NAME, string],
  type: [c.NFTA_OBJ_TYPE, enumeration(be32, n.objectTypes)],
  data: [c.NFTA_OBJ_DATA, flagged(selected('type', objectTable))],
  use: [c.NFTA_OBJ_USE, be32],
  handle: [c.NFTA_OBJ_HANDLE, beSafe64],
  userdata: [c.NFTA_OBJ_USERDATA, bytes],
})

export const flowtableHookAttributes = attributes('NFTA_FLOWTABLE_HOOK', {
  num: [c.NFTA_FLOWTABLE_HOOK_NUM, be32],
  priority: [c.NFTA_FLOWTABLE_HOOK_PRIORITY, beS32],
  devs: [c.NFTA_FLOWTABLE_HOOK_DEVS, flagged(nested(deviceAttributes))],
})

export const flowtableAttributes = alignedAttributes('NFTA_FLOWTABLE', c.NFTA_FLOWTABLE_PAD, {
  table: [c.NFTA_FLOWTABLE_TABLE, string],
  name: [c.NFTA_FLOWTABLE_NAME, string],
  hook: [c.NFTA_FLOWTABLE_HOOK, flagged(nested(flowtableHookAttributes))],
  use: [c.NFTA_FLOWTABLE_USE, be32],
  handle: [c.NFTA_FLOWTABLE_HANDLE, beSafe64],
  flags: [c.NFTA_FLOWTABLE_FLAGS, flags(be32, n.flowtableFlags)],
})

/** `iiftype` and `oiftype` are ARPHRD_* of linux/if_arp.h. */
export const traceAttributes = alignedAttributes('NFTA_TRACE', c.NFTA_TRACE_PAD, {
  table: [c.NFTA_TRACE_TABLE, string],
  chain: [c.NFTA_TRACE_CHAIN, string],
  ruleHandle: [c.NFTA_TRACE_RULE_HANDLE, beSafe64],
  type: [c.NFTA_TRACE_TYPE, enumeration(be32, n.traceTypes)],
  verdict: [c.NFTA_TRACE_VERDICT, flagged(nested(verdictAttributes))],
  id: [c.NFTA_TRACE_ID, be32],
  llHeader: [c.NFTA_TRACE_LL_HEADER, bytes],
  networkHeader: [c.NFTA_TRACE_NETWORK_HEADER, bytes],
  transportHeader: [c.NFTA_TRACE_TRANSPORT_HEADER, bytes],
  iif: [c.NFTA_TRACE_IIF, be32],
  iiftype: [c.NFTA_TRACE_IIFTYPE, be16],
  oif: [c.NFTA_TRACE_OIF, be32],
  oiftype: [c.NFTA_TRACE_OIFTYPE, be16],
  mark: [c.NFTA_TRACE_MARK, be32],
  nfproto: [c.NFTA_TRACE_NFPROTO, enumeration(be32, n.families)],
  policy: [c.NFTA_TRACE_POLICY, enumeration(be32, n.verdicts)],
  ctId: [c.NFTA_TRACE_CT_ID, be32],
  ctDirection: [c.NFTA_TRACE_CT_DIRECTION, enumeration(u8, ctDirections)],
  ctStatus: [c.NFTA_TRACE_CT_STATUS, flags(be32, ctStatuses)],
  ctState: [c.NFTA_TRACE_CT_STATE, flags(be32, ctStates)],
})
