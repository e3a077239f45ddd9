/** Statistics: enum ctattr_stats_cpu, ctattr_stats_global and ctattr_expect_stats (linux/netfilter/nfnetlink_conntrack.h). */

import { attributes, be32, message } from '../codec/index.js'
import { NFNL_SUBSYS_CTNETLINK, NFNL_SUBSYS_CTNETLINK_EXP, nfgenmsg, nfnlType } from '../netlink/netfilter.js'
import {
  IPCTNL_MSG_CT_GET_STATS,
  IPCTNL_MSG_CT_GET_STATS_CPU,
  IPCTNL_MSG_EXP_GET_STATS_CPU,
} from './constants.js'

export const statsAttributes = attributes('CTA_STATS', {
  searched: [1, be32],
  found: [2, be32],
  new: [3, be32],
  invalid: [4, be32],
  ignore: [5, be32],
  delete: [6, be32],
  deleteList: [7, be32],
  insert: [8, be32],
  insertFailed: [9, be32],
  drop: [10, be32],
  earlyDrop: [11, be32],
  error: [12, be32],
  searchRestart: [13, be32],
  clashResolve: [14, be32],
  chainToolong: [15, be32],
})

export const globalStatsAttributes = attributes('CTA_STATS_GLOBAL', {
  entries: [1, be32],
  maxEntries: [2, be32],
})

export const expectStatsAttributes = attributes('CTA_STATS_EXP', {
  new: [1, be32],
  create: [2, be32],
  delete: [3, be32],
})

export const getStatsCpu = message(
  'IPCTNL_MSG_CT_GET_STATS_CPU',
  nfnlType(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS_CPU),
  nfgenmsg,
  statsAttributes,
)
export const getStats = message(
  'IPCTNL_MSG_CT_GET_STATS',
  nfnlType(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS),
  nfgenmsg,
  globalStatsAttributes,
)
export const getExpectStatsCpu = message(
  'IPCTNL_MSG_EXP_GET_STATS_CPU',
  nfnlType(NFNL_SUBSYS_CTNETLINK_EXP, IPCTNL_MSG_EXP_GET_STATS_CPU),
  nfgenmsg,
  expectStatsAttributes,
)
