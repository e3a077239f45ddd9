/** What can be said of a VLAN on a port, and on all ports of a bridge: `bridge vlan set` and `bridge vlan global set`. */

import { encodeAttributes } from '../../../codec/encode.js'
import { guarded, type OneOf, Writer } from '../../../codec/index.js'
import type { CallOptions } from '../../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkInteger, checkKeys } from '../../../netlink/check.js'
import type { Operation } from '../../../netlink/operation.js'
import type { Request } from '../../../netlink/request.js'
import { AF_BRIDGE } from '../../family.js'
import { checkDev, checkOneOf } from '../../input.js'
import { RTM_DELLINK } from '../../link/constants.js'
import { portStates } from '../../link/kinds/bridge-port.js'
import { type Dev, describeDev, requestAbout } from '../../link/request.js'
import { RTM_SETLINK } from '../constants.js'
import { NO_VLAN_FILTERING } from '../no-filtering.js'
import { type McastRouter, routerTypes } from '../router-types.js'
import { type Vids, vidRange } from '../vid.js'
import { MAX_TUNNEL_ID } from './change.js'
import { globalVlan, newVlan } from './table.js'
import { type BridgePortState, GLOBAL_OPTIONS, type GlobalBridgeVlan } from './vlan.js'

/** What can be changed of VLANs that a port has, and where. */
export interface SetBridgeVlanOptions extends CallOptions {
  /** One VLAN or a range of them: 100, [100, 200]. */
  vid: Vids
  state?: OneOf<BridgePortState> | undefined
  /** Whether there is a multicast router. */
  mcastRouter?: OneOf<McastRouter> | undefined
  /** How many multicast groups it can have; 0: any number. */
  mcastMaxGroups?: number | undefined
  /** Answers ARP and neighbour discovery for what it knows (the port needs `neighVlanSuppress`). */
  neighSuppress?: boolean | undefined
  /** With `neighSuppress`: forwards what neighbours say unasked (gratuitous ARP, unsolicited advertisements) all the same. */
  neighForwardGrat?: boolean | undefined
  /** The id by which it travels through a tunnel; of a range that of the first, and the others follow. Null removes it. */
  tunnelId?: number | null | undefined
}

/** Attributes that an older kernel refuses, by where they stand. */
const RECENT: Readonly<Record<string, string>> = {
  'entry[0].mcastRouter': 'mcastRouter needs Linux 5.15',
  'entry[0].mcastMaxGroups': 'mcastMaxGroups needs Linux 6.3',
  'entry[0].neighSuppress': 'neighSuppress needs Linux 6.4',
  'entry[0].neighForwardGrat': 'neighForwardGrat needs Linux 7.2',
  'globalOptions[0]': 'options of VLANs on all ports need Linux 5.15',
  'globalOptions[0].msti': 'msti needs Linux 5.18',
}

const KEYS: readonly (keyof SetBridgeVlanOptions)[] = [
  ...(['vid', 'state', 'mcastRouter', 'mcastMaxGroups'] as const),
  ...(['neighSuppress', 'neighForwardGrat', 'tunnelId'] as const),
]

/**
 * Changes what a port, or the bridge itself, has for VLANs that it is a member of, as `bridge vlan set`. What is not given stays.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no such interface,
 * ENOENT where it does not have all these VLANs, EINVAL (the kernel says why in `extack.message`)
 * @see bridge(8), rtnetlink(7)
 * @example await setBridgeVlan('veth-red-br', { vid: 100, state: 'blocking' })
 */
