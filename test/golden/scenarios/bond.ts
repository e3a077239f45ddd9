import { ETH, type Row, scenarios } from './scenario.js'

const rows: Row[] = [
  ['bond', 'ip link add bond0 type bond'],
  [
    'bond-active-backup',
    'ip link add bond0 type bond mode active-backup miimon 100 updelay 200 downdelay 300',
  ],
  ['bond-mode-by-number', 'ip link add bond0 type bond mode 1'],
  [
    'bond-primary',
    'ip link add bond0 type bond mode active-backup miimon 100 primary eth0 primary_reselect better fail_over_mac active num_grat_arp 3',
  ],
  [
    'bond-arp',
    'ip link add bond0 type bond mode active-backup arp_interval 1000 arp_validate all arp_all_targets any arp_ip_target 192.0.2.1,192.0.2.2 arp_missed_max 3',
  ],
  [
    'bond-ns',
    'ip link add bond0 type bond mode active-backup arp_interval 1000 ns_ip6_target 2001:db8::1,2001:db8::2',
  ],
  [
    'bond-8023ad',
    'ip link add bond0 type bond mode 802.3ad miimon 100 lacp_rate fast ad_select bandwidth xmit_hash_policy layer3+4 min_links 1 ad_actor_sys_prio 100 ad_actor_system 02:00:00:00:00:0a ad_user_port_key 5 lacp_active off',
  ],
  [
    'bond-balance',
    'ip link add bond0 type bond mode balance-tlb tlb_dynamic_lb 0 lp_interval 2 resend_igmp 2 all_slaves_active 1 use_carrier 1 peer_notify_delay 100',
  ],
  ['bond-balance-rr', 'ip link add bond0 type bond mode balance-rr packets_per_slave 3'],
  ['bond-slave-queue', 'ip link set eth0 type bond_slave queue_id 2'],
]

export const bond = scenarios([ETH], rows)
