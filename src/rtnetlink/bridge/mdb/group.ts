import { getBe16, putBe16 } from '../../../codec/bytes.js'
import { malformed, outOfRange, wrongType } from '../../../codec/fault.js'
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6, parseMac, type Type } from '../../../codec/index.js'
import { ETH_P_IP, ETH_P_IPV6 } from '../constants.js'

/** 16 bytes of address, its EtherType in network order, two of padding. */
const PROTO = 16
const SIZE = 20

/** The `addr` of struct br_mdb_entry: a multicast group as text, '239.1.1.1', 'ff05::100' or '01:00:5e:01:01:01'. */
export const groupAddress: Type<string> = {
  label: 'multicast group',
  size: SIZE,
  encode(out, value) {
    if (typeof value !== 'string') throw wrongType(value, 'a string')
    const at = out.reserve(SIZE)
    const octets = parseMac(value)
    if (octets?.length === 6) out.bytes.set(octets, at)
    else if (parseIpv4(value, out.bytes, at)) putBe16(out.bytes, at + PROTO, ETH_P_IP)
    else if (parseIpv6(value, out.bytes, at)) putBe16(out.bytes, at + PROTO, ETH_P_IPV6)
    else throw outOfRange(value, 'an IPv4, IPv6 or MAC address')
  },
  decode(bytes, start, end) {
    if (end - start < PROTO + 2) throw malformed(`${end - start} bytes where a group has ${SIZE}`, start)
    const proto = getBe16(bytes, start + PROTO)
    if (proto === ETH_P_IP) return formatIpv4(bytes, start)
    if (proto === ETH_P_IPV6) return formatIpv6(bytes, start)
    return Array.from(bytes.subarray(start, start + 6), (octet) => octet.toString(16).padStart(2, '0')).join(
      ':',
    )
  },
}
