/** The changes of multicast tables. */

import type { Infer } from '../../../codec/index.js'
import type { CallOptions } from '../../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../../netlink/check.js'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js'
import { type Channel, type Operation, request, withChannel } from '../../../netlink/operation.js'
import type { Advice, Request } from '../../../netlink/request.js'
import { AF_BRIDGE } from '../../family.js'
import { checkDev, checkOneOf } from '../../input.js'
import { type Dev, describeDev, resolveDev } from '../../link/request.js'
import { routeProtocols } from '../../route/table.js'
import { MDB_PERMANENT, NLM_F_BULK } from '../constants.js'
import { checkVid } from '../vid.js'
import {
  addressOf,
  checkMdbInput,
  checkMdbKey,
  checkMdbTunnel,
  MDB_KEYS,
  type MdbInput,
  type MdbKey,
  mdbDev,
  mdbPort,
} from './options.js'
import { delMdb, type mdbRequest, mdbStates, newMdb } from './table.js'

/** An entry to be put into a multicast table, and where. */
export interface MdbOptions extends MdbInput, CallOptions {}

/** Which entry, and where. */
export interface DeleteMdbEntryOptions extends MdbKey, CallOptions {}

/**
 * Lets a port of a bridge get a multicast group, as `bridge mdb add`; of a vxlan device, a tunnel. The bridge has to be up and snooping.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError EEXIST where there is such an entry, ENODEV
 * where there is no such interface, EINVAL (the kernel says why in `extack.message`)
 * @see bridge(8), rtnetlink(7)
 * @example await addMdbEntry({ dev: 'v-net-0', port: 'veth-red-br', group: '239.1.1.1', state: 'permanent' })
 */
export function* addMdbEntry(entry: MdbOptions): Operation<void> {
  const taken = 'there is such an entry already; replaceMdbEntry() changes it'
  yield* put('addMdbEntry', entry, NLM_F_CREATE | NLM_F_EXCL, taken)
}

/**
 * Lets a port get a multicast group, or changes the entry that is there, as `bridge mdb replace` (Linux 6.2).
 *
 * @throws as addMdbEntry(); EEXIST from an older kernel
 * @see bridge(8), rtnetlink(7)
 * @example
 * const group = { dev: 'v-net-0', port: 'veth-red-br', group: '239.1.1.1' }
 * await replaceMdbEntry({ ...group, filterMode: 'include', sources: ['192.0.2.7'] })
 */
export function* replaceMdbEntry(entry: MdbOptions): Operation<void> {
  const old = 'there is such an entry already; it takes Linux 6.2 to change it'
  yield* put('replaceMdbEntry', entry, NLM_F_CREATE | NLM_F_REPLACE, old)
}

/** Attributes that an older kernel refuses, by where they stand. */
const RECENT: Advice = {
  'attrs.srcList': 'sources need Linux 6.2',
  'attrs.groupMode': 'filterMode needs Linux 6.2',
  'attrs.rtprot': 'protocol needs Linux 6.2',
}

/** `taken` is the advice for an entry that is there. */
function* put(call: string, entry: MdbOptions, flags: number, taken: string): Operation<void> {
  checkKeys(call, entry, [...MDB_KEYS, ...CALL_OPTIONS])
  checkMdbInput(entry)
  yield* withChannel(entry.netns, function* (channel) {
    yield* request(channel, {
      message: newMdb,
      body: yield* bodyOf(channel, entry),
      flags,
      answer: 'ack',
      subject: describeEntry(entry),
      advise: (code, { path }) =>
        code === 'EEXIST' ? taken : code === 'EINVAL' ? RECENT[path ?? ''] : undefined,
    })
  })
}

/**
 * Takes a multicast group from a port, as `bridge mdb delete`. A listed entry names itself.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no such interface, EINVAL
 * where there is no such entry (ENOENT from a vxlan device)
 * @see bridge(8), rtnetlink(7)
 * @example await deleteMdbEntry({ dev: 'v-net-0', port: 'veth-red-br', group: '239.1.1.1' })
 */
export function* deleteMdbEntry(entry: DeleteMdbEntryOptions): Operation<void> {
  checkKeys('deleteMdbEntry', entry, [...MDB_KEYS, ...CALL_OPTIONS])
  checkMdbKey(entry)
  const { group, vid, source, dst, dstPort, vni, srcVni, via } = entry
  const [dev, port] = [mdbDev(entry), mdbPort(entry)]
  const key: MdbKey = { dev, port, group, vid, source, dst, dstPort, vni, srcVni, via }
  yield* withChannel(entry.netns, function* (channel) {
    yield* request(channel, {
      message: delMdb,
      body: yield* bodyOf(channel, key),
      flags: 0,
      answer: 'ack',
      subject: describeEntry(key),
      // A bridge has no word of its own for it.
      advise: (code, { message }) =>
        code === 'ENOENT' || (code === 'EINVAL' && message === null) ? 'there is no such entry' : undefined,
    })
  })
}

