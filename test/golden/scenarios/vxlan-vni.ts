import { ETH, type Row, scenarios, UP } from './scenario.js'

const VX = 'ip link add vx0 index 30 type vxlan external vnifilter dev eth0 dstport 4789'
const ONE = 'bridge vni add vni 100-110 dev vx0'

const rows: Row[] = [
  ['vni-add', 'bridge vni add vni 100 dev vx0'],
  ['vni-add-range', 'bridge vni add vni 100-110 dev vx0'],
  ['vni-add-remote', 'bridge vni add vni 100 remote 192.0.2.9 dev vx0'],
  ['vni-add-group', 'bridge vni add vni 100 group 239.1.1.1 dev vx0'],
  ['vni-add-remote-v6', 'bridge vni add vni 100 remote 2001:db8::9 dev vx0'],
  ['vni-delete', 'bridge vni delete vni 100 dev vx0', ONE],
  ['vni-delete-range', 'bridge vni delete vni 100-105 dev vx0', ONE],
  ['vni-show', 'bridge vni show', ONE],
  ['vni-show-dev', 'bridge vni show dev vx0', ONE],
  ['vni-show-statistics', 'bridge -s vni show', ONE],
]

/** The networks of a vxlan device with a filter. */
export const vxlanVni = scenarios([ETH, UP, VX], rows)
