import {
  alignedAttributes,
  attributes,
  be16,
  be32,
  be64,
  bytes,
  flagged,
  flags,
  type Infer,
  ipv4,
  ipv6,
  names,
  nested,
  repeated,
  u8,
  u32,
} from '../../../codec/index.js'
import * as c from './constants.js'

/** TUNNEL_* of linux/if_tunnel.h, there in network order. */
const tunnelFlags = names({
  csum: 0x01,
  routing: 0x02,
  key: 0x04,
  seq: 0x08,
  strict: 0x10,
  rec: 0x20,
  version: 0x40,
  nokey: 0x80,
  'dont-fragment': 0x100,
  oam: 0x200,
  'crit-opt': 0x400,
  'geneve-opt': 0x800,
  'vxlan-opt': 0x1000,
  nocache: 0x2000,
  'erspan-opt': 0x4000,
  'gtp-opt': 0x8000,
})

const geneve = attributes('LWTUNNEL_IP_OPT_GENEVE', {
  class: [c.LWTUNNEL_IP_OPT_GENEVE_CLASS, be16],
  type: [c.LWTUNNEL_IP_OPT_GENEVE_TYPE, u8],
  data: [c.LWTUNNEL_IP_OPT_GENEVE_DATA, bytes],
})

const vxlan = attributes('LWTUNNEL_IP_OPT_VXLAN', { gbp: [c.LWTUNNEL_IP_OPT_VXLAN_GBP, u32] })

const erspan = attributes('LWTUNNEL_IP_OPT_ERSPAN', {
  ver: [c.LWTUNNEL_IP_OPT_ERSPAN_VER, u8],
  index: [c.LWTUNNEL_IP_OPT_ERSPAN_INDEX, be32],
  dir: [c.LWTUNNEL_IP_OPT_ERSPAN_DIR, u8],
  hwid: [c.LWTUNNEL_IP_OPT_ERSPAN_HWID, u8],
})

const options = attributes('LWTUNNEL_IP_OPTS', {
  geneve: [c.LWTUNNEL_IP_OPTS_GENEVE, repeated(flagged(nested(geneve)))],
  vxlan: [c.LWTUNNEL_IP_OPTS_VXLAN, flagged(nested(vxlan))],
  erspan: [c.LWTUNNEL_IP_OPTS_ERSPAN, flagged(nested(erspan))],
})

/** enum lwtunnel_ip_t */
export const ipEncap = alignedAttributes('LWTUNNEL_IP', c.LWTUNNEL_IP_PAD, {
  id: [c.LWTUNNEL_IP_ID, be64],
  dst: [c.LWTUNNEL_IP_DST, ipv4],
  src: [c.LWTUNNEL_IP_SRC, ipv4],
  ttl: [c.LWTUNNEL_IP_TTL, u8],
  tos: [c.LWTUNNEL_IP_TOS, u8],
  flags: [c.LWTUNNEL_IP_FLAGS, flags(be16, tunnelFlags)],
  opts: [c.LWTUNNEL_IP_OPTS, flagged(nested(options))],
})

/** enum lwtunnel_ip6_t */
export const ip6Encap = alignedAttributes('LWTUNNEL_IP6', c.LWTUNNEL_IP6_PAD, {
  id: [c.LWTUNNEL_IP6_ID, be64],
  dst: [c.LWTUNNEL_IP6_DST, ipv6],
  src: [c.LWTUNNEL_IP6_SRC, ipv6],
  hoplimit: [c.LWTUNNEL_IP6_HOPLIMIT, u8],
  tc: [c.LWTUNNEL_IP6_TC, u8],
  flags: [c.LWTUNNEL_IP6_FLAGS, flags(be16, tunnelFlags)],
  opts: [c.LWTUNNEL_IP6_OPTS, flagged(nested(options))],
})

/**
 * Sends packets through a tunnel interface that takes its parameters from the route: `id` is the tunnel's key, `dst` the other end. `opts`,
 * of geneve, vxlan or erspan, is read and never sent. linux/lwtunnel.h
 */
export interface IpEncap extends Omit<Infer<typeof ipEncap>, 'unknown'> {
  type: 'ip'
}

/** The same through a tunnel over IPv6. linux/lwtunnel.h */
export interface Ip6Encap extends Omit<Infer<typeof ip6Encap>, 'unknown'> {
  type: 'ip6'
}
