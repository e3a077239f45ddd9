/** The changes of forwarding tables. */

import { toBits } from '../../../codec/choice.js'
import { show } from '../../../codec/fault.js'
import { type AnyOf, guarded } from '../../../codec/index.js'
import type { CallOptions } from '../../../netlink/call.js'
import { CALL_OPTIONS, checkKeys, checkKnown } from '../../../netlink/check.js'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js'
import { type Operation, request, withChannel } from '../../../netlink/operation.js'
import { AF_BRIDGE } from '../../family.js'
import { checkDev } from '../../input.js'
import { type Dev, describeDev, resolveDev } from '../../link/request.js'
import { NUD_NOARP, NUD_PERMANENT } from '../../neighbour/constants.js'
import { delNeighbour } from '../../neighbour/table.js'
import { NLM_F_BULK } from '../constants.js'
import { checkFdbInput, checkFdbKey, checkTunnel, FDB_KEYS, type FdbInput, type FdbKey } from './options.js'
import { deleteFdbRequest, newFdbRequest, tableBits, tunnelAttributes } from './request.js'
import { type FdbFlushFlag, fdbFlushFlags } from './table.js'

/** An entry to be put into a forwarding table, and where. */
export interface FdbOptions extends FdbInput, CallOptions {}

/** Which entry, and where. */
export interface DeleteFdbEntryOptions extends FdbKey, CallOptions {}

/**
 * Puts an entry into a forwarding table, as `bridge fdb add`: of the bridge that `dev` is a port of (`master`), or of `dev` itself, a
 * vxlan device or a bridge.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError EEXIST where there is an entry already (one
 * with 'extern_learn' takes its place instead), ENODEV where there is no such interface, EOPNOTSUPP where it is no port of a bridge,
 * EPERM where a dynamic entry is for a port that is not learning or forwarding (yet), EINVAL where it is not in `vlan`, or for what the
 * kernel says in `extack.message`
 * @see bridge(8), rtnetlink(7)
 * @example await addFdbEntry({ mac: '02:00:00:00:00:09', dev: 'veth-red-br', master: true, state: 'static' })
 * @example await addFdbEntry({ mac: '02:00:00:00:00:09', dev: 'vx0', dst: '192.0.2.9', vni: 43 })
 */
export function* addFdbEntry(entry: FdbOptions): Operation<void> {
  yield* put('addFdbEntry', entry, NLM_F_CREATE | NLM_F_EXCL)
}

/**
 * Puts an entry into a forwarding table or changes the one that is there, as `bridge fdb replace`.
 *
 * @throws as addFdbEntry(), but for EEXIST
 * @see bridge(8), rtnetlink(7)
 * @example await replaceFdbEntry({ mac: '02:00:00:00:00:09', dev: 'veth-blue-br', master: true, state: 'static' })
 */
export function* replaceFdbEntry(entry: FdbOptions): Operation<void> {
  yield* put('replaceFdbEntry', entry, NLM_F_CREATE | NLM_F_REPLACE)
}

/**
 * Adds one more destination of an address, as `bridge fdb append`: a vxlan device then sends a copy to each.
 *
 * @throws as addFdbEntry(); EEXIST where this very destination is there
 * @see bridge(8), rtnetlink(7)
 * @example await appendFdbEntry({ mac: '00:00:00:00:00:00', dev: 'vx0', dst: '192.0.2.10' })
 */
export function* appendFdbEntry(entry: FdbOptions): Operation<void> {
  yield* put('appendFdbEntry', entry, NLM_F_CREATE | NLM_F_APPEND)
}

function* put(call: string, entry: FdbOptions, flags: number): Operation<void> {
  checkKeys(call, entry, [...FDB_KEYS, ...CALL_OPTIONS])
  checkFdbInput(entry)
  yield* withChannel(entry.netns, function* (channel) {
    yield* request(channel, yield* newFdbRequest(channel, entry, flags))
  })
}

/**
 * Deletes an entry of a forwarding table. A listed entry names itself.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENOENT where there is no such entry, ENODEV
 * where there is no such interface
 * @see bridge(8), rtnetlink(7)
 * @example await deleteFdbEntry({ mac: '02:00:00:00:00:09', dev: 'veth-red-br', master: true })
 */
export function* deleteFdbEntry(entry: DeleteFdbEntryOptions): Operation<void> {
  checkKeys('deleteFdbEntry', entry, [...FDB_KEYS, ...CALL_OPTIONS])
  checkFdbKey(entry)
  yield* withChannel(entry.netns, function* (channel) {
    yield* request(channel, yield* deleteFdbRequest(channel, entry))
  })
}