/**
 * 'static' is what the kernel takes for granted, and before Linux 6.2 knows nothing of; 'kernel' is what a learned entry is listed with, and
 * none is made with.
 */
const UNSENT: readonly unknown[] = ['static', 'kernel']

type RequestAttributes = NonNullable<Infer<typeof mdbRequest>['attrs']>

function* bodyOf(channel: Channel, input: MdbInput): Operation<Request['body']> {
  const { group, vid, source, state = 'temp', protocol } = input
  const { dst, dstPort, vni, srcVni, via } = input
  const attrs: RequestAttributes = {
    source: source ?? undefined,
    ...listOf(input),
    rtprot: protocol == null || UNSENT.includes(routeProtocols.normal(protocol)) ? undefined : protocol,
    dst: dst ?? undefined,
    dstPort: dstPort ?? undefined,
    vni: vni ?? undefined,
    srcVni: srcVni ?? undefined,
    ifindex: via == null ? undefined : yield* resolveDev(channel, via, 'via'),
  }
  return {
    header: { family: AF_BRIDGE, ifindex: yield* resolveDev(channel, mdbDev(input)) },
    attributes: {
      entry: {
        ifindex: yield* resolveDev(channel, mdbPort(input), 'port'),
        state,
        flags: [],
        vid: vid ?? 0,
        group,
      },
      attrs: Object.values(attrs).every((value) => value === undefined) ? undefined : attrs,
    } satisfies Infer<typeof mdbRequest>,
  }
}

/** An entry of one sender has no list of them. */
function listOf({ source, filterMode, sources = [] }: MdbInput): RequestAttributes {
  if (source != null) return {}
  if (sources.length === 0) return filterMode === 'exclude' ? {} : { groupMode: filterMode ?? undefined }
  return {
    srcList: { entry: sources.map((one) => ({ address: addressOf(one) })) },
    groupMode: filterMode ?? undefined,
  }
}

function describeEntry(key: MdbKey): string {
  return `multicast entry ${key.group} of ${describeDev(mdbDev(key))} on ${describeDev(mdbPort(key))}`
}

/** Which entries: those that everything given applies to. */
export interface FlushMdbOptions extends CallOptions, Pick<MdbInput, 'state' | 'protocol'> {
  port?: Dev | undefined
  vid?: number | undefined
  /** Of a vxlan device: the other end, its UDP port, the network ids. */
  dst?: string | undefined
  dstPort?: number | undefined
  vni?: number | undefined
  srcVni?: number | undefined
}

/** Zeros: the request is about no group of its own. */
const NO_GROUP = '00:00:00:00:00:00'

const FLUSH_KEYS = ['port', 'vid', 'state', 'protocol', 'dst', 'dstPort', 'vni', 'srcVni', ...CALL_OPTIONS]

/**
 * Deletes all entries of a bridge's or a vxlan device's multicast table that the options apply to, as `bridge mdb flush`: the kernel
 * selects them (Linux 6.8), in one request.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no such interface,
 * EINVAL, EOPNOTSUPP
 * @see bridge(8), rtnetlink(7)
 * @example await flushMdb('v-net-0', { port: 'veth-red-br', state: 'temp' })
 */
export function* flushMdb(dev: Dev, options: FlushMdbOptions = {}): Operation<void> {
  checkKeys('flushMdb', options, FLUSH_KEYS)
  checkDev(dev, 'dev')
  const { port, vid, state, protocol, dst, dstPort, vni, srcVni } = options
  if (port !== undefined) checkDev(port, 'port')
  if (vid !== undefined) checkVid(vid, 'vid')
  if (state !== undefined) checkOneOf(mdbStates, state, 'state')
  if (protocol != null) checkOneOf(routeProtocols, protocol, 'protocol')
  checkMdbTunnel(options)
  yield* withChannel(options.netns, function* (channel) {
    const ifindex = port === undefined ? 0 : yield* resolveDev(channel, port, 'port')
    const attributes: Infer<typeof mdbRequest> = {
      entry: { ifindex, state: state ?? 'temp', flags: [], vid: vid ?? 0, group: NO_GROUP },
      attrs: {
        rtprot: protocol ?? undefined,
        dst,
        dstPort,
        vni,
        srcVni,
        stateMask: state === undefined ? undefined : MDB_PERMANENT,
      },
    }
    yield* request(channel, {
      message: delMdb,
      body: { header: { family: AF_BRIDGE, ifindex: yield* resolveDev(channel, dev) }, attributes },
      flags: NLM_F_BULK,
      answer: 'ack',
      subject: `multicast table of ${describeDev(dev)}`,
      advise: {
        EOPNOTSUPP: 'it has no such table, or Linux is older than 6.8; deleteMdbEntry() deletes one entry',
      },
    })
  })
}
