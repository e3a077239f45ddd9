import { ETH, type Row, scenarios, UP } from './scenario.js'

const V4 = 'ip route add 10.9.0.0/24 encap'
const V6 = 'ip -6 route add 2001:db8:9::/48 encap'
const GATEWAY = 'via 10.1.1.1 dev eth0'
const LOCAL = `${V6} seg6local action`

const rows: Row[] = [
  ['encap-mpls', `${V4} mpls 100 ${GATEWAY}`],
  ['encap-mpls-stack-ttl', `${V4} mpls 100/200/300 ttl 64 ${GATEWAY}`],
  ['encap-ip', `${V4} ip id 42 dst 10.0.0.2 dev eth0`],
  ['encap-ip-all', `${V4} ip id 42 src 10.0.0.1 dst 10.0.0.2 tos 0x10 ttl 64 key csum seq dev eth0`],
  ['encap-ip-geneve', `${V4} ip id 42 geneve_opts 0x1234:0x42:11223344 dst 10.0.0.2 dev eth0`],
  ['encap-ip-geneve-two', `${V4} ip id 42 geneve_opts 1:2:11223344,3:4:55667788 dst 10.0.0.2 dev eth0`],
  ['encap-ip-vxlan', `${V4} ip id 42 vxlan_opts 456 dst 10.0.0.2 dev eth0`],
  ['encap-ip-erspan', `${V4} ip id 42 erspan_opts 1:123:0:0 dst 10.0.0.2 dev eth0`],
  ['encap-ip-erspan2', `${V4} ip id 42 erspan_opts 2:0:1:5 dst 10.0.0.2 dev eth0`],
  ['encap-ip6', `${V6} ip6 id 42 dst 2001:db8::2 dev eth0`],
  [
    'encap-ip6-all',
    `${V6} ip6 id 42 src 2001:db8::1 dst 2001:db8::2 tc 0x10 hoplimit 64 key csum seq dev eth0`,
  ],
  ['encap-ip6-vxlan', `${V6} ip6 id 42 vxlan_opts 456 dst 2001:db8::2 dev eth0`],
  ['encap-seg6-inline', `${V6} seg6 mode inline segs 2001:db8::1,2001:db8::2 dev eth0`],
  ['encap-seg6', `${V6} seg6 mode encap segs 2001:db8::1,2001:db8::2 dev eth0`],
  ['encap-seg6-hmac', `${V6} seg6 mode encap segs 2001:db8::1 hmac 7 dev eth0`],
  ['encap-seg6-l2', `${V6} seg6 mode l2encap segs 2001:db8::1 dev eth0`],
  ['encap-seg6-reduced', `${V6} seg6 mode encap.red segs 2001:db8::1,2001:db8::2 dev eth0`],
  ['encap-seg6-l2-reduced', `${V6} seg6 mode l2encap.red segs 2001:db8::1 dev eth0`],
  ['encap-seg6local-end', `${LOCAL} End dev eth0`],
  ['encap-seg6local-count', `${LOCAL} End count dev eth0`],
  ['encap-seg6local-x', `${LOCAL} End.X nh6 2001:db8::1 dev eth0`],
  ['encap-seg6local-t', `${LOCAL} End.T table 100 dev eth0`],
  ['encap-seg6local-dx2', `${LOCAL} End.DX2 oif eth1 dev eth0`],
  ['encap-seg6local-dx6', `${LOCAL} End.DX6 nh6 2001:db8::1 dev eth0`],
  ['encap-seg6local-dx4', `${LOCAL} End.DX4 nh4 10.0.0.1 dev eth0`],
  ['encap-seg6local-dt6', `${LOCAL} End.DT6 table 100 dev eth0`],
  ['encap-seg6local-dt6-vrf', `${LOCAL} End.DT6 vrftable 100 dev eth0`],
  ['encap-seg6local-dt4', `${LOCAL} End.DT4 vrftable 100 dev eth0`],
  ['encap-seg6local-dt46', `${LOCAL} End.DT46 vrftable 100 dev eth0`],
  ['encap-seg6local-b6', `${LOCAL} End.B6 srh segs 2001:db8::1,2001:db8::2 dev eth0`],
  ['encap-seg6local-b6-encaps', `${LOCAL} End.B6.Encaps srh segs 2001:db8::1 hmac 7 dev eth0`],
  ['encap-rpl', `${V6} rpl segs 2001:db8::1,2001:db8::2 dev eth0`],
  ['encap-ioam6', `${V6} ioam6 trace prealloc type 0x800000 ns 1 size 12 dev eth0`],
  [
    'encap-ioam6-encap',
    `${V6} ioam6 freq 1/3 mode encap tundst 2001:db8::2 trace prealloc type 0xc00000 ns 5 size 24 dev eth0`,
  ],
  [
    'encap-ioam6-auto',
    `${V6} ioam6 mode auto tundst 2001:db8::2 trace prealloc type 0x800000 ns 1 size 12 dev eth0`,
  ],
  ['encap-xfrm', `${V4} xfrm if_id 5 dev eth0`],
  ['encap-xfrm-link', `${V4} xfrm if_id 5 link_dev eth1 dev eth0`],
  [
    'encap-multipath',
    `ip route add 10.9.0.0/24 nexthop encap mpls 100 ${GATEWAY} nexthop encap mpls 200/300 via 10.1.1.2 dev eth1 weight 3`,
  ],
  ['encap-nexthop', `ip nexthop add id 7 encap mpls 100 ${GATEWAY}`],
  ['encap-replace', `ip route replace 10.9.0.0/24 encap mpls 100 ${GATEWAY} metric 5`],
]

const MPLS = 'ip -f mpls route'
const mpls: Row[] = [
  ['mpls-route', `${MPLS} add 100 via inet 10.1.1.1 dev eth0`],
  ['mpls-route-swap', `${MPLS} add 100 as 200 via inet 10.1.1.1 dev eth0`],
  ['mpls-route-push', `${MPLS} add 100 as 200/300 via inet6 2001:db8::1 dev eth0`],
  ['mpls-route-pop', `${MPLS} add 100 dev eth0`],
  ['mpls-route-ttl', `${MPLS} add 100 ttl-propagate disabled via inet 10.1.1.1 dev eth0`],
  [
    'mpls-route-multipath',
    `${MPLS} add 100 nexthop as 200 via inet 10.1.1.1 dev eth0 nexthop via inet6 2001:db8::1 dev eth1`,
  ],
  ['mpls-route-replace', `${MPLS} replace 100 via inet 10.1.1.1 dev eth0`],
  ['mpls-route-delete', `${MPLS} del 100`],
  ['mpls-route-delete-dev', `${MPLS} del 100 dev eth0`],
  ['mpls-route-get', `${MPLS} get 100`],
  ['mpls-route-get-as', `${MPLS} get 100 as 200/300`],
  ['mpls-route-get-fibmatch', `${MPLS} get fibmatch 100`],
  ['mpls-route-show', `${MPLS} show`],
]

/** Lightweight tunnels hang some kernels, and routes of MPLS most kernels lack: neither is sent. */
export const encap = scenarios([ETH, UP], [...rows, ...mpls]).map((scenario) => ({
  ...scenario,
  unsent: true,
}))
