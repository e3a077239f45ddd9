import { ETH, type Row, scenarios, UP } from './scenario.js'

const ONE = 'ip nexthop add id 1 via 192.0.2.254 dev eth0'
const TWO = 'ip nexthop add id 2 via 192.0.2.253 dev eth0'
const RESILIENT = [ONE, TWO, 'ip nexthop add id 10 group 1/2 type resilient buckets 8']

const rows: Row[] = [
  ['nexthop-via', ONE],
  ['nexthop-via-v6', 'ip nexthop add id 1 via 2001:db8::fe dev eth0'],
  ['nexthop-dev', 'ip nexthop add id 1 dev eth0'],
  ['nexthop-dev-v6', 'ip -6 nexthop add id 1 dev eth0'],
  ['nexthop-without-id', 'ip nexthop add via 192.0.2.254 dev eth0'],
  ['nexthop-onlink', 'ip nexthop add id 1 via 203.0.113.1 dev eth0 onlink'],
  ['nexthop-blackhole', 'ip nexthop add id 1 blackhole'],
  ['nexthop-fdb', 'ip nexthop add id 1 via 192.0.2.254 fdb'],
  ['nexthop-protocol', 'ip nexthop add id 1 via 192.0.2.254 dev eth0 protocol static'],
  ['nexthop-group', 'ip nexthop add id 10 group 1/2', ONE, TWO],
  ['nexthop-group-weights', 'ip nexthop add id 10 group 1,10/2,255', ONE, TWO],
  ['nexthop-group-mpath', 'ip nexthop add id 10 group 1/2 type mpath', ONE, TWO],
  [
    'nexthop-group-resilient',
    'ip nexthop add id 10 group 1/2 type resilient buckets 32 idle_timer 60 unbalanced_timer 300',
    ONE,
    TWO,
  ],
  ['nexthop-replace', 'ip nexthop replace id 1 via 192.0.2.252 dev eth0', ONE],
  ['nexthop-delete', 'ip nexthop del id 1', ONE],
  ['nexthop-get', 'ip nexthop get id 1', ONE],
  ['nexthop-show', 'ip nexthop show', ONE],
  ['nexthop-show-dev', 'ip nexthop show dev eth0', ONE],
  ['nexthop-show-groups', 'ip nexthop show groups', ONE],
  ['nexthop-show-v6', 'ip -6 nexthop show', ONE],
  ['nexthop-show-master', 'ip nexthop show master br0', 'ip link add br0 index 20 type bridge'],
  ['nexthop-bucket-show', 'ip nexthop bucket show', ...RESILIENT],
  ['nexthop-bucket-show-id', 'ip nexthop bucket show id 10', ...RESILIENT],
  ['nexthop-bucket-show-nhid', 'ip nexthop bucket show id 10 nhid 2', ...RESILIENT],
  ['nexthop-bucket-show-dev', 'ip nexthop bucket show dev eth0', ...RESILIENT],
  ['nexthop-bucket-get', 'ip nexthop bucket get id 10 index 3', ...RESILIENT],
]

export const nexthop = scenarios(
  [ETH, UP, 'ip addr add 192.0.2.1/24 dev eth0', 'ip addr add 2001:db8::1/64 dev eth0 nodad'],
  rows,
)
