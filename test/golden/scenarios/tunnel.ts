import { ETH, type Row, scenarios } from './scenario.js'

const vxlan: Row[] = [
  ['vxlan-v4', 'ip link add vx0 type vxlan id 42 remote 192.0.2.2 local 192.0.2.1 dstport 4789'],
  ['vxlan-v6', 'ip link add vx0 type vxlan id 42 remote 2001:db8::2 local 2001:db8::1 dstport 4789'],
  ['vxlan-group', 'ip link add vx0 type vxlan id 42 group 239.1.1.1 dev eth0 dstport 4789'],
  ['vxlan-group-v6', 'ip link add vx0 type vxlan id 42 group ff05::100 dev eth0 dstport 4789'],
  ['vxlan-without-dstport', 'ip link add vx0 type vxlan id 42 remote 192.0.2.2'],
  [
    'vxlan-options-on',
    'ip link add vx0 type vxlan id 42 dstport 4789 learning proxy rsc l2miss l3miss udpcsum udp6zerocsumtx udp6zerocsumrx gbp',
  ],
  [
    'vxlan-options-off',
    'ip link add vx0 type vxlan id 42 dstport 4789 nolearning noproxy norsc nol2miss nol3miss noudpcsum noudp6zerocsumtx noudp6zerocsumrx',
  ],
  [
    'vxlan-numbers',
    'ip link add vx0 type vxlan id 16777215 dstport 8472 srcport 1024 2048 ttl 64 tos 0x10 ageing 600 maxaddress 1000',
  ],
  ['vxlan-inherit', 'ip link add vx0 type vxlan id 42 dstport 4789 ttl inherit tos inherit df set'],
  ['vxlan-remcsum', 'ip link add vx0 type vxlan id 42 dstport 4789 remcsumtx remcsumrx'],
  [
    'vxlan-set',
    'ip link set vx0 type vxlan ageing 100 nolearning',
    'ip link add vx0 index 30 type vxlan id 42 dstport 4789',
  ],
  ['vxlan-flowlabel', 'ip link add vx0 type vxlan id 42 remote 2001:db8::2 dstport 4789 flowlabel 0x12345'],
]

const geneve: Row[] = [
  ['geneve-v4', 'ip link add gen0 type geneve id 42 remote 192.0.2.2'],
  ['geneve-v6', 'ip link add gen0 type geneve id 42 remote 2001:db8::2 dstport 6082 ttl 64 tos 0x10 df set'],
  [
    'geneve-checksums',
    'ip link add gen0 type geneve id 42 remote 2001:db8::2 udpcsum udp6zerocsumtx noudp6zerocsumrx',
  ],
  ['geneve-inner-protocol', 'ip link add gen0 type geneve id 42 remote 192.0.2.2 innerprotoinherit'],
]

const gre: Row[] = [
  ['gre', 'ip link add gre1 type gre local 192.0.2.1 remote 192.0.2.2'],
  [
    'gre-keys',
    'ip link add gre1 type gre local 192.0.2.1 remote 192.0.2.2 ikey 7 okey 8 iseq ocsum ttl 64 tos 0x10',
  ],
  [
    'gre-key-dev',
    'ip link add gre1 type gre local 192.0.2.1 remote 192.0.2.2 key 42 dev eth0 nopmtudisc ignore-df fwmark 9',
  ],
  ['gretap', 'ip link add tap1 type gretap local 192.0.2.1 remote 192.0.2.2 key 1.2.3.4'],
  ['ip6gre', 'ip link add gre6 type ip6gre local 2001:db8::1 remote 2001:db8::2 key 42 hoplimit 32'],
]

const ip: Row[] = [
  ['ipip', 'ip link add ipip1 type ipip local 192.0.2.1 remote 192.0.2.2'],
  [
    'ipip-options',
    'ip link add ipip1 type ipip local 192.0.2.1 remote 192.0.2.2 tos inherit nopmtudisc mode any',
  ],
  ['sit', 'ip link add sit1 type sit local 192.0.2.1 remote 192.0.2.2 ttl 64'],
  [
    'sit-6rd',
    'ip link add sit1 type sit local 192.0.2.1 6rd-prefix 2001:db8::/32 6rd-relay_prefix 198.51.100.0/24',
  ],
  ['ip6tnl', 'ip link add tnl6 type ip6tnl mode ip6ip6 local 2001:db8::1 remote 2001:db8::2'],
  ['vti', 'ip link add vti1 type vti local 192.0.2.1 remote 192.0.2.2 key 5'],
]

export const tunnel = scenarios([ETH], [...vxlan, ...geneve, ...gre, ...ip])
