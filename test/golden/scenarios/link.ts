import { BRIDGE, ETH, RED, type Row, scenarios } from './scenario.js'

const set: Row[] = [
  ['link-up', 'ip link set eth0 up'],
  ['link-up-dev', 'ip link set dev eth0 up'],
  ['link-down', 'ip link set eth0 down'],
  ['link-mtu', 'ip link set eth0 mtu 9000'],
  ['link-address', 'ip link set eth0 address 02:00:00:00:00:0a'],
  ['link-broadcast', 'ip link set eth0 broadcast 02:ff:ff:ff:ff:ff'],
  ['link-rename', 'ip link set eth0 name wan0'],
  ['link-rename-longest', 'ip link set eth0 name abcdefghijklmno'],
  ['link-master', 'ip link set eth0 master br0', BRIDGE],
  ['link-master-up', 'ip link set eth0 master br0 up', BRIDGE],
  ['link-nomaster', 'ip link set eth0 nomaster', BRIDGE, 'ip link set eth0 master br0'],
  ['link-txqueuelen', 'ip link set eth0 txqueuelen 2000'],
  ['link-alias', "ip link set eth0 alias 'uplink of rack 1'"],
  ['link-alias-cleared', "ip link set eth0 alias ''"],
  ['link-promisc-on', 'ip link set eth0 promisc on'],
  ['link-promisc-off', 'ip link set eth0 promisc off'],
  ['link-arp-off', 'ip link set eth0 arp off'],
  ['link-arp-on', 'ip link set eth0 arp on'],
  ['link-multicast-off', 'ip link set eth0 multicast off'],
  ['link-allmulticast-on', 'ip link set eth0 allmulticast on'],
  ['link-trailers-off', 'ip link set eth0 trailers off'],
  ['link-carrier-off', 'ip link set eth0 carrier off'],
  ['link-group', 'ip link set eth0 group 42'],
  ['link-group-named', 'ip link set eth0 group default'],
  ['link-protodown-on', 'ip link set eth0 protodown on'],
  ['link-state-dormant', 'ip link set eth0 state dormant'],
  ['link-mode-dormant', 'ip link set eth0 mode dormant'],
  ['link-addrgenmode-none', 'ip link set eth0 addrgenmode none'],
  ['link-addrgenmode-eui64', 'ip link set eth0 addrgenmode eui64'],
  [
    'link-addrgenmode-stable-secret',
    'ip link set eth0 addrgenmode stable_secret',
    'sysctl -qw net.ipv6.conf.eth0.stable_secret=2001:db8::1',
  ],
  ['link-addrgenmode-random', 'ip link set eth0 addrgenmode random'],
  [
    'link-many-at-once',
    'ip link set eth0 mtu 1400 address 02:00:00:00:00:0a txqueuelen 100 alias lan master br0 up',
    BRIDGE,
  ],
  ['link-gso-max', 'ip link set eth0 gso_max_size 32768 gso_max_segs 100'],
  ['link-gro-max', 'ip link set eth0 gro_max_size 32768'],
  ['link-netns-name', 'ip link set eth0 netns red', RED],
  ['link-netns-name-renamed', 'ip link set eth0 netns red name lan0', RED],
  ['link-netns-pid', 'ip link set eth0 netns $$'],
  ['link-up-in-netns', 'ip -n red link set lo up', RED],
  [
    'link-up-by-altname',
    'ip link set ethernet-to-rack-1 up',
    'ip link property add dev eth0 altname ethernet-to-rack-1',
  ],
  ['link-group-of-links-down', 'ip link set group 42 down', 'ip link set eth0 group 42'],
  ['link-group-of-links-alias', 'ip link set group 42 mtu 1400 alias lan', 'ip link set eth0 group 42'],
  ['link-group-of-links-netns', 'ip link set group 42 netns red', `${RED}; ip link set eth0 group 42`],
]

const property: Row[] = [
  ['link-altname-add', 'ip link property add dev eth0 altname ethernet-to-rack-1'],
  ['link-altname-add-two', 'ip link property add dev eth0 altname first altname a-second-and-longer-name'],
  [
    'link-altname-delete',
    'ip link property del dev eth0 altname ethernet-to-rack-1',
    'ip link property add dev eth0 altname ethernet-to-rack-1',
  ],
]

const remove: Row[] = [
  ['link-delete', 'ip link delete eth0'],
  ['link-delete-dev', 'ip link del dev eth0'],
  ['link-delete-with-type', 'ip link del eth0 type veth'],
  ['link-delete-group', 'ip link delete group 42', 'ip link set eth0 group 42'],
]

export const link = scenarios([ETH], [...set, ...property, ...remove])
