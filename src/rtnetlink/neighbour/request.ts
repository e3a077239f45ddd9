/** The neighbour requests that operations are made of. */

import { toBits } from '../../codec/choice.js'
import type { Advice, Request } from '../../netlink/request.js'
import type { NameOf } from '../devnames.js'
import { familyOf } from '../family.js'
import { describeDev } from '../link/request.js'
import { NTF_EXT_SHIFT, NTF_PROXY, NUD_NONE, NUD_PERMANENT } from './constants.js'
import { type Neighbour, readNeighbour } from './neighbour.js'
import type { NeighbourInput, NeighbourKey } from './options.js'
import { delNeighbour, getNeighbour, neighbourFlags, newNeighbour } from './table.js'

/** ifindex of a proxy entry that counts for every interface. */
export const EVERY_INTERFACE = 0

/** RTM_NEWNEIGH, to add (NLM_F_CREATE, NLM_F_EXCL) or to replace (NLM_F_CREATE, NLM_F_REPLACE). The input has been checked. */
export function newNeighbourRequest(ifindex: number, input: NeighbourInput, flags: number): Request {
  const { to, mac, protocol, proxy } = input
  // A proxy that is not permanent goes with the carrier (pneigh_ifdown() of net/core/neighbour.c); older kernels forget what it is.
  const state = input.state ?? (mac == null && !proxy ? NUD_NONE : NUD_PERMANENT)
  const bits = toBits(neighbourFlags, input.flags ?? []) | (proxy ? NTF_PROXY : 0)
  const extended = bits >>> NTF_EXT_SHIFT
  return {
    message: newNeighbour,
    body: {
      header: { family: familyOf(to), ifindex, state: [state], flags: [bits & 0xff] },
      attributes: {
        protocol: protocol ?? undefined,
        dst: to,
        lladdr: mac ?? undefined,
        flagsExt: extended === 0 ? undefined : [extended],
      },
    },
    flags,
    answer: 'ack',
    subject: describe(input),
    advise: ADVICE,
  }
}

const ADVICE: Advice = {
  EEXIST: 'there is an entry already; replaceNeighbour() changes it',
  ENOENT: 'there is no such entry; replaceNeighbour() makes it',
}

export function deleteNeighbourRequest(ifindex: number, key: NeighbourKey): Request {
  return {
    message: delNeighbour,
    body: {
      header: { family: familyOf(key.to), ifindex, flags: [key.proxy ? NTF_PROXY : 0] },
      attributes: { dst: key.to },
    },
    flags: 0,
    answer: 'ack',
    subject: describe(key),
    advise: ABSENT,
  }
}

/** NDA_MASTER: only entries of interfaces that are nobody's port (neigh_master_filtered() of net/core/neighbour.c). */
export const NO_MASTER = 0xffffffff

/** RTM_GETNEIGH with NLM_F_DUMP: all that the kernel filters by. */
export function listNeighboursRequest(
  family: number,
  ifindex: number | undefined,
  proxy: boolean,
  nameOf: NameOf,
  master?: number,
): Request<Neighbour> {
  return {
    message: getNeighbour,
    body: { header: { family, flags: [proxy ? NTF_PROXY : 0] }, attributes: { ifindex, master } },
    flags: 0,
    answer: 'dump',
    read: (bytes, start, end) => readNeighbour(bytes, start, end, nameOf) ?? undefined,
  }
}

/** RTM_GETNEIGH of one entry. The key has been checked. */
export function getNeighbourRequest(ifindex: number, key: NeighbourKey, nameOf: NameOf): Request<Neighbour> {
  return {
    message: getNeighbour,
    body: {
      header: { family: familyOf(key.to), ifindex, flags: [key.proxy ? NTF_PROXY : 0] },
      attributes: { dst: key.to },
    },
    flags: 0,
    answer: 'reply',
    read: (bytes, start, end) => readNeighbour(bytes, start, end, nameOf) ?? undefined,
    subject: describe(key),
    advise: ABSENT,
  }
}

const ABSENT: Advice = { ENOENT: 'there is no such entry' }

function describe({ to, dev, ifindex, proxy }: NeighbourKey): string {
  const on = dev ?? ifindex
  return `${proxy ? 'proxy' : 'neighbour'} ${to}${on == null ? '' : ` on ${describeDev(on)}`}`
}
