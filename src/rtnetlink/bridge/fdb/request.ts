/** The requests that operations on forwarding tables are made of. */

import { toBits } from '../../../codec/choice.js'
import type { Infer } from '../../../codec/index.js'
import { NLM_F_EXCL } from '../../../netlink/constants.js'
import type { Channel, Operation } from '../../../netlink/operation.js'
import type { Request } from '../../../netlink/request.js'
import { AF_BRIDGE } from '../../family.js'
import { describeDev, resolveDev } from '../../link/request.js'
import { NTF_EXT_SHIFT, NTF_MASTER, NTF_SELF } from '../../neighbour/constants.js'
import { delNeighbour, type neighbourAttributes, newNeighbour } from '../../neighbour/table.js'
import { FDB_NOTIFY_BIT, FDB_NOTIFY_INACTIVE_BIT } from '../constants.js'
import { adviseInvalid } from './advice.js'
import { type FdbInput, type FdbKey, fdbDev } from './options.js'
import { fdbFlags, fdbStates } from './table.js'

type FdbAttributes = Infer<typeof neighbourAttributes>

/** RTM_NEWNEIGH. The input has been checked. */
export function* newFdbRequest(channel: Channel, input: FdbInput, flags: number): Operation<Request> {
  return {
    message: newNeighbour,
    body: yield* bodyOf(channel, input),
    flags,
    answer: 'ack',
    subject: describeEntry(input),
    advise(code, { message }) {
      if (code === 'EEXIST' && flags & NLM_F_EXCL)
        return 'there is an entry already; replaceFdbEntry() changes it'
      if (code === 'EPERM' && input.master)
        return 'needs CAP_NET_ADMIN, and for a dynamic entry a port that is learning or forwarding by now'
      if (code === 'EINVAL' && message === null) return adviseInvalid(input)
      if (code === 'EAFNOSUPPORT')
        return "dst: of another family than the device's remote and local, which is IPv4 where it has neither"
      // vxlan_fdb_create() of drivers/net/vxlan/vxlan_core.c
      if (code === 'ENOSPC') return 'the vxlan device has as many entries as it was made for (its limit)'
      return adviseTable(code, input)
    },
  }
}

/** RTM_DELNEIGH. The key has been checked; what else a listed entry has is not sent. */
export function* deleteFdbRequest(channel: Channel, entry: FdbKey): Operation<Request> {
  const { mac, master, self, vlan, dst, port, vni, srcVni, via, nhid } = entry
  const key: FdbKey = { mac, dev: fdbDev(entry), master, self, vlan, dst, port, vni, srcVni, via, nhid }
  return {
    message: delNeighbour,
    body: yield* bodyOf(channel, key),
    flags: 0,
    answer: 'ack',
    subject: describeEntry(key),
    advise: (code) => (code === 'ENOENT' ? 'there is no such entry' : adviseTable(code, key)),
  }
}

function adviseTable(code: string, { master }: FdbKey): string | undefined {
  return code === 'EOPNOTSUPP' && master
    ? 'the interface is no port of a bridge; its own table is meant with self'
    : undefined
}

function* bodyOf(channel: Channel, input: FdbInput): Operation<Request['body']> {
  const { state = 'permanent' } = input
  const bits = toBits(fdbFlags, input.flags ?? [])
  const extended = bits >>> NTF_EXT_SHIFT
  return {
    header: {
      family: AF_BRIDGE,
      ifindex: yield* resolveDev(channel, fdbDev(input)),
      state: [fdbStates.toNumber(state)],
      flags: [(bits & 0xff) | tableBits(input)],
    },
    attributes: {
      lladdr: input.mac,
      ...(yield* tunnelAttributes(channel, input)),
      fdbExtAttrs: extAttributes(input),
      flagsExt: extended === 0 ? undefined : [extended],
    } satisfies FdbAttributes,
  }
}

/** Which table: the device's own, unless the bridge's is asked for. */
export function tableBits({ master, self }: Partial<FdbKey>): number {
  return (master ? NTF_MASTER : 0) | (self || !master ? NTF_SELF : 0)
}

/** What tells one entry of an address from another, in the order of iproute2. */
export function* tunnelAttributes(channel: Channel, key: Partial<FdbKey>): Operation<FdbAttributes> {
  const { vlan, dst, port, vni, srcVni, via, nhid } = key
  return {
    dst: dst ?? undefined,
    vlan: vlan ?? undefined,
    nhId: nhid ?? undefined,
    port: port ?? undefined,
    vni: vni ?? undefined,
    srcVni: srcVni ?? undefined,
    ifindex: via == null ? undefined : yield* resolveDev(channel, via, 'via'),
  }
}

function extAttributes({ activityNotify, inactive, norefresh }: FdbInput): FdbAttributes['fdbExtAttrs'] {
  if (activityNotify === undefined && inactive === undefined && !norefresh) return undefined
  const notify = (activityNotify ? FDB_NOTIFY_BIT : 0) | (inactive ? FDB_NOTIFY_INACTIVE_BIT : 0)
  return {
    activityNotify: activityNotify === undefined && inactive === undefined ? undefined : notify,
    dontRefresh: norefresh,
  }
}

function describeEntry(key: FdbKey): string {
  return `forwarding entry ${key.mac} on ${describeDev(fdbDev(key))}`
}
