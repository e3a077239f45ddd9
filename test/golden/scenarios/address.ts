import { ETH, type Row, scenarios } from './scenario.js'

const v4: Row[] = [
  ['address-v4', 'ip addr add 192.0.2.1/24 dev eth0'],
  ['address-v4-without-length', 'ip addr add 192.0.2.1 dev eth0'],
  ['address-v4-replace', 'ip addr replace 192.0.2.1/24 dev eth0'],
  [
    'address-v4-change',
    'ip addr change 192.0.2.1/24 dev eth0 valid_lft 600 preferred_lft 300',
    'ip addr add 192.0.2.1/24 dev eth0',
  ],
  ['address-v4-delete', 'ip addr del 192.0.2.1/24 dev eth0', 'ip addr add 192.0.2.1/24 dev eth0'],
  ['address-v4-broadcast', 'ip addr add 192.0.2.1/24 brd 192.0.2.255 dev eth0'],
  ['address-v4-broadcast-plus', 'ip addr add 192.0.2.1/24 brd + dev eth0'],
  ['address-v4-broadcast-minus', 'ip addr add 192.0.2.1/24 brd - dev eth0'],
  ['address-v4-label', 'ip addr add 192.0.2.1/24 dev eth0 label eth0:1'],
  ['address-v4-scope-link', 'ip addr add 192.0.2.1/24 dev eth0 scope link'],
  ['address-v4-scope-host', 'ip addr add 192.0.2.1/24 dev eth0 scope host'],
  ['address-v4-scope-number', 'ip addr add 192.0.2.1/24 dev eth0 scope 200'],
  ['address-v4-peer', 'ip addr add 192.0.2.1 peer 192.0.2.2/32 dev eth0'],
  ['address-v4-peer-without-length', 'ip addr add 192.0.2.1 peer 192.0.2.2 dev eth0'],
  ['address-v4-metric', 'ip addr add 192.0.2.1/24 dev eth0 metric 500'],
  ['address-v4-noprefixroute', 'ip addr add 192.0.2.1/24 dev eth0 noprefixroute'],
  ['address-v4-lifetimes', 'ip addr add 192.0.2.1/24 dev eth0 valid_lft 3600 preferred_lft 1800'],
  ['address-v4-lifetime-forever', 'ip addr add 192.0.2.1/24 dev eth0 valid_lft forever preferred_lft 1800'],
  ['address-v4-loopback', 'ip addr add 127.0.0.2/8 dev lo'],
  [
    'address-v4-all',
    'ip addr add 192.0.2.1/25 brd + dev eth0 label eth0:lan scope global metric 50 noprefixroute valid_lft 60 preferred_lft 30',
  ],
]

const v6: Row[] = [
  ['address-v6', 'ip addr add 2001:db8::1/64 dev eth0'],
  ['address-v6-without-length', 'ip addr add 2001:db8::1 dev eth0'],
  ['address-v6-replace', 'ip addr replace 2001:db8::1/64 dev eth0'],
  [
    'address-v6-change',
    'ip addr change 2001:db8::1/64 dev eth0 preferred_lft 0',
    'ip addr add 2001:db8::1/64 dev eth0',
  ],
  ['address-v6-delete', 'ip addr del 2001:db8::1/64 dev eth0', 'ip addr add 2001:db8::1/64 dev eth0'],
  ['address-v6-nodad', 'ip addr add 2001:db8::1/64 dev eth0 nodad'],
  ['address-v6-noprefixroute', 'ip addr add 2001:db8::1/64 dev eth0 noprefixroute'],
  ['address-v6-home', 'ip addr add 2001:db8::1/64 dev eth0 home'],
  ['address-v6-mngtmpaddr', 'ip addr add 2001:db8::1/64 dev eth0 mngtmpaddr'],
  ['address-v6-flags', 'ip addr add 2001:db8::1/64 dev eth0 nodad home mngtmpaddr noprefixroute'],
  ['address-v6-autojoin', 'ip addr add ff05::5/128 dev eth0 autojoin'],
  ['address-v6-scope-link', 'ip addr add fe80::1/64 dev eth0 scope link'],
  ['address-v6-peer', 'ip addr add 2001:db8::1 peer 2001:db8::2/128 dev eth0'],
  ['address-v6-lifetimes', 'ip addr add 2001:db8::1/64 dev eth0 valid_lft 3600 preferred_lft 1800'],
  ['address-v6-metric', 'ip addr add 2001:db8::1/64 dev eth0 metric 500'],
]

export const address = scenarios([ETH], [...v4, ...v6])
