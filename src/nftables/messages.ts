/** The messages of nf_tables: enum nf_tables_msg_types, and the ends of a batch (linux/netfilter/nfnetlink.h). */

import { type Fields, type Message, message, type Table } from '../codec/index.js'
import { NFNL_SUBSYS_NFTABLES, nfgenmsg, nfnlType } from '../netlink/netfilter.js'
import * as a from './attributes.js'
import * as c from './constants.js'

type Header = (typeof nfgenmsg)['members']

function define<F extends Fields>(name: string, number: number, table: Table<F>): Message<Header, F> {
  return message(name, nfnlType(NFNL_SUBSYS_NFTABLES, number), nfgenmsg, table)
}

export const batchBegin = message('NFNL_MSG_BATCH_BEGIN', c.NFNL_MSG_BATCH_BEGIN, nfgenmsg, a.batchAttributes)
export const batchEnd = message('NFNL_MSG_BATCH_END', c.NFNL_MSG_BATCH_END, nfgenmsg, a.batchAttributes)

export const newTable = define('NFT_MSG_NEWTABLE', c.NFT_MSG_NEWTABLE, a.tableAttributes)
export const getTable = define('NFT_MSG_GETTABLE', c.NFT_MSG_GETTABLE, a.tableAttributes)
export const delTable = define('NFT_MSG_DELTABLE', c.NFT_MSG_DELTABLE, a.tableAttributes)
export const destroyTable = define('NFT_MSG_DESTROYTABLE', c.NFT_MSG_DESTROYTABLE, a.tableAttributes)

export const newChain = define('NFT_MSG_NEWCHAIN', c.NFT_MSG_NEWCHAIN, a.chainAttributes)
export const getChain = define('NFT_MSG_GETCHAIN', c.NFT_MSG_GETCHAIN, a.chainAttributes)
export const delChain = define('NFT_MSG_DELCHAIN', c.NFT_MSG_DELCHAIN, a.chainAttributes)
export const destroyChain = define('NFT_MSG_DESTROYCHAIN', c.NFT_MSG_DESTROYCHAIN, a.chainAttributes)

export const newRule = define('NFT_MSG_NEWRULE', c.NFT_MSG_NEWRULE, a.ruleAttributes)
export const getRule = define('NFT_MSG_GETRULE', c.NFT_MSG_GETRULE, a.ruleAttributes)
export const delRule = define('NFT_MSG_DELRULE', c.NFT_MSG_DELRULE, a.ruleAttributes)
export const getRuleReset = define('NFT_MSG_GETRULE_RESET', c.NFT_MSG_GETRULE_RESET, a.ruleAttributes)
export const destroyRule = define('NFT_MSG_DESTROYRULE', c.NFT_MSG_DESTROYRULE, a.ruleAttributes)

export const newSet = define('NFT_MSG_NEWSET', c.NFT_MSG_NEWSET, a.setAttributes)
export const getSet = define('NFT_MSG_GETSET', c.NFT_MSG_GETSET, a.setAttributes)
export const delSet = define('NFT_MSG_DELSET', c.NFT_MSG_DELSET, a.setAttributes)
export const destroySet = define('NFT_MSG_DESTROYSET', c.NFT_MSG_DESTROYSET, a.setAttributes)

export const newElements = define('NFT_MSG_NEWSETELEM', c.NFT_MSG_NEWSETELEM, a.elementsAttributes)
export const getElements = define('NFT_MSG_GETSETELEM', c.NFT_MSG_GETSETELEM, a.elementsAttributes)
export const delElements = define('NFT_MSG_DELSETELEM', c.NFT_MSG_DELSETELEM, a.elementsAttributes)
export const destroyElements = define(
  'NFT_MSG_DESTROYSETELEM',
  c.NFT_MSG_DESTROYSETELEM,
  a.elementsAttributes,
)
export const getElementsReset = define(
  'NFT_MSG_GETSETELEM_RESET',
  c.NFT_MSG_GETSETELEM_RESET,
  a.elementsAttributes,
)

/** NFT_MSG_NEWGEN is an event only. */
export const newGen = define('NFT_MSG_NEWGEN', c.NFT_MSG_NEWGEN, a.genAttributes)
export const getGen = define('NFT_MSG_GETGEN', c.NFT_MSG_GETGEN, a.genAttributes)
export const trace = define('NFT_MSG_TRACE', c.NFT_MSG_TRACE, a.traceAttributes)

export const newObject = define('NFT_MSG_NEWOBJ', c.NFT_MSG_NEWOBJ, a.objectAttributes)
export const getObject = define('NFT_MSG_GETOBJ', c.NFT_MSG_GETOBJ, a.objectAttributes)
export const delObject = define('NFT_MSG_DELOBJ', c.NFT_MSG_DELOBJ, a.objectAttributes)
export const getObjectReset = define('NFT_MSG_GETOBJ_RESET', c.NFT_MSG_GETOBJ_RESET, a.objectAttributes)
export const destroyObject = define('NFT_MSG_DESTROYOBJ', c.NFT_MSG_DESTROYOBJ, a.objectAttributes)

export const newFlowtable = define('NFT_MSG_NEWFLOWTABLE', c.NFT_MSG_NEWFLOWTABLE, a.flowtableAttributes)
export const getFlowtable = define('NFT_MSG_GETFLOWTABLE', c.NFT_MSG_GETFLOWTABLE, a.flowtableAttributes)
export const delFlowtable = define('NFT_MSG_DELFLOWTABLE', c.NFT_MSG_DELFLOWTABLE, a.flowtableAttributes)
export const destroyFlowtable = define(
  'NFT_MSG_DESTROYFLOWTABLE',
  c.NFT_MSG_DESTROYFLOWTABLE,
  a.flowtableAttributes,
)