/** ndm_state and its mask, of the entries that a flush is about. */
const FLUSHED = {
  permanent: { state: NUD_PERMANENT, mask: NUD_PERMANENT },
  static: { state: NUD_NOARP, mask: NUD_PERMANENT | NUD_NOARP },
  dynamic: { state: 0, mask: NUD_PERMANENT | NUD_NOARP },
  nopermanent: { state: 0, mask: NUD_PERMANENT },
  // To the kernel a permanent entry is a static one, too.
  nostatic: { state: 0, mask: NUD_NOARP },
  nodynamic: { state: NUD_NOARP, mask: NUD_NOARP },
} as const

/** Which entries: those that everything given applies to. */
export interface FlushFdbOptions extends CallOptions {
  /** A bridge: only entries of this port. */
  brport?: Dev | undefined
  vlan?: number | undefined
  /** 'nopermanent': static and dynamic ones; 'nostatic': of a bridge dynamic ones alone; 'nodynamic': static and permanent ones. */
  state?: keyof typeof FLUSHED | undefined
  /** Only entries that have all of these: 'extern_learn', 'sticky', 'offload', 'use' (made by a user), 'router' (vxlan). */
  flags?: AnyOf<FdbFlushFlag> | undefined
  /** Only entries that have none of these. */
  withoutFlags?: AnyOf<FdbFlushFlag> | undefined
  /** Of a vxlan device (Linux 6.7): the other end, its UDP port, the network ids, the nexthop. */
  dst?: string | undefined
  port?: number | undefined
  vni?: number | undefined
  srcVni?: number | undefined
  nhid?: number | undefined
  /** The table of the bridge that `dev` is a port of, instead of that of `dev` itself. */
  master?: boolean | undefined
}

const FLUSH_KEYS: readonly (keyof FlushFdbOptions)[] = [
  ...(['brport', 'vlan', 'state', 'flags', 'withoutFlags'] as const),
  ...(['dst', 'port', 'vni', 'srcVni', 'nhid', 'master', ...CALL_OPTIONS] as const),
]

/** ndm_flags, of 8 bits. Throws RangeError, TypeError naming the option. */
function flushBits(flags: AnyOf<FdbFlushFlag>, field: string): number {
  const bits = guarded(field, () => toBits(fdbFlushFlags, flags))
  if (bits > 0xff) throw new RangeError(`${field}: ${show(flags)} has flags that no flush can look at`)
  return bits
}

/**
 * Deletes all entries of a bridge or a vxlan device that the options apply to, as `bridge fdb flush`: the kernel selects them (Linux
 * 5.19), in one request. Without options it is all, the addresses of the bridge and its ports too: most often `{ state: 'dynamic' }` is
 * meant.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no such interface,
 * EOPNOTSUPP where it has no such table
 * @see bridge(8), rtnetlink(7)
 * @example await flushFdb('v-net-0', { brport: 'veth-red-br', state: 'dynamic' })
 */
export function* flushFdb(dev: Dev, options: FlushFdbOptions = {}): Operation<void> {
  checkKeys('flushFdb', options, FLUSH_KEYS)
  checkDev(dev, 'dev')
  const { brport, state, flags = [], withoutFlags = [], netns } = options
  if (brport !== undefined) checkDev(brport, 'brport')
  checkTunnel(options)
  if (state !== undefined) checkKnown(state, 'state', FLUSHED)
  const wanted = flushBits(flags, 'flags')
  const mask = wanted | flushBits(withoutFlags, 'withoutFlags')
  yield* withChannel(netns, function* (channel) {
    const ifindex = yield* resolveDev(channel, dev)
    const { vlan, ...tunnel } = yield* tunnelAttributes(channel, options)
    const port = brport === undefined ? undefined : yield* resolveDev(channel, brport, 'brport')
    yield* request(channel, {
      message: delNeighbour,
      body: {
        header: {
          family: AF_BRIDGE,
          ifindex,
          state: [state === undefined ? 0 : FLUSHED[state].state],
          flags: [wanted | tableBits(options)],
        },
        attributes: {
          ...tunnel,
          ifindex: port,
          vlan,
          ndmFlagsMask: mask === 0 ? undefined : mask,
          ndmStateMask: state === undefined ? undefined : FLUSHED[state].mask,
        },
      },
      flags: NLM_F_BULK,
      answer: 'ack',
      subject: `forwarding table of ${describeDev(dev)}`,
    })
  })
}
