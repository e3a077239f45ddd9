/** The operations on the ports of bridges. */

import type { OneOf } from '../../../codec/index.js'
import type { CallOptions } from '../../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../../netlink/check.js'
import { ENODEV } from '../../../netlink/errno.js'
import { NetlinkError } from '../../../netlink/errors.js'
import { items, type Operation, request, requestOne, withChannel } from '../../../netlink/operation.js'
import { refined } from '../../../netlink/request.js'
import { devNames } from '../../devnames.js'
import { AF_BRIDGE } from '../../family.js'
import { checkDev, checkOneOf } from '../../input.js'
import { adviseBridgePort } from '../../link/kind-advice.js'
import { bridgePort } from '../../link/kinds/bridge-port.js'
import type { PortOptionsOf } from '../../link/kinds/index.js'
import { kindData } from '../../link/kinds/kind.js'
import { adviseMissing, type Dev, describeDev, getLinkRequest, resolveDev } from '../../link/request.js'
import { resolveData } from '../../link/target.js'
import { bridgeModes, getBridgeLink, setBridgeLink } from '../link-table.js'
import { checkTarget, targetFlags } from '../target.js'
import { type BridgePort, type BridgePortData, bridgePortOf, readBridgePort } from './port.js'

/** What a bridge can be told of a port; times are seconds. */
export type BridgePortOptions = PortOptionsOf<'bridge'>

/** What can be changed of a port, and where. A `BridgePort`'s data fits: what only the kernel sets is passed over. */
export interface SetBridgePortOptions
  extends BridgePortOptions,
    Omit<BridgePortData, keyof BridgePortOptions>,
    CallOptions {
  /** Tell the bridge, which is the default. */
  master?: boolean | undefined
  /** Tell the device itself: a network card with a switch in it. Not with `master`. */
  self?: boolean | undefined
  /** How a network card switches between its functions: 'veb' itself, 'vepa' by way of the next switch. Implies `self`. */
  hwMode?: OneOf<keyof typeof bridgeModes.numbers> | undefined
}

const OWN_KEYS = ['master', 'self', 'hwMode'] as const

/**
 * Changes a port of a bridge, as `bridge link set`: all that is given in one request. What is not given stays. The interface has to
 * be a port already (`setLink(dev, { master })`). The kernel carries a request out step by step: where it refuses one option, others
 * may have taken effect. It passes over an option that it is too old for (`locked`: Linux 5.18, `mab`: 6.2): getBridgePort() lacks it then.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no such interface,
 * EOPNOTSUPP where it is no port of a bridge, EBUSY where `state` is given while the bridge runs the spanning tree protocol, ENETDOWN
 * where it is given to a port that is down
 * @see bridge(8), rtnetlink(7), linux/if_link.h (IFLA_BRPORT_*)
 * @example await setBridgePort('veth-red-br', { isolated: true, cost: 100 })
 */
export function* setBridgePort(dev: Dev, options: SetBridgePortOptions): Operation<void> {
  // A newer kernel, or one that pads its messages, has more in a port's data than there are options.
  const known = [...bridgePort.options, ...(bridgePort.readOnly ?? []), 'unknown', ...OWN_KEYS]
  checkKeys('setBridgePort', options, [...known, ...CALL_OPTIONS])
  checkDev(dev, 'dev')
  const { hwMode, master, self = hwMode === undefined ? undefined : true } = options
  if (hwMode !== undefined) checkOneOf(bridgeModes, hwMode, 'hwMode', 0xffff)
  const data = kindData('setBridgePort', bridgePort, options as Readonly<Record<string, unknown>>)
  const target = { master, self }
  checkTarget(target)
  if (hwMode !== undefined && self === false)
    throw new TypeError('self: false does not go with hwMode, which is the mode of the device itself')
  const flags = targetFlags(target)
  yield* withChannel(options.netns, function* (channel) {
    const index = yield* resolveDev(channel, dev)
    const protinfo = yield* resolveData(channel, bridgePort, data)
    yield* request(channel, {
      message: setBridgeLink,
      body: {
        header: { family: AF_BRIDGE, index },
        attributes: {
          protinfo: Object.keys(protinfo).length === 0 ? undefined : protinfo,
          afSpec: flags === undefined && hwMode === undefined ? undefined : { flags, mode: hwMode },
        },
      },
      flags: 0,
      answer: 'ack',
      subject: describeDev(dev),
      advise: (code, extack) =>
        code === 'EOPNOTSUPP'
          ? 'it is no port of a bridge, or its device cannot do this'
          : adviseBridgePort(code, extack, options),
    })
  })
}

/** Where the port is. */
export interface GetBridgePortOptions extends CallOptions {}

/**
 * One port of a bridge, by name, alternative name or ifindex: one request, no dump.
 *
 * @throws RangeError or TypeError for what is no name and no ifindex; NetlinkError ENODEV where there is no such interface, or it is no
 * port of a bridge
 * @see bridge(8), rtnetlink(7)
 * @example const { data } = await getBridgePort('veth-red-br')
 */
export function* getBridgePort(dev: Dev, options: GetBridgePortOptions = {}): Operation<BridgePort> {
  checkKeys('getBridgePort', options, CALL_OPTIONS)
  checkDev(dev, 'dev')
  return yield* withChannel(options.netns, function* (channel) {
    const link = yield* requestOne(channel, refined(getLinkRequest(dev), { advise: adviseMissing(channel) }))
    const port = bridgePortOf(link, (ifindex) => channel.ifname(ifindex))
    if (port !== null) return port
    throw new NetlinkError({
      operation: 'RTM_GETLINK',
      errno: ENODEV,
      subject: describeDev(dev),
      advice: 'the interface is there, but is no port of a bridge',
    })
  })
}

/** Which ports, and where. */
export interface ListBridgePortsOptions extends CallOptions {
  /** Only ports of this bridge. */
  bridge?: Dev | undefined
}

/**
 * The ports of all bridges of a namespace, or of one, as `bridge link`. The kernel has no filter here.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where `bridge` is no interface; DumpInterruptedError where
 * interfaces came or went during each of several attempts
 * @see bridge(8), rtnetlink(7)
 * @example const ports = await listBridgePorts({ bridge: 'v-net-0' })
 */
export function* listBridgePorts(options: ListBridgePortsOptions = {}): Operation<BridgePort[]> {
  checkKeys('listBridgePorts', options, ['bridge', ...CALL_OPTIONS])
  const { bridge } = options
  if (bridge !== undefined) checkDev(bridge, 'bridge')
  return yield* withChannel(options.netns, function* (channel) {
    const master = bridge === undefined ? undefined : yield* resolveDev(channel, bridge, 'bridge')
    const nameOf = devNames(channel)
    return yield* items<BridgePort>(channel, {
      message: getBridgeLink,
      body: { header: { family: AF_BRIDGE }, attributes: {} },
      flags: 0,
      answer: 'dump',
      read(bytes, start, end) {
        const port = readBridgePort(bytes, start, end, nameOf)
        return port === null || (master !== undefined && port.master !== master) ? undefined : port
      },
    })
  })
}
