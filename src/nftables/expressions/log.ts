/** To the kernel's log, or to a group of nfnetlink_log: enum nft_log_attributes. */

import { attributes, be16, be32, enumeration, flags, names, text } from '../../codec/index.js'

/** enum nft_log_level */
export const logLevels = names({
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
  audit: 8,
})
/** NF_LOG_* of linux/netfilter/nf_log.h */
export const logFlags = names({ tcpseq: 1, tcpopt: 2, ipopt: 4, uid: 8, nflog: 0x10, macdecode: 0x20 })
/** NF_LOG_PREFIXLEN counts the NUL. */
const MAX_PREFIX = 127

export const log = () =>
  attributes('NFTA_LOG', {
    group: [1, be16],
    prefix: [2, text(MAX_PREFIX)],
    snaplen: [3, be32],
    qthreshold: [4, be16],
    level: [5, enumeration(be32, logLevels)],
    flags: [6, flags(be32, logFlags)],
  })
