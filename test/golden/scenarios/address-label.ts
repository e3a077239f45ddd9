import { ETH, type Row, scenarios } from './scenario.js'

const ONE = 'ip addrlabel add prefix 2001:db8::/32 label 77'

const rows: Row[] = [
  ['addrlabel-add', ONE],
  ['addrlabel-add-dev', `${ONE} dev eth0`],
  ['addrlabel-delete', 'ip addrlabel del prefix 2001:db8::/32 label 77', ONE],
  ['addrlabel-show', 'ip addrlabel list'],
]

/** Labels of IPv6 addresses. */
export const addressLabel = scenarios([ETH], rows)
