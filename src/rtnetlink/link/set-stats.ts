import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../../netlink/check.js'
import type { Operation } from '../../netlink/operation.js'
import { checkDev } from '../input.js'
import { adviseMissing, type Dev, describeDev, requestAbout } from './request.js'
import { setStats } from './stats-table.js'

/** What is to be counted of an interface, and where it is. */
export interface SetLinkStatsOptions extends CallOptions {
  /** Routed packets that the hardware forwards by itself. */
  l3: boolean
}

/**
 * Tells the driver of an interface what to count in hardware, as `ip stats set` (Linux 5.18). Whether it does tells
 * `getLinkStats(dev, { offload: true })`: where no driver can, `l3.used` stays false and that is no error.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where there is no such interface, EOPNOTSUPP before Linux 5.18
 * @see ip-stats(8), rtnetlink(7), linux/if_link.h (IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS)
 * @example await setLinkStats('eth0', { l3: true, netns: red })
 */
export function* setLinkStats(dev: Dev, options: SetLinkStatsOptions): Operation<void> {
  checkKeys('setLinkStats', options, ['l3', ...CALL_OPTIONS])
  checkDev(dev, 'dev')
  const { l3 } = options
  checkBoolean(l3, 'l3')
  yield* requestAbout(options.netns, dev, (ifindex, channel) => ({
    message: setStats,
    body: { header: { ifindex }, attributes: { l3Stats: l3 } },
    flags: 0,
    answer: 'ack',
    subject: describeDev(dev),
    advise: (code) =>
      code === 'EOPNOTSUPP'
        ? 'before Linux 5.18 the kernel cannot be told what to count in hardware'
        : adviseMissing(channel)(code),
  }))
}
