import { ETH, type Row, scenarios } from './scenario.js'

const rows: Row[] = [
  ['stats-set-l3-on', 'ip stats set dev eth0 l3_stats on'],
  ['stats-set-l3-off', 'ip stats set dev eth0 l3_stats off', 'ip stats set dev eth0 l3_stats on'],
]

/** Counters of interfaces. */
export const stats = scenarios([ETH], rows)
