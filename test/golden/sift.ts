/**
 * What of a command's traffic belongs to the command: the rules by which `capture.ts` drops and sorts messages.
 */
import { type Attribute, dissect, HEADER } from './dissect.js'
import type { Varying } from './golden.js'
import type { SentDatagram } from './strace.js'

const RTM_NEWLINK = 16
const RTM_DELLINK = 17
const RTM_GETLINK = 18
const RTM_NEWNSID = 88
const RTM_GETNSID = 90
const NLM_F_REQUEST = 1
const NLM_F_ACK = 4
const NLM_F_DUMP = 0x300
const AF_UNSPEC = 0
const NETNSA_FD = '3'
const LEARNS_NAMES = /^(?:ip (?:-\S+ )*(?:neigh|ntable|netconf|mroute)|bridge) /

/**
 * Whether iproute2 sends a message only to find out what the kernel can do. These are dropped:
 * - an RTM_NEWLINK with nlmsg_seq 0 and nothing but zeros after the header (does the kernel have rtnetlink links?);
 * - an RTM_GETNSID for descriptor -1 (does the kernel have namespace ids?).
 */
export function isProbe(message: Uint8Array): boolean {
  const { type, flags, seq, attributes } = dissect(message)
  if (type === RTM_NEWLINK) {
    return (
      flags === (NLM_F_REQUEST | NLM_F_ACK) &&
      seq === 0 &&
      message.subarray(HEADER).every((byte) => byte === 0)
    )
  }
  return (
    type === RTM_GETNSID &&
    attributes.some(({ path, payload }) => path === NETNSA_FD && payload.every((byte) => byte === 0xff))
  )
}

const NFNL_MSG_BATCH_BEGIN = 16

/** nft reads what there is before it changes it: where a batch is sent, that alone is the change. */
export function ofCommand(datagrams: SentDatagram[]): SentDatagram[] {
  const batches = datagrams.filter(({ bytes }) => bytes.length > HEADER && isBatch(bytes))
  return batches.length > 0 ? batches : datagrams
}

function isBatch(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return view.getUint16(4, true) === NFNL_MSG_BATCH_BEGIN && view.getUint32(0, true) < 32
}

/** What the rules know of a message besides its bytes. */
export interface Origin extends Pick<SentDatagram, 'firstSocket'> {
  command: string
}

/**
 * Whether a message only looks something up for the message that matters:
 * - RTM_GETLINK without NLM_F_DUMP through a socket of its own, any but the command's first one: a name to an
 *   ifindex or back;
 * - RTM_GETLINK without NLM_F_DUMP and without attributes: the length of the hardware address, ahead of setting it;
 * - the RTM_GETLINK dump of AF_UNSPEC with which `ip neigh`, `ip ntable`, `ip netconf`, `ip mroute` and `bridge` learn all names
 *   before anything else;
 * - RTM_GETNSID by descriptor in `ip netns list-id`, one for each name, so as to print names.
 */
export function isLookup(message: Uint8Array, { firstSocket, command }: Origin): boolean {
  const { type, flags, body, attributes } = dissect(message)
  if (type === RTM_GETNSID) {
    return command.includes('list-id') && attributes.some(({ path }) => path === NETNSA_FD)
  }
  if (type !== RTM_GETLINK) return false
  if (flags & NLM_F_DUMP) return body[0] === AF_UNSPEC && LEARNS_NAMES.test(command)
  return !firstSocket || attributes.length === 0
}

const NAMESPACE_BY: { types: number[]; path: RegExp; why: string }[] = [
  { types: [RTM_NEWLINK, RTM_DELLINK], path: /^(18\.2\.1\.)?28$/, why: 'descriptor of the namespace' },
  { types: [RTM_NEWLINK, RTM_DELLINK], path: /^(18\.2\.1\.)?19$/, why: 'process id in the namespace' },
  { types: [RTM_NEWNSID, RTM_GETNSID], path: /^3$/, why: 'descriptor of the namespace' },
  { types: [RTM_NEWNSID, RTM_GETNSID], path: /^2$/, why: 'process id in the namespace' },
]

/**
 * The places of a message that differ from run to run: a namespace's descriptor or process id, and padding in which
 * iproute2 left what its stack held.
 */
export function findVarying(message: Uint8Array, index: number): Varying[] {
  const { type, attributes } = dissect(message)
  return flatten(attributes).flatMap(({ path, offset, length, padding }) => {
    const namespaces = NAMESPACE_BY.filter((by) => by.types.includes(type) && by.path.test(path))
    const found = namespaces.map(({ why }) => ({
      message: index,
      offset: offset + 4,
      length: length - 4,
      why,
    }))
    if (padding.some((byte) => byte !== 0)) {
      const why = 'padding that iproute2 does not clear'
      found.push({ message: index, offset: offset + length, length: padding.length, why })
    }
    return found
  })
}

function flatten(attributes: Attribute[]): Attribute[] {
  return attributes.flatMap((attribute) => [attribute, ...flatten(attribute.children)])
}
