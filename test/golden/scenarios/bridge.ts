import { BRIDGE, ETH, type Row, scenarios, UP } from './scenario.js'

const create: Row[] = [
  ['bridge-plain', 'ip link add v-net-0 type bridge'],
  ['bridge-up-mtu', 'ip link add v-net-0 mtu 1400 up type bridge'],
  ['bridge-stp', 'ip link add v-net-0 type bridge stp_state 1 forward_delay 400 hello_time 100 max_age 1000'],
  ['bridge-stp-off', 'ip link add v-net-0 type bridge stp_state 0'],
  ['bridge-ageing', 'ip link add v-net-0 type bridge ageing_time 6000'],
  ['bridge-priority', 'ip link add v-net-0 type bridge priority 4096'],
  ['bridge-vlan-filtering', 'ip link add v-net-0 type bridge vlan_filtering 1 vlan_default_pvid 100'],
  ['bridge-vlan-protocol', 'ip link add v-net-0 type bridge vlan_protocol 802.1ad'],
  ['bridge-vlan-stats', 'ip link add v-net-0 type bridge vlan_stats_enabled 1 vlan_stats_per_port 1'],
  [
    'bridge-nf-call',
    'ip link add v-net-0 type bridge nf_call_iptables 1 nf_call_ip6tables 1 nf_call_arptables 1',
  ],
  ['bridge-mcast-snooping-off', 'ip link add v-net-0 type bridge mcast_snooping 0'],
  [
    'bridge-mcast',
    'ip link add v-net-0 type bridge mcast_router 2 mcast_query_use_ifaddr 1 mcast_querier 1 mcast_hash_max 1024',
  ],
  [
    'bridge-mcast-intervals',
    'ip link add v-net-0 type bridge mcast_last_member_count 3 mcast_startup_query_count 4 mcast_last_member_interval 200 mcast_membership_interval 20000 mcast_querier_interval 20000 mcast_query_interval 10000 mcast_query_response_interval 900 mcast_startup_query_interval 2000',
  ],
  [
    'bridge-mcast-versions',
    'ip link add v-net-0 type bridge mcast_igmp_version 3 mcast_mld_version 2 mcast_stats_enabled 1',
  ],
  [
    'bridge-group-address',
    'ip link add v-net-0 type bridge group_address 01:80:c2:00:00:05 group_fwd_mask 8',
  ],
  ['bridge-no-linklocal-learn', 'ip link add v-net-0 type bridge no_linklocal_learn 1'],
]

const change: Row[] = [
  ['bridge-set-stp', 'ip link set br0 type bridge stp_state 1'],
  ['bridge-set-forward-delay', 'ip link set br0 type bridge forward_delay 0'],
  ['bridge-set-vlan-filtering', 'ip link set br0 type bridge vlan_filtering 1'],
  ['bridge-set-fdb-flush', 'ip link set br0 type bridge fdb_flush'],
  [
    'bridge-slave-cost',
    'ip link set eth0 type bridge_slave cost 100 priority 16 state 3',
    UP,
    'ip link set br0 up',
  ],
  [
    'bridge-slave-flags',
    'ip link set eth0 type bridge_slave hairpin on guard on root_block on fastleave on learning off flood off mcast_flood off bcast_flood off mcast_to_unicast on',
  ],
  [
    'bridge-slave-flags-of-newer-kernels',
    'ip link set eth0 type bridge_slave proxy_arp on proxy_arp_wifi on neigh_suppress on vlan_tunnel on isolated on locked on group_fwd_mask 8 mcast_router 1',
  ],
  [
    'bridge-slave-backup-port',
    'ip link set eth0 type bridge_slave backup_port eth1',
    'ip link set eth1 master br0',
  ],
  ['bridge-slave-no-backup-port', 'ip link set eth0 type bridge_slave nobackup_port'],
  ['bridge-slave-flush', 'ip link set eth0 type bridge_slave fdb_flush'],
]

export const bridge = [
  ...scenarios([], create),
  ...scenarios([BRIDGE, ETH, 'ip link set eth0 master br0'], change),
]