export function* setBridgeVlan(dev: Dev, options: SetBridgeVlanOptions): Operation<void> {
  checkKeys('setBridgeVlan', options, [...KEYS, ...CALL_OPTIONS])
  checkDev(dev, 'dev')
  const { state, mcastRouter, mcastMaxGroups, neighSuppress, neighForwardGrat, tunnelId } = options
  const { first, last } = vidRange(options.vid, 'vid')
  if (state !== undefined) checkOneOf(portStates, state, 'state')
  if (mcastRouter !== undefined) checkOneOf(routerTypes, mcastRouter, 'mcastRouter')
  if (mcastMaxGroups !== undefined) checkInteger(mcastMaxGroups, 'mcastMaxGroups', 0, 0xffffffff)
  for (const key of ['neighSuppress', 'neighForwardGrat'] as const)
    if (options[key] !== undefined) checkBoolean(options[key], key)
  if (tunnelId != null)
    checkInteger(tunnelId, 'tunnelId', 0, MAX_TUNNEL_ID - (last - first), 'the id of a tunnel')
  const entry = {
    info: { flags: ['only_opts'], vid: first },
    range: first === last ? undefined : last,
    state,
    tunnelInfo:
      tunnelId === undefined
        ? undefined
        : tunnelId === null
          ? { cmd: RTM_DELLINK }
          : { id: tunnelId, cmd: RTM_SETLINK },
    mcastRouter,
    mcastMaxGroups,
    neighSuppress,
    neighForwardGrat,
  }
  yield* change(dev, options, { entry: [entry] })
}

/** What can be changed of VLANs of a bridge, on all its ports; times are seconds. What only the kernel sets is passed over. */
export interface SetGlobalBridgeVlanOptions
  extends Partial<Omit<GlobalBridgeVlan, 'vid' | 'ifindex' | 'dev'>>,
    CallOptions {
  /** One VLAN or a range of them: 100, [100, 200]. */
  vid: Vids
  /** Of a listed value; not looked at. */
  ifindex?: number | undefined
  dev?: string | null | undefined
}

const READ_ONLY = ['mcastRouterPorts', 'mcastQuerierState']
/** What the kernel takes of options without a word (br_multicast_set_igmp_version(), br_multicast_set_mld_version()). */
const TAKES = { mcastIgmpVersion: '2 or 3', mcastMldVersion: '1 or 2' } as const

/**
 * Changes what a bridge has for VLANs on all its ports, as `bridge vlan global set`: multicast snooping, and which spanning tree they
 * belong to (`msti`). What is not given stays.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no such interface,
 * EINVAL (the kernel says why in `extack.message`)
 * @see bridge(8), rtnetlink(7)
 * @example await setGlobalBridgeVlan('v-net-0', { vid: [100, 200], mcastSnooping: false })
 */
export function* setGlobalBridgeVlan(bridge: Dev, options: SetGlobalBridgeVlanOptions): Operation<void> {
  checkKeys('setGlobalBridgeVlan', options, ['vid', 'ifindex', 'dev', ...GLOBAL_OPTIONS, ...CALL_OPTIONS])
  checkDev(bridge, 'bridge')
  const { first, last } = vidRange(options.vid, 'vid')
  const given: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(options))
    if (GLOBAL_OPTIONS.includes(key) && !READ_ONLY.includes(key)) given[key] = value
  guarded('setGlobalBridgeVlan', () => encodeAttributes(globalVlan, new Writer(256), given))
  const globalOptions = { id: first, range: first === last ? undefined : last, ...given }
  yield* change(bridge, options, { globalOptions: [globalOptions] })
}

function adviseVersions(options: object): string | undefined {
  const given = Object.entries(TAKES).filter(([option]) => Object.hasOwn(options, option))
  return given.length === 0 ? undefined : given.map(([option, takes]) => `${option}: ${takes}`).join('; ')
}

function* change(dev: Dev, options: CallOptions, attributes: Request['body']['attributes']): Operation<void> {
  yield* requestAbout(options.netns, dev, (ifindex) => ({
    message: newVlan,
    body: { header: { family: AF_BRIDGE, ifindex }, attributes },
    flags: 0,
    answer: 'ack',
    subject: describeDev(dev),
    advise: (code, { message, path }) => {
      if (code === 'EOPNOTSUPP') return NO_VLAN_FILTERING
      if (code !== 'EINVAL') return undefined
      return path === null && message === null ? adviseVersions(options) : RECENT[path ?? '']
    },
  }))
}
