/** What tests of bad input share: for each kind of link, options that are good. */

/** Options that are enough for each kind, where it needs any. */
export const ENOUGH: Record<string, object> = {
  amt: { link: 'eth0', mode: 'gateway', localIp: '192.0.2.1', discoveryIp: '192.0.2.2' },
  bareudp: { dstport: 6635, ethertype: 'ipv4' },
  erspan: { iflags: ['seq'], ikey: 1 },
  geneve: { id: 42 },
  hsr: { slave1: 'eth0', slave2: 'eth1' },
  ip6erspan: { iflags: ['seq'], ikey: 1 },
  ipoib: { link: 'eth0' },
  ipvlan: { link: 'eth0' },
  ipvtap: { link: 'eth0' },
  macsec: { link: 'eth0' },
  macvlan: { link: 'eth0', mode: 'source' },
  macvtap: { link: 'eth0', mode: 'source' },
  rmnet: { link: 'eth0', muxId: 5 },
  virt_wifi: { link: 'eth0' },
  vlan: { link: 'eth0', id: 100 },
  vrf: { table: 10 },
  vxlan: { id: 42 },
  wwan: { linkId: 0 },
  xfrm: { ifId: 1 },
}

// biome-ignore lint/suspicious/noExplicitAny: what the type checker refuses is what these calls are about
export type Loose = any
