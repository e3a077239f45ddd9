/**
 * A reader of netlink bytes that is independent of the library: it judges the library's encoders, so it shares
 * no code with them. It knows where messages nest (`linux/rtnetlink.h`, `linux/if_link.h`), not what they mean.
 */

/** Bytes of a netlink header, `struct nlmsghdr`. */
export const HEADER = 16

/** One attribute, or one `struct rtnexthop`, with its place in the message. */
export interface Attribute {
  /** Attribute types from the outermost to this one, such as `18.2.1`; nexthops of a route are `9#0`, `9#1`. */
  path: string
  /** Offset of the attribute's own header in the message, in bytes. */
  offset: number
  /** The length that the attribute's header states, in bytes. */
  length: number
  /** The type field as sent, with NLA_F_NESTED (0x8000) and NLA_F_NET_BYTEORDER (0x4000). */
  rawType: number
  /** The bytes after the header; of a nested attribute, only those before the first inner attribute. */
  payload: Uint8Array
  /** The bytes between this attribute and the next. */
  padding: Uint8Array
  children: Attribute[]
}

/** One message, taken apart. Numbers are in the byte order of the machine that recorded it (little endian). */
export interface Dissection {
  length: number
  type: number
  flags: number
  seq: number
  portid: number
  /** The fixed structure after the header, such as `struct ifinfomsg`. */
  body: Uint8Array
  attributes: Attribute[]
}

/** Length of the fixed structure by message group: RTM_NEW… is the first of four numbers. */
const BODIES: Record<number, { group: string; size: number }> = {
  16: { group: 'link', size: 16 },
  20: { group: 'address', size: 8 },
  24: { group: 'route', size: 12 },
  28: { group: 'neighbour', size: 12 },
  32: { group: 'rule', size: 12 },
  64: { group: 'neighbour-table', size: 4 },
  72: { group: 'address-label', size: 12 },
  80: { group: 'netconf', size: 4 },
  84: { group: 'mdb', size: 8 },
  92: { group: 'stats', size: 12 },
  88: { group: 'nsid', size: 4 },
  104: { group: 'nexthop', size: 8 },
  108: { group: 'link', size: 16 },
  112: { group: 'vlan', size: 8 },
  116: { group: 'nexthop', size: 8 },
  120: { group: 'vni', size: 8 },
  // NFNL_SUBSYS_CTNETLINK << 8: struct nfgenmsg
  256: { group: 'conntrack', size: 4 },
  260: { group: 'conntrack', size: 4 },
}

/**
 * Attributes that hold attributes, with the length of the structure before the first one. iproute2 sets
 * NLA_F_NESTED on few of them. The kind of link stands in angle brackets, AF_BRIDGE messages are apart.
 */
const NESTED: Record<string, number> = {
  'link 18': 0, // IFLA_LINKINFO
  'link 18.2': 0, // IFLA_INFO_DATA, whose inside depends on the kind
  'link 18.5': 0, // IFLA_INFO_SLAVE_DATA
  'link 22': 0, // IFLA_VFINFO_LIST
  'link 22.1': 0, // IFLA_VF_INFO
  'link 22.1.12': 0, // IFLA_VF_VLAN_LIST
  'link 26': 0, // IFLA_AF_SPEC
  'link 26.10': 0, // AF_INET6 in it
  'link 43': 0, // IFLA_XDP
  'link 52': 0, // IFLA_PROP_LIST
  'link 55': 0, // IFLA_PROTO_DOWN_REASON
  'link 18.2<veth>.1': 16, // VETH_INFO_PEER: struct ifinfomsg
  'link 18.2<vxcan>.1': 16, // VXCAN_INFO_PEER: struct ifinfomsg
  'link 18.2<vlan>.3': 0, // IFLA_VLAN_EGRESS_QOS
  'link 18.2<vlan>.4': 0, // IFLA_VLAN_INGRESS_QOS
  'link 18.2<bond>.8': 0, // IFLA_BOND_ARP_IP_TARGET
  'link 18.2<bond>.31': 0, // IFLA_BOND_NS_IP6_TARGET
  'link 18.2<macvlan>.5': 0, // IFLA_MACVLAN_MACADDR_DATA
  'bridge 12': 0, // IFLA_PROTINFO
  'bridge 26': 0, // IFLA_AF_SPEC
  'bridge 26.3': 0, // IFLA_BRIDGE_VLAN_TUNNEL_INFO
  'route 8': 0, // RTA_METRICS
  'nexthop 12': 0, // NHA_RES_GROUP
  'neighbour-table 6': 0, // NDTA_PARMS
  'mdb 2': 0, // MDBA_SET_ENTRY_ATTRS
}

/** NFNL_SUBSYS_NFTABLES and NFNL_SUBSYS_HOOK: the high byte of their message types. */
const NFTABLES = [10, 12]
const NFGENMSG = { group: 'nftables', size: 4 }
/** An RTM_NEWLINK has at least that, a NFNL_MSG_BATCH_BEGIN or NFNL_MSG_BATCH_END of the same number has less. */
const LEAST_LINK = 32

