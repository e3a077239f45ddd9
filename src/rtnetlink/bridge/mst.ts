/** Multiple spanning trees: what a port does in each of them (`bridge mst`). VLANs are given to them by setGlobalBridgeVlan(). */

import { getU32 } from '../../codec/bytes.js'
import { Attributes, type OneOf } from '../../codec/index.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import type { Extack } from '../../netlink/extack.js'
import { dump, type Operation, withChannel } from '../../netlink/operation.js'
import { AF_BRIDGE } from '../family.js'
import { checkDev, checkOneOf } from '../input.js'
import { RTEXT_FILTER_MST } from '../link/constants.js'
import { adviseBridgePort } from '../link/kind-advice.js'
import { portStates } from '../link/kinds/bridge-port.js'
import { type Dev, describeDev, requestAbout, resolveDev } from '../link/request.js'
import { ifinfomsg } from '../link/table.js'
import { bridgeLinkAttributes, getBridgeLink, setBridgeLink } from './link-table.js'
import { NO_VLAN_FILTERING } from './no-filtering.js'
import type { BridgePortOptions } from './port/operations.js'
import type { BridgePortState } from './vlan/vlan.js'

/** What a port does in one spanning tree. It is accepted by setBridgeMst(): `setBridgeMst(it.dev, it)`. */
export interface BridgeMst {
  readonly ifindex: number
  readonly dev: string
  /** The tree's number, from 0 to 4095; 0 is the common one, in which the port's state is that of `getBridgePort()`. */
  readonly msti: number
  readonly state: OneOf<BridgePortState>
}

/** A tree, what the port does in it, and where. */
export interface SetBridgeMstOptions extends CallOptions {
  msti: number
  state: OneOf<BridgePortState>
  /** Of a listed value; not looked at. */
  ifindex?: number | undefined
  dev?: string | undefined
}

/**
 * Sets what a port does in one of the spanning trees of its bridge, as `bridge mst set` (Linux 5.18, an older one takes it and does
 * nothing; the bridge needs `mst_enable`). That in the common tree, 0, is set as by setBridgePort().
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no such interface, EBUSY
 * where the bridge has no spanning trees (the kernel says so in `extack.message`) or, of the common one, runs the protocol itself, EOPNOTSUPP where it is no port, or without VLAN filtering
 * in the kernel
 * @see bridge(8), rtnetlink(7)
 * @example await setBridgeMst('veth-red-br', { msti: 7, state: 'blocking' })
 */
export function* setBridgeMst(dev: Dev, options: SetBridgeMstOptions): Operation<void> {
  checkKeys('setBridgeMst', options, ['msti', 'state', 'ifindex', 'dev', ...CALL_OPTIONS])
  checkDev(dev, 'dev')
  const msti = checkInteger(options.msti, 'msti', 0, MAX_MSTI, 'the number of a spanning tree')
  const { state } = options
  checkOneOf(portStates, state, 'state')
  yield* requestAbout(options.netns, dev, (index) => ({
    message: setBridgeLink,
    body: {
      header: { family: AF_BRIDGE, index },
      // As one of several trees the kernel takes none of 0 (br_mst_nl_policy of net/bridge/br_mst.c).
      attributes: msti === 0 ? { protinfo: { state } } : { afSpec: { mst: { entry: [{ msti, state }] } } },
    },
    flags: 0,
    answer: 'ack',
    subject: describeDev(dev),
    advise: msti === 0 ? (code, extack) => adviseCommon(code, extack, { state }) : ADVICE,
  }))
}

const MAX_MSTI = 4095

/** Spanning trees are of VLANs. */
const NO_TREES = `it is no port of a bridge, or ${NO_VLAN_FILTERING}`
const SWITCHED_OFF =
  "setLink() of the bridge gives it spanning trees: { kind: 'bridge', multiBoolopt: { mst_enable: true } }"

const ADVICE = { EOPNOTSUPP: NO_TREES, EBUSY: SWITCHED_OFF }

function adviseCommon(code: string, extack: Extack, options: BridgePortOptions): string | undefined {
  return code === 'EOPNOTSUPP' ? 'it is no port of a bridge' : adviseBridgePort(code, extack, options)
}

/** Which ports, and where. */
export interface ListBridgeMstOptions extends CallOptions {
  /** Only this port. */
  dev?: Dev | undefined
}

/**
 * What ports do in the spanning trees that their VLANs belong to, as `bridge mst`; none where the bridge has no such trees. The kernel has
 * no filter here.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where `dev` is no interface
 * @see bridge(8), rtnetlink(7)
 * @example const states = await listBridgeMst({ dev: 'veth-red-br' })
 */
export function* listBridgeMst(options: ListBridgeMstOptions = {}): Operation<BridgeMst[]> {
  checkKeys('listBridgeMst', options, ['dev', ...CALL_OPTIONS])
  const { dev } = options
  if (dev !== undefined) checkDev(dev, 'dev')
  return yield* withChannel(options.netns, function* (channel) {
    const wanted = dev === undefined ? undefined : yield* resolveDev(channel, dev)
    const found = new Attributes(bridgeLinkAttributes)
    const field = bridgeLinkAttributes.field
    const lists = yield* dump<BridgeMst[]>(channel, {
      message: getBridgeLink,
      body: { header: { family: AF_BRIDGE }, attributes: { extMask: RTEXT_FILTER_MST } },
      flags: 0,
      answer: 'dump',
      read(bytes, start, end) {
        const ifindex = getU32(bytes, start + ifinfomsg.offsets.index)
        if (wanted !== undefined && ifindex !== wanted) return undefined
        found.load(bytes, start + ifinfomsg.size, end)
        const dev = found.get(field.ifname) ?? ''
        return found
          .get(field.afSpec)
          ?.mst?.entry?.map(({ msti = 0, state = 'disabled' }) => ({ ifindex, dev, msti, state }))
      },
    })
    return lists.flat()
  })
}
