import { ETH, type Row, scenarios, UP } from './scenario.js'

const ADD = 'ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev eth0 nud permanent'
const MAC = 'lladdr 02:00:00:00:00:09'

const states: Row[] = [
  'permanent',
  'reachable',
  'stale',
  'delay',
  'probe',
  'noarp',
  'none',
  'failed',
  'incomplete',
].map((state) => [`neighbour-state-${state}`, `ip neigh replace 192.0.2.9 ${MAC} dev eth0 nud ${state}`])

const rows: Row[] = [
  ['neighbour-v4', `ip neigh add 192.0.2.9 ${MAC} dev eth0`],
  ['neighbour-v4-change', 'ip neigh change 192.0.2.9 lladdr 02:00:00:00:00:08 dev eth0', ADD],
  ['neighbour-v4-replace', `ip neigh replace 192.0.2.9 ${MAC} dev eth0`],
  ['neighbour-v4-delete', 'ip neigh del 192.0.2.9 dev eth0', ADD],
  ['neighbour-v4-delete-with-lladdr', `ip neigh del 192.0.2.9 ${MAC} dev eth0`, ADD],
  ['neighbour-v6', `ip neigh add 2001:db8::9 ${MAC} dev eth0`],
  ['neighbour-v6-router', `ip neigh add fe80::9 ${MAC} dev eth0 router`],
  ['neighbour-v6-delete', 'ip neigh del 2001:db8::9 dev eth0', `ip neigh add 2001:db8::9 ${MAC} dev eth0`],
  ['neighbour-v4-proxy', 'ip neigh add proxy 192.0.2.9 dev eth0'],
  ['neighbour-v6-proxy', 'ip neigh add proxy 2001:db8::9 dev eth0'],
  [
    'neighbour-proxy-delete',
    'ip neigh del proxy 192.0.2.9 dev eth0',
    'ip neigh add proxy 192.0.2.9 dev eth0',
  ],
  ['neighbour-extern-learn', `ip neigh add 192.0.2.9 ${MAC} dev eth0 nud reachable extern_learn`],
  ['neighbour-use', 'ip neigh add 192.0.2.9 dev eth0 use'],
  ['neighbour-managed', 'ip neigh add 192.0.2.9 dev eth0 managed'],
  ['neighbour-protocol', `ip neigh add 192.0.2.9 ${MAC} dev eth0 protocol static`],
  ['neighbour-get', 'ip neigh get 192.0.2.9 dev eth0', ADD],
  ['neighbour-get-v6', 'ip neigh get 2001:db8::9 dev eth0', `ip neigh add 2001:db8::9 ${MAC} dev eth0`],
  ['neighbour-get-proxy', 'ip neigh get proxy 192.0.2.9 dev eth0', 'ip neigh add proxy 192.0.2.9 dev eth0'],
  ['neighbour-show', 'ip neigh show', ADD],
  ['neighbour-show-v4', 'ip -4 neigh show', ADD],
  ['neighbour-show-v6', 'ip -6 neigh show'],
  ['neighbour-show-dev', 'ip neigh show dev eth0', ADD],
  ['neighbour-show-nud', 'ip neigh show nud permanent', ADD],
  ['neighbour-show-proxy', 'ip neigh show proxy'],
  ['neighbour-show-to', 'ip neigh show to 192.0.2.0/24', ADD],
  ['neighbour-show-nomaster', 'ip neigh show nomaster', ADD],
  ['neighbour-show-master', 'ip neigh show master br0', 'ip link add br0 index 20 type bridge'],
]

export const neighbour = scenarios([ETH, UP], [...rows, ...states])