function bodyOf(type: number, length: number): { group: string; size: number } | undefined {
  const isBatch = (type === 16 || type === 17) && length < LEAST_LINK
  return isBatch || NFTABLES.includes(type >> 8) ? NFGENMSG : BODIES[type & ~3]
}

const AF_BRIDGE = 7
const NLA_F_NESTED = 0x8000
const align = (length: number) => (length + 3) & ~3

interface Context {
  bytes: Uint8Array
  view: DataView
  group: string
  /** IFLA_INFO_KIND, once it was read: it stands before the IFLA_INFO_DATA that it governs. */
  kind: string
}

function nestedAt({ group, kind }: Context, path: string, rawType: number): number | undefined {
  const known = NESTED[`${group} ${path.replace(/^18\.2\./, `18.2<${kind}>.`)}`]
  return known ?? (rawType & NLA_F_NESTED ? 0 : undefined)
}

function readAttributes(context: Context, start: number, end: number, parent: string): Attribute[] {
  const { bytes, view, group } = context
  const attributes: Attribute[] = []
  for (let offset = start; offset < end; ) {
    const where = `${parent || 'message'}, offset ${offset}`
    if (end - offset < 4) throw new Error(`${where}: ${end - offset} stray bytes`)
    const length = view.getUint16(offset, true)
    const rawType = view.getUint16(offset + 2, true)
    const stop = offset + length
    if (length < 4 || stop > end) throw new Error(`${where}: attribute of ${length}, ${end - offset} left`)

    const path = `${parent}${parent && '.'}${rawType & 0x3fff}`
    const inner = offset + 4
    const isMultipath = group === 'route' && path === '9'
    const prefix = isMultipath ? 0 : nestedAt(context, path, rawType)
    const data = prefix === undefined ? stop : inner + prefix
    if (data > stop) throw new Error(`${where}: no room for the structure in front`)
    const children = (isMultipath ? readNexthops : readAttributes)(context, data, stop, path)
    const next = Math.min(align(stop), end)
    const payload = bytes.subarray(inner, data)
    attributes.push({ path, offset, length, rawType, payload, padding: bytes.subarray(stop, next), children })
    if (group === 'link' && path === '18.1')
      context.kind = new TextDecoder().decode(payload).replace('\0', '')
    offset = next
  }
  return attributes
}

/** RTA_MULTIPATH holds `struct rtnexthop` one after another, each followed by its own attributes. */
function readNexthops(context: Context, start: number, end: number, parent: string): Attribute[] {
  const { bytes, view } = context
  const nexthops: Attribute[] = []
  for (let offset = start; offset < end; ) {
    const path = `${parent}#${nexthops.length}`
    const length = end - offset < 8 ? 0 : view.getUint16(offset, true)
    const stop = offset + length
    if (length < 8 || stop > end) throw new Error(`${path}, offset ${offset}: nexthop of ${length}`)
    const next = Math.min(align(stop), end)
    nexthops.push({
      path,
      offset,
      length,
      rawType: 0,
      payload: bytes.subarray(offset + 2, offset + 8),
      padding: bytes.subarray(stop, next),
      children: readAttributes(context, offset + 8, stop, path),
    })
    offset = next
  }
  return nexthops
}

/**
 * Takes one message apart.
 *
 * @throws Error when a length does not add up, naming the attribute and its offset.
 */
export function dissect(bytes: Uint8Array): Dissection {
  if (bytes.length < HEADER) throw new Error(`a message of ${bytes.length} bytes has no header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(0, true)
  const type = view.getUint16(4, true)
  if (length !== bytes.length)
    throw new Error(`nlmsg_len is ${length}, the message has ${bytes.length} bytes`)
  const known = bodyOf(type, length)
  if (!known) throw new Error(`message type ${type} is not in the table`)
  const body = bytes.subarray(HEADER, Math.min(HEADER + known.size, length))
  const group = known.group === 'link' && body[0] === AF_BRIDGE ? 'bridge' : known.group
  const attributes = readAttributes({ bytes, view, group, kind: '' }, HEADER + body.length, length, '')
  return {
    length,
    type,
    flags: view.getUint16(6, true),
    seq: view.getUint32(8, true),
    portid: view.getUint32(12, true),
    body,
    attributes,
  }
}

/**
 * Cuts a datagram into its messages, each a copy.
 *
 * @throws Error when something other than zeros follows the last message. iproute2 sends its whole request
 * structure for some dumps, so zeros do follow.
 */
export function splitDatagram(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const messages: Uint8Array[] = []
  let offset = 0
  while (offset + HEADER <= bytes.length) {
    const length = view.getUint32(offset, true)
    if (length < HEADER || offset + length > bytes.length) break
    messages.push(bytes.slice(offset, offset + length))
    offset += align(length)
  }
  if (bytes.subarray(offset).some((byte) => byte !== 0))
    throw new Error(`bytes after the message at ${offset}`)
  return messages
}
