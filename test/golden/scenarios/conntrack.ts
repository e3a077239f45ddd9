import { type Row, scenarios } from './scenario.js'

const V4 = '-s 10.0.0.1 -d 10.0.0.2'
const V6 = '-s 2001:db8::1 -d 2001:db8::2'
const PORTS = '--sport 1000 --dport 2000'
const TCP = `-p tcp ${V4} ${PORTS}`
const UDP = `-p udp ${V4} ${PORTS}`
const MADE = `conntrack -I ${TCP} --state ESTABLISHED -t 100`

const add: Row[] = [
  ['conntrack-tcp', MADE],
  ['conntrack-tcp-state', `conntrack -I ${TCP} --state SYN_SENT -t 30`],
  ['conntrack-tcp-status', `conntrack -I ${TCP} --state ESTABLISHED -t 100 -u SEEN_REPLY,ASSURED`],
  ['conntrack-tcp-v6', `conntrack -I -p tcp ${V6} ${PORTS} --state ESTABLISHED -t 100`],
  ['conntrack-udp', `conntrack -I ${UDP} -t 60`],
  ['conntrack-udp-mark', `conntrack -I ${UDP} -t 60 --mark 0x12345678`],
  ['conntrack-udp-zone', `conntrack -I ${UDP} -t 60 -w 5`],
  ['conntrack-udp-fixed-timeout', `conntrack -I ${UDP} -t 60 -u FIXED_TIMEOUT`],
  [
    'conntrack-udp-reply',
    `conntrack -I ${UDP} -r 10.0.0.9 -q 10.0.0.1 --reply-port-src 53 --reply-port-dst 1000 -t 60`,
  ],
  ['conntrack-udp-dnat', `conntrack -I ${UDP} -t 60 --dst-nat 10.0.0.9:53`],
  ['conntrack-udp-dnat-address', `conntrack -I ${UDP} -t 60 --dst-nat 10.0.0.9`],
  ['conntrack-udp-snat', `conntrack -I ${UDP} -t 60 --src-nat 10.0.0.9:4000`],
  ['conntrack-udp-v6-dnat', `conntrack -I -p udp ${V6} ${PORTS} -t 60 --dst-nat [2001:db8::9]:53`],
  ['conntrack-icmp', `conntrack -I -p icmp ${V4} --icmp-type 8 --icmp-code 0 --icmp-id 77 -t 30`],
  ['conntrack-icmpv6', `conntrack -I -p icmpv6 ${V6} --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 77 -t 30`],
  [
    'conntrack-sctp',
    `conntrack -I -p sctp ${V4} ${PORTS} --state ESTABLISHED --orig-vtag 7 --reply-vtag 9 -t 100`,
  ],
  ['conntrack-gre', `conntrack -I -p gre ${V4} --srckey 5 --dstkey 6 -t 100`],
]

const rest: Row[] = [
  ['conntrack-update-mark', `conntrack -U ${TCP} --mark 9`, MADE],
  ['conntrack-update-timeout', `conntrack -U ${TCP} -t 50`, MADE],
  ['conntrack-update-state', `conntrack -U ${TCP} --state TIME_WAIT`, MADE],
  ['conntrack-get', `conntrack -G ${TCP}`, MADE],
  ['conntrack-delete', `conntrack -D ${TCP}`, MADE],
  ['conntrack-list', 'conntrack -L'],
  ['conntrack-list-v4', 'conntrack -L -f ipv4'],
  ['conntrack-list-v6', 'conntrack -L -f ipv6'],
  ['conntrack-list-mark', 'conntrack -L -m 5/0xff'],
  ['conntrack-list-status', 'conntrack -L -u ASSURED'],
  ['conntrack-flush', 'conntrack -F'],
  ['conntrack-flush-v6', 'conntrack -F -f ipv6'],
  ['conntrack-count', 'conntrack -C'],
  ['conntrack-stats', 'conntrack -S'],
]

export const conntrack = scenarios([], [...add, ...rest])
