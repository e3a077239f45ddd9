/**
 * Records what a kernel answers to dumps of tables that are full of all kinds of things, for tests that bend the bytes:
 * `test/isolated npx tsx test/golden/record-dumps.ts`. Writes dumps/KERNEL.json; what a kernel lacks is left out. With '-' it prints
 * the file, for kernels that cannot write it: `test/kernels/uml.sh npx tsx test/golden/record-dumps.ts -`.
 * `npx biome check --write test/golden/dumps` afterwards.
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { getU16, getU32 } from '../../src/codec/bytes.js'
import { align, toHex } from '../../src/codec/index.js'
import { addon } from '../../src/socket/addon.js'
import { check } from '../../src/socket/failure.js'

const SETUP = `
ip link add eth0 type veth peer name eth1
ip link set eth0 up; ip link set eth1 up; ip link set lo up
ip link property add dev eth0 altname other
ip link add br0 type bridge stp_state 1 mcast_querier 1
ip link set br0 up
ip link add port0 type veth peer name port1; ip link set port0 master br0 up; ip link set port1 up
ip link add vx0 type vxlan id 42 remote 192.0.2.7 dstport 4789 dev eth0
ip link add mac0 link eth0 type macvlan mode bridge
ip address add 192.0.2.1/24 dev eth0 label eth0:1 valid_lft 600 preferred_lft 300
ip address add 10.0.0.1 peer 10.0.0.2/32 dev eth0
ip address add 2001:db8::1/64 dev eth0
ip route add 198.51.100.0/24 via 192.0.2.9 metric 5 mtu 1400 advmss 1300 rtt 10 congctl reno
ip route add 203.0.113.0/24 nexthop via 192.0.2.9 weight 3 nexthop via 192.0.2.8
ip route add 203.0.114.0/24 via inet6 fe80::9 dev eth0
ip route add unreachable 10.9.0.0/16
ip -6 route add 2001:db8:9::/48 via 2001:db8::9 pref high expires 300
ip nexthop add id 1 via 192.0.2.9 dev eth0; ip nexthop add id 2 via 192.0.2.8 dev eth0
ip nexthop add id 3 group 1,3/2; ip nexthop add id 4 group 1/2 type resilient buckets 8
ip nexthop add id 5 blackhole
ip route add 10.8.0.0/16 nhid 3
ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev eth0; ip neigh add proxy 192.0.2.8 dev eth0
ip neigh add 2001:db8::9 lladdr 02:00:00:00:00:09 dev eth0 router protocol static
ip rule add from 192.0.2.0/24 fwmark 5/0xff table 100 priority 1000 uidrange 1-5 sport 1-5
ip -6 rule add iif eth0 goto 32766 priority 50
ip addrlabel add prefix 2001:db8::/32 label 77 dev eth0
bridge fdb add 02:00:00:00:00:0a dev vx0 dst 192.0.2.5 vni 7
bridge fdb add 02:00:00:00:00:0b dev port0 master static
bridge mdb add dev br0 port port0 grp 239.1.1.1 permanent
ip link set br0 type bridge vlan_filtering 1
bridge vlan add vid 100-102 dev port0; bridge vlan add vid 200 dev port0 pvid untagged; bridge vlan add vid 300 dev br0 self
ip netns add red; ip netns set red 5
sysctl -qw net.mpls.platform_labels=1000
ip -f mpls route add 100 as 200/300 via inet 192.0.2.9 dev eth0
ip -f mpls route add 101 nexthop via inet 192.0.2.9 dev eth0 nexthop as 201 via inet6 2001:db8::9 dev eth0
ip -f mpls route add 102 dev lo
ip link add vx1 type vxlan external vnifilter dstport 4790 dev eth0
bridge vni add vni 10-12 group 239.1.1.2 dev vx1; bridge vni add vni 20 dev vx1
conntrack -I -p tcp -s 192.0.2.1 -d 192.0.2.9 --sport 1000 --dport 80 --state ESTABLISHED -t 600 -u ASSURED -m 5
conntrack -I -p udp -s 192.0.2.1 -d 192.0.2.9 --sport 1000 --dport 53 -t 600 --dst-nat 192.0.2.7:5353 -w 7
conntrack -I -p icmpv6 -s 2001:db8::1 -d 2001:db8::9 --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 7 -t 600
`

const RULESETS = [
  `
table inet t {
  comment "of all kinds"
  counter hits { packets 5 bytes 500; comment "an object"; }
  quota much { over 500 mbytes; }
  limit few { rate 5/minute; }
  ct helper ftp { type "ftp" protocol tcp; }
  set s { type ipv4_addr . inet_service; flags interval,timeout; counter; elements = {
    10.0.0.0/24 . 80-90 timeout 1h comment "web", 192.0.2.1 . 443 } }
  map m { type ipv4_addr : verdict; flags interval; elements = { 10.0.0.0/8 : jump c, 192.0.2.7-192.0.2.9 : drop, * : accept } }
  set recent { type ipv4_addr; flags dynamic,timeout; timeout 1m; size 100; }
  chain c { comment "a chain"; counter name hits; quota name "much"; }
  chain in { type filter hook input priority filter; policy accept;
    ct state established,related accept
    iifname { eth0, "veth*" } tcp dport { 22, 80-90 } tcp flags & (syn | ack) == syn limit rate 5/second burst 7 packets log prefix "in: " group 2 accept
    ip saddr . tcp dport @s counter packets 7 bytes 700 comment "let in"
    ip saddr vmap @m
    ip protocol tcp ct mark set ct mark and 0xff or 0x100 meta mark set ip saddr map { 10.0.0.1 : 1, 10.0.0.2 : 2 }
    tcp dport 25 add @recent { ip saddr limit rate 3/minute } reject with tcp reset
    fib saddr . iif oif missing drop
    numgen inc mod 2 vmap { 0 : jump c, 1 : return }
  }
  chain to { type nat hook prerouting priority dstnat; tcp dport 80 dnat ip to 10.0.0.1-10.0.0.9:8080 random,persistent; }
  chain from { type nat hook postrouting priority srcnat; oifname "eth0" tcp dport 80 masquerade to :1024-2000 fully-random; }
}
`,
  `
table inet t {
  flowtable f { hook ingress priority filter; devices = { eth0, port0 }; counter; }
  chain dev { type filter hook forward priority 0; ip protocol tcp flow add @f; }
}
`,
]

/** Message type (nfnetlink's with its subsystem, 10), the family, bytes of the struct, and attributes as hexadecimal. */
const REQUESTS: readonly [name: string, type: number, family: number, size: number, attributes?: string][] = [
  ['link', 18, 0, 16, '08001d0001000000'],
  ['address', 22, 0, 8],
  ['route4', 26, 2, 12],
  ['route6', 26, 10, 12],
  ['neighbour', 30, 0, 12],
  ['fdb', 30, 7, 12],
  ['rule', 34, 0, 12],
  ['multicast', 58, 10, 8],
  ['neighbour-table', 66, 0, 4],
  ['address-label', 74, 10, 12],
  ['netconf', 82, 0, 4],
  ['mdb', 86, 7, 8],
  ['nsid', 90, 0, 4],
  ['nexthop', 106, 0, 8],
  ['bridge-link', 18, 7, 16, '08001d0002000000'],
  ['bridge-vlan', 114, 7, 8, '0800010001000000'],
  ['global-bridge-vlan', 114, 7, 8, '0800010002000000'],
  ['mpls', 26, 28, 12],
  // filter_mask: all groups of counters.
  ['link-stats', 94, 0, 8, '1f000000'],
  ['nexthop-bucket', 118, 0, 8],
  ['vxlan-vni', 122, 7, 8],
  ['conntrack', 0x101, 0, 4],
  ['conntrack-stats', 0x104, 0, 4],
  ['nft-table', 0xa01, 0, 4],
  ['nft-chain', 0xa04, 0, 4],
  ['nft-rule', 0xa07, 0, 4],
  ['nft-set', 0xa0a, 0, 4],
  // Of the table t: the set s, the map m.
  ['nft-elements', 0xa0d, 1, 4, '06000100740000000600020073000000'],
  ['nft-map-elements', 0xa0d, 1, 4, '0600010074000000060002006d000000'],
  ['nft-object', 0xa13, 0, 4],
  ['nft-flowtable', 0xa17, 0, 4],
]

