import { ETH, RED, type Row, scenarios } from './scenario.js'

const tunnels: Row[] = [
  [
    'erspan',
    'ip link add ers0 type erspan seq key 30 local 192.0.2.1 remote 192.0.2.2 erspan_ver 1 erspan 123',
  ],
  [
    'erspan-version-2',
    'ip link add ers0 type erspan seq key 30 local 192.0.2.1 remote 192.0.2.2 erspan_ver 2 erspan_dir egress erspan_hwid 17',
  ],
  [
    'ip6gre-options',
    'ip link add gre6 type ip6gre local 2001:db8::1 remote 2001:db8::2 ikey 7 okey 8 oseq icsum encaplimit none tclass 0x10 flowlabel 0x12345 dscp inherit fwmark 9 dev eth0',
  ],
  ['ip6gretap', 'ip link add tap6 type ip6gretap local 2001:db8::1 remote 2001:db8::2 key 42'],
  [
    'ip6erspan',
    'ip link add ers6 type ip6erspan seq key 30 local 2001:db8::1 remote 2001:db8::2 erspan_ver 1 erspan 123',
  ],
  [
    'ip6tnl-options',
    'ip link add tnl6 type ip6tnl mode any local 2001:db8::1 remote 2001:db8::2 hoplimit 32 tclass 0x10 flowlabel 0x12345 encaplimit 7 dev eth0 fwmark 9',
  ],
  [
    'ip6tnl-inherit',
    'ip link add tnl6 type ip6tnl mode ipip6 local 2001:db8::1 remote 2001:db8::2 tclass inherit dscp inherit encaplimit none',
  ],
  [
    'ipip-dev',
    'ip link add ipip1 type ipip local 192.0.2.1 remote 192.0.2.2 mode ipip ttl 64 dev eth0 fwmark 9',
  ],
  [
    'ip6tnl-fou',
    'ip link add tnl6 type ip6tnl mode any local 2001:db8::1 remote 2001:db8::2 encap fou encap-sport auto encap-dport 5555',
  ],
  ['sit-isatap', 'ip link add sit1 type sit local 192.0.2.1 isatap'],
  [
    'vti-keys-dev',
    'ip link add vti1 type vti local 192.0.2.1 remote 192.0.2.2 ikey 5 okey 6 dev eth0 fwmark 9',
  ],
  ['vti6', 'ip link add vti6 type vti6 local 2001:db8::1 remote 2001:db8::2 key 5'],
  ['xfrm', 'ip link add xfrm0 type xfrm dev eth0 if_id 0x1234'],
  ['bareudp', 'ip link add bud0 type bareudp dstport 6635 ethertype mpls_uc srcportmin 1024 multiproto'],
  ['gtp', 'ip link add gtp0 type gtp role sgsn hsize 1024 restart_count 5'],
  [
    'amt-gateway',
    'ip link add amt0 type amt mode gateway local 192.0.2.1 discovery 192.0.2.2 dev eth0 gateway_port 2268 relay_port 2269',
  ],
  ['amt-relay', 'ip link add amt0 type amt mode relay local 192.0.2.1 dev eth0 max_tunnels 8'],
]

const others: Row[] = [
  ['macsec', 'ip link add link eth0 macsec0 type macsec'],
  [
    'macsec-options',
    'ip link add link eth0 macsec0 type macsec port 11 cipher gcm-aes-256 icvlen 16 encrypt on protect on send_sci on end_station off scb off replay on window 32 validate strict encodingsa 2 offload off',
  ],
  ['macsec-sci', 'ip link add link eth0 macsec0 type macsec sci 0200000000000001 validate check'],
  ['hsr', 'ip link add hsr0 type hsr slave1 eth0 slave2 eth1'],
  ['hsr-prp', 'ip link add hsr0 type hsr slave1 eth0 slave2 eth1 supervision 5 version 0 proto 1'],
  ['vxcan', 'ip link add vxcan0 type vxcan peer name vxcan1'],
  ['vxcan-in-netns', 'ip link add vxcan0 type vxcan peer name vxcan1 netns red', RED],
  [
    'can-bitrate',
    'ip link set eth0 type can bitrate 500000 sample-point 0.875 dbitrate 2000000 fd on loopback on one-shot off restart-ms 100 termination 120',
  ],
  [
    'can-segments',
    'ip link set eth0 type can tq 125 prop-seg 6 phase-seg1 7 phase-seg2 2 sjw 1 listen-only on triple-sampling on berr-reporting on presume-ack on cc-len8-dlc on fd-non-iso on',
  ],
  [
    'can-tdc',
    'ip link set eth0 type can bitrate 500000 dbitrate 2000000 fd on tdc-mode manual tdcv 33 tdco 16 tdcf 3',
  ],
  ['can-restart', 'ip link set eth0 type can restart'],
  ['ipoib', 'ip link add link eth0 name ib0.8001 type ipoib pkey 0x8001 mode connected umcast 1'],
  ['batadv', 'ip link add bat0 type batadv ra BATMAN_V'],
  ['team', 'ip link add team0 type team'],
  ['rmnet', 'ip link add link eth0 name rmnet0 type rmnet mux_id 5'],
  ['wwan', 'ip link add parentdev wwan0 name wwan0-2 type wwan linkid 2'],
  ['dsa-conduit', 'ip link set eth0 type dsa conduit eth1'],
  ['bond-slave-prio', 'ip link set eth0 type bond_slave prio 7'],
]

/** Settings of network cards, which a veth pair refuses. */
const cards: Row[] = [
  ['vf-mac', 'ip link set eth0 vf 1 mac 02:00:00:00:00:0a'],
  ['vf-vlan', 'ip link set eth0 vf 1 vlan 100 qos 3'],
  ['vf-vlan-8021ad', 'ip link set eth0 vf 1 vlan 100 qos 3 proto 802.1ad'],
  ['vf-rates', 'ip link set eth0 vf 1 min_tx_rate 100 max_tx_rate 200'],
  ['vf-spoofchk', 'ip link set eth0 vf 1 spoofchk on'],
  ['vf-query-rss', 'ip link set eth0 vf 1 query_rss on'],
  ['vf-trust', 'ip link set eth0 vf 1 trust off'],
  ['vf-state', 'ip link set eth0 vf 1 state disable'],
  ['vf-node-guid', 'ip link set eth0 vf 1 node_guid 00:11:22:33:44:55:66:77'],
  ['vf-port-guid', 'ip link set eth0 vf 1 port_guid 00:11:22:33:44:55:66:77'],
  ['xdp-off', 'ip link set eth0 xdp off'],
  ['protodown-reason', 'ip link set eth0 protodown on protodown_reason 3 on'],
]

export const moreKinds = scenarios([ETH], [...tunnels, ...others, ...cards])
