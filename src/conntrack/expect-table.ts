/** IPCTNL_MSG_EXP_*: struct nfgenmsg and enum ctattr_expect (linux/netfilter/nfnetlink_conntrack.h). */

import {
  attributes,
  be16,
  be32,
  enumeration,
  flagged,
  flags,
  type Infer,
  message,
  names,
  nested,
  string,
} from '../codec/index.js'
import { NFNL_SUBSYS_CTNETLINK_EXP, nfgenmsg, nfnlType } from '../netlink/netfilter.js'
import * as c from './constants.js'
import { helperName } from './table.js'
import { tupleAttributes } from './tuple-table.js'

/** NF_CT_EXPECT_* (linux/netfilter/nf_conntrack_common.h). */
export const expectationFlags = names({ permanent: 0x1, inactive: 0x2, userspace: 0x4 })

/** enum ip_conntrack_dir (linux/netfilter/nf_conntrack_tuple_common.h). */
export const directions = names({ original: 0, reply: 1 })

const tuple = flagged(nested(tupleAttributes))

export const expectNatAttributes = attributes('CTA_EXPECT_NAT', {
  dir: [c.CTA_EXPECT_NAT_DIR, enumeration(be32, directions)],
  tuple: [c.CTA_EXPECT_NAT_TUPLE, tuple],
})

export const expectAttributes = attributes('CTA_EXPECT', {
  master: [c.CTA_EXPECT_MASTER, tuple],
  tuple: [c.CTA_EXPECT_TUPLE, tuple],
  mask: [c.CTA_EXPECT_MASK, tuple],
  /** Seconds. */
  timeout: [c.CTA_EXPECT_TIMEOUT, be32],
  id: [c.CTA_EXPECT_ID, be32],
  helpName: [c.CTA_EXPECT_HELP_NAME, helperName],
  zone: [c.CTA_EXPECT_ZONE, be16],
  flags: [c.CTA_EXPECT_FLAGS, flags(be32, expectationFlags)],
  class: [c.CTA_EXPECT_CLASS, be32],
  nat: [c.CTA_EXPECT_NAT, flagged(nested(expectNatAttributes))],
  fn: [c.CTA_EXPECT_FN, string],
})

export type ExpectAttributes = Infer<typeof expectAttributes>

function define(name: string, type: number) {
  return message(name, nfnlType(NFNL_SUBSYS_CTNETLINK_EXP, type), nfgenmsg, expectAttributes)
}

export const newExpectation = define('IPCTNL_MSG_EXP_NEW', c.IPCTNL_MSG_EXP_NEW)
export const getExpectationMessage = define('IPCTNL_MSG_EXP_GET', c.IPCTNL_MSG_EXP_GET)
export const delExpectation = define('IPCTNL_MSG_EXP_DELETE', c.IPCTNL_MSG_EXP_DELETE)
