import { ETH, type Row, scenarios, UP } from './scenario.js'

const CHANGE = 'ip ntable change name arp_cache dev eth0'

const neighbourTables: Row[] = [
  ['ntable-show', 'ip ntable show'],
  ['ntable-show-v4', 'ip -4 ntable show'],
  ['ntable-show-v6', 'ip -6 ntable show'],
  ['ntable-show-dev', 'ip ntable show dev eth0'],
  ['ntable-show-name', 'ip ntable show name arp_cache'],
  ['ntable-base-reachable', `${CHANGE} base_reachable 20000`],
  ['ntable-retrans', `${CHANGE} retrans 500`],
  ['ntable-gc-stale', `${CHANGE} gc_stale 30000`],
  ['ntable-delay-probe', `${CHANGE} delay_probe 2000`],
  ['ntable-queue', `${CHANGE} queue 10`],
  ['ntable-app-probes', `${CHANGE} app_probes 1`],
  ['ntable-ucast-probes', `${CHANGE} ucast_probes 5`],
  ['ntable-mcast-probes', `${CHANGE} mcast_probes 6`],
  ['ntable-anycast-delay', `${CHANGE} anycast_delay 2000`],
  ['ntable-proxy-delay', `${CHANGE} proxy_delay 1000`],
  ['ntable-proxy-queue', `${CHANGE} proxy_queue 32`],
  ['ntable-locktime', `${CHANGE} locktime 0`],
  ['ntable-v6', 'ip ntable change name ndisc_cache dev eth0 retrans 500 ucast_probes 5'],
  ['ntable-family', 'ip -6 ntable change name ndisc_cache dev eth0 retrans 500'],
]

/** Only the first namespace has these. */
const thresholds: Row[] = [
  ['ntable-thresholds', 'ip ntable change name arp_cache thresh1 100 thresh2 200 thresh3 300 gc_int 30000'],
  ['ntable-default', 'ip ntable change name arp_cache retrans 500'],
]

const netconf: Row[] = [
  ['netconf-show', 'ip netconf show'],
  ['netconf-show-v4', 'ip -4 netconf show'],
  ['netconf-show-v6', 'ip -6 netconf show'],
  ['netconf-show-dev', 'ip -4 netconf show dev eth0'],
]

const multicastRoutes: Row[] = [
  ['mroute-show', 'ip mroute show'],
  ['mroute-show-v4', 'ip -4 mroute show'],
  ['mroute-show-v6', 'ip -6 mroute show'],
]

/** Neighbour tables, settings of interfaces, multicast routes. */
export const moreTables = [
  ...scenarios([ETH, UP], [...neighbourTables, ...netconf, ...multicastRoutes]),
  ...scenarios([ETH, UP], thresholds, 'the first namespace'),
  ...scenarios(
    [ETH, UP],
    [['mroute-show-table', 'ip -4 mroute show table 5']],
    'a table of multicast routes',
  ),
]
