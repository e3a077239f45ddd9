import { names } from '../codec/index.js'

/** IPPROTO_*: numbers of IANA, with the names of /etc/protocols. */
export const ipProtocols = names({
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  sctp: 132,
  udplite: 136,
})
/** The protocol above IP: 'tcp', 'udp', 'icmp' …, as /etc/protocols names the numbers of IANA. */
export type IpProtocol = keyof typeof ipProtocols.numbers
