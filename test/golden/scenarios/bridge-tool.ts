import { BRIDGE, ETH, type Row, scenarios, UP } from './scenario.js'

const MAC = '02:00:00:00:00:09'

const link: Row[] = [
  ['bridge-link-cost', 'bridge link set dev eth0 cost 100'],
  ['bridge-link-priority', 'bridge link set dev eth0 priority 16'],
  ['bridge-link-state', 'bridge link set dev eth0 state forwarding'],
  ['bridge-link-hairpin', 'bridge link set dev eth0 hairpin on'],
  ['bridge-link-isolated', 'bridge link set dev eth0 isolated on'],
  [
    'bridge-link-flags',
    'bridge link set dev eth0 guard on fastleave on root_block on learning off flood off mcast_flood off bcast_flood off mcast_to_unicast on neigh_suppress on vlan_tunnel on locked on',
  ],
  ['bridge-link-mcast-router', 'bridge link set dev eth0 mcast_router 2'],
  ['bridge-link-backup-port', 'bridge link set dev eth0 backup_port eth1', 'ip link set eth1 master br0'],
  ['bridge-link-master', 'bridge link set dev eth0 flood off master'],
  ['bridge-link-self', 'bridge link set dev eth0 flood off self'],
  ['bridge-link-hwmode', 'bridge link set dev eth0 hwmode vepa'],
]

/** Only tried: where the kernel has no VLAN filtering the command that follows is sent all the same. */
const VLAN = 'bridge vlan add vid 100 dev br0 self && bridge vlan add vid 100 dev eth0 || true'

const vlan: Row[] = [
  ['bridge-vlan-add', 'bridge vlan add vid 100 dev eth0'],
  ['bridge-vlan-add-pvid', 'bridge vlan add vid 100 dev eth0 pvid untagged'],
  ['bridge-vlan-add-range', 'bridge vlan add vid 100-200 dev eth0'],
  ['bridge-vlan-add-self', 'bridge vlan add vid 100 dev br0 self'],
  ['bridge-vlan-add-master', 'bridge vlan add vid 100 dev eth0 master'],
  [
    'bridge-vlan-add-tunnel',
    'bridge vlan add vid 100 dev eth0 tunnel_info id 1000',
    'bridge link set dev eth0 vlan_tunnel on',
    VLAN,
  ],
  ['bridge-vlan-delete', 'bridge vlan del vid 100 dev eth0'],
  ['bridge-vlan-delete-range', 'bridge vlan del vid 100-200 dev eth0'],
  ['bridge-vlan-set-state', 'bridge vlan set vid 100 dev eth0 state blocking', VLAN],
  ['bridge-fdb-add-vlan', `bridge fdb add ${MAC} dev eth0 master vlan 1`],
  ['bridge-vlan-global-set', 'bridge vlan global set vid 100 dev br0 mcast_snooping 1', VLAN],
]

const fdb: Row[] = [
  ['bridge-fdb-add', `bridge fdb add ${MAC} dev eth0 master`],
  ['bridge-fdb-add-self', `bridge fdb add ${MAC} dev eth0`],
  ['bridge-fdb-add-static', `bridge fdb add ${MAC} dev eth0 master static`],
  ['bridge-fdb-add-dynamic', `bridge fdb add ${MAC} dev eth0 master dynamic`],
  ['bridge-fdb-add-sticky', `bridge fdb add ${MAC} dev eth0 master static sticky`],
  ['bridge-fdb-add-extern-learn', `bridge fdb add ${MAC} dev eth0 master dynamic extern_learn`],
  ['bridge-fdb-replace', `bridge fdb replace ${MAC} dev eth0 master`],
  ['bridge-fdb-delete', `bridge fdb del ${MAC} dev eth0 master`, `bridge fdb add ${MAC} dev eth0 master`],
  ['bridge-fdb-get', `bridge fdb get ${MAC} br br0`, `bridge fdb add ${MAC} dev eth0 master`],
  ['bridge-fdb-flush', 'bridge fdb flush dev br0'],
  ['bridge-fdb-flush-flags', 'bridge fdb flush dev br0 brport eth0 vlan 5 nopermanent dynamic'],
]

const VX = 'ip link add vx0 index 30 type vxlan id 42 dstport 4789'
const vxlan: Row[] = [
  ['bridge-fdb-vxlan-append', `bridge fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.9`, VX],
  ['bridge-fdb-vxlan-add', `bridge fdb add ${MAC} dev vx0 dst 192.0.2.9 port 8472 vni 43 via eth0`, VX],
  ['bridge-fdb-vxlan-add-v6', `bridge fdb add ${MAC} dev vx0 dst 2001:db8::9`, `${VX} local 2001:db8::1`],
  [
    'bridge-fdb-vxlan-delete',
    `bridge fdb del ${MAC} dev vx0 dst 192.0.2.9`,
    VX,
    `bridge fdb add ${MAC} dev vx0 dst 192.0.2.9`,
  ],
]

const mdb: Row[] = [
  ['bridge-mdb-add', 'bridge mdb add dev br0 port eth0 grp 239.1.1.1'],
  ['bridge-mdb-add-permanent', 'bridge mdb add dev br0 port eth0 grp 239.1.1.1 permanent'],
  ['bridge-mdb-add-v6-vid', 'bridge mdb add dev br0 port eth0 grp ff05::100 permanent vid 5'],
  ['bridge-mdb-add-source', 'bridge mdb add dev br0 port eth0 grp 239.1.1.1 src 192.0.2.7 permanent'],
  ['bridge-mdb-add-mac', 'bridge mdb add dev br0 port eth0 grp 01:00:5e:01:01:01 permanent'],
  ['bridge-mdb-add-host', 'bridge mdb add dev br0 port br0 grp 239.1.1.1 temp'],
  [
    'bridge-mdb-delete',
    'bridge mdb del dev br0 port eth0 grp 239.1.1.1',
    'bridge mdb add dev br0 port eth0 grp 239.1.1.1',
  ],
]

const show: Row[] = [
  ['bridge-link-show', 'bridge link show'],
  ['bridge-link-show-dev', 'bridge link show dev eth0'],
  ['bridge-link-show-details', 'bridge -d link show'],
  ['bridge-vlan-show', 'bridge vlan show'],
  ['bridge-vlan-show-details', 'bridge -d vlan show'],
  ['bridge-vlan-show-statistics', 'bridge -s vlan show'],
  ['bridge-vlan-show-dev', 'bridge vlan show dev eth0'],
  ['bridge-vlan-tunnelshow', 'bridge vlan tunnelshow'],
  ['bridge-vlan-global-show', 'bridge vlan global show'],
  ['bridge-fdb-show', 'bridge fdb show'],
  ['bridge-fdb-show-br', 'bridge fdb show br br0'],
  ['bridge-fdb-show-brport', 'bridge fdb show brport eth0'],
  ['bridge-fdb-show-br-brport', 'bridge fdb show br br0 brport eth0'],
  ['bridge-fdb-show-dynamic', 'bridge fdb show br br0 dynamic'],
  ['bridge-mdb-show', 'bridge mdb show'],
  ['bridge-mdb-show-dev', 'bridge mdb show dev br0'],
]

const setup = [ETH, BRIDGE, UP, 'ip link set br0 up; ip link set eth0 master br0']

export const bridgeTool = [
  ...scenarios(setup, link),
  ...scenarios(setup, vlan, 'CONFIG_BRIDGE_VLAN_FILTERING'),
  ...scenarios(setup, [...fdb, ...vxlan, ...mdb, ...show]),
]