const NETLINK_ROUTE = 0
const NETLINK_NETFILTER = 12
const NLM_F_REQUEST_DUMP = 0x301
const NLMSG_DONE = 3
const NLMSG_ERROR = 2

function dump([name, type, family, size, attributes = '']: (typeof REQUESTS)[number]): string[] {
  const protocol = type > 0xff ? NETLINK_NETFILTER : NETLINK_ROUTE
  const socket = check(addon().openNetlink(-1, protocol, Int32Array.of(0, 0)))
  const tail = Buffer.from(attributes, 'hex')
  const request = new Uint8Array(16 + size + tail.length)
  const view = new DataView(request.buffer)
  view.setUint32(0, request.length, true)
  view.setUint16(4, type, true)
  view.setUint16(6, NLM_F_REQUEST_DUMP, true)
  request[16] = family
  request.set(tail, 16 + size)
  const buffer = new Uint8Array(1 << 20)
  const messages: string[] = []
  let received = socket.exchange(request, request.length, buffer)
  for (;;) {
    if (received < 0) throw new Error(`${name}: ${received}`)
    for (let at = 0; at < received; at += align(getU32(buffer, at))) {
      const kind = getU16(buffer, at + 4)
      if (kind === NLMSG_DONE || kind === NLMSG_ERROR) {
        socket.close()
        return messages
      }
      // A kernel without the family answers for all others.
      if (family === 0 || buffer[at + 16] === family)
        messages.push(toHex(buffer, at, at + getU32(buffer, at)))
    }
    received = socket.receive(buffer, true)
  }
}

if (process.env['NETLINK_TS_ISOLATED'] !== '1')
  throw new Error('run as: test/isolated npx tsx test/golden/record-dumps.ts')
for (const line of SETUP.split(/[\n;]/).filter((one) => one.trim() !== '')) {
  const { status, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' })
  if (status !== 0) console.error(`${line.trim()}: ${stderr.trim()}`)
}
for (const input of RULESETS) {
  const { stderr } = spawnSync('nft', ['-f', '-'], { input, encoding: 'utf8' })
  if (stderr !== '') console.error(`nft: ${stderr.trim()}`)
}
const dumps = Object.fromEntries(
  REQUESTS.map((request) => [request[0], dump(request)] as const).filter(([, found]) => found.length > 0),
)
const file = { iproute2: execFileSync('ip', ['-V'], { encoding: 'utf8' }).trim(), kernel: release(), dumps }
const text = `${JSON.stringify(file, null, 2)}\n`
if (process.argv[2] === '-') console.log(JSON.stringify(file))
else writeFileSync(new URL(`./dumps/${release().replace(/[^\d.].*$/, '')}.json`, import.meta.url), text)
