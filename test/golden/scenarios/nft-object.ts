import { type Row, scenarios } from './scenario.js'

const TABLE = 'nft add table inet t'
const CHAIN = "nft 'add chain inet t c'"
const SET = "nft 'add set inet t s { type ipv4_addr; }'"
const nft = (name: string, text: string, ...setup: string[]): Row => [
  `nft-${name}`,
  `nft '${text}'`,
  ...setup,
]

const tables: Row[] = [
  nft('table', 'add table inet t'),
  nft('table-ip', 'add table ip t'),
  nft('table-ip6', 'add table ip6 t'),
  nft('table-arp', 'add table arp t'),
  nft('table-bridge', 'add table bridge t'),
  nft('table-netdev', 'add table netdev t'),
  nft('table-dormant', 'add table inet t { flags dormant; }'),
  nft('table-comment', 'add table inet t { comment "a table"; }'),
  nft('table-create', 'create table inet t'),
  nft('table-delete', 'delete table inet t', TABLE),
  nft('table-delete-handle', 'delete table inet handle 1', TABLE),
  nft('table-flush', 'flush table inet t', TABLE),
  nft('flush-ruleset', 'flush ruleset', TABLE),
  nft('flush-ruleset-ip', 'flush ruleset ip', TABLE),
]

const base = (name: string, family: string, spec: string, ...setup: string[]): Row =>
  nft(`chain-${name}`, `add chain ${family} t c { ${spec} }`, `nft add table ${family} t`, ...setup)

const chains: Row[] = [
  nft('chain', 'add chain inet t c', TABLE),
  nft('chain-comment', 'add chain inet t c { comment "a chain"; }', TABLE),
  nft('chain-create', 'create chain inet t c', TABLE),
  base('filter-input', 'inet', 'type filter hook input priority 0;'),
  base('filter-forward-drop', 'inet', 'type filter hook forward priority filter; policy drop;'),
  base('filter-output', 'ip6', 'type filter hook output priority security;'),
  base('nat-prerouting', 'ip', 'type nat hook prerouting priority dstnat;'),
  base('nat-postrouting', 'inet', 'type nat hook postrouting priority srcnat; policy accept;'),
  base('route-output', 'ip', 'type route hook output priority mangle;'),
  base('raw', 'ip', 'type filter hook prerouting priority raw - 5;'),
  base('bridge', 'bridge', 'type filter hook prerouting priority dstnat;'),
  base('bridge-filter', 'bridge', 'type filter hook forward priority filter + 10;'),
  base('bridge-out', 'bridge', 'type filter hook output priority out;'),
  base('arp', 'arp', 'type filter hook input priority filter;'),
  base('ingress', 'netdev', 'type filter hook ingress device lo priority 0;'),
  base('ingress-devices', 'netdev', 'type filter hook ingress devices = { lo, eth0 } priority 0;'),
  base('inet-ingress', 'inet', 'type filter hook ingress device eth0 priority filter;'),
  base('egress', 'netdev', 'type filter hook egress device eth0 priority 0;'),
  nft('chain-rename', 'rename chain inet t c d', TABLE, CHAIN),
  nft(
    'chain-policy',
    'chain inet t c { policy drop; }',
    TABLE,
    "nft 'add chain inet t c { type filter hook input priority 0; }'",
  ),
  nft('chain-delete', 'delete chain inet t c', TABLE, CHAIN),
  nft('chain-delete-handle', 'delete chain inet t handle 1', TABLE, CHAIN),
  nft('chain-flush', 'flush chain inet t c', TABLE, CHAIN),
]

const RULES = ["nft 'add rule inet t c accept'", "nft 'add rule inet t c drop'"]
const rules: Row[] = [
  nft('rule-add', 'add rule inet t c accept', TABLE, CHAIN),
  nft('rule-insert', 'insert rule inet t c accept', TABLE, CHAIN),
  nft('rule-comment', 'add rule inet t c accept comment "a rule"', TABLE, CHAIN),
  nft('rule-add-after', 'add rule inet t c position 2 accept', TABLE, CHAIN, ...RULES),
  nft('rule-insert-before', 'insert rule inet t c position 3 accept', TABLE, CHAIN, ...RULES),
  nft('rule-replace', 'replace rule inet t c handle 2 return', TABLE, CHAIN, ...RULES),
  nft('rule-delete', 'delete rule inet t c handle 2', TABLE, CHAIN, ...RULES),
]

const set = (name: string, spec: string): Row => nft(`set-${name}`, `add set inet t s { ${spec} }`, TABLE)
const map = (name: string, spec: string): Row => nft(`map-${name}`, `add map inet t m { ${spec} }`, TABLE)
const sets: Row[] = [
  set('ipv4', 'type ipv4_addr;'),
  set('ipv6', 'type ipv6_addr;'),
  set('service', 'type inet_service;'),
  set('ether', 'type ether_addr;'),
  set('proto', 'type inet_proto;'),
  set('mark', 'type mark;'),
  set('ifname', 'type ifname;'),
  set('interval', 'type ipv4_addr; flags interval;'),
  set('auto-merge', 'type ipv4_addr; flags interval; auto-merge;'),
  set('constant', 'type ipv4_addr; flags constant; elements = { 10.0.0.1 };'),
  set('timeout', 'type ipv4_addr; flags timeout; timeout 1h; gc-interval 5m;'),
  set('dynamic', 'type ipv4_addr; flags dynamic, timeout; timeout 30s; size 65535;'),
  set('size', 'type ipv4_addr; size 100;'),
  set('policy', 'type ipv4_addr; policy memory;'),
  set('comment', 'type ipv4_addr; comment "a set";'),
  set('counter', 'type ipv4_addr; counter;'),
  set('two-states', 'type ipv4_addr; limit rate 5/second counter;'),
  set('concat', 'type ipv4_addr . inet_service;'),
  set('concat-three', 'type ipv4_addr . inet_proto . inet_service;'),
  set('concat-interval', 'type ipv4_addr . inet_service; flags interval;'),
  map('ipv4', 'type inet_service : ipv4_addr;'),
  map('concat', 'type ipv4_addr : ipv4_addr . inet_service;'),
  map('concat-key', 'type ipv4_addr . inet_service : ipv4_addr . inet_service;'),
  map('verdict', 'type ipv4_addr : verdict;'),
  map('counter', 'type ipv4_addr : counter;'),
  map('quota', 'type ipv4_addr : quota;'),
  map('interval', 'type ipv4_addr : mark; flags interval;'),
  map('networks', 'type ipv4_addr : interval ipv4_addr; flags interval;'),
  map('ranges', 'type ipv4_addr : interval ipv4_addr . inet_service;'),
  nft('set-delete', 'delete set inet t s', TABLE, SET),
  nft('set-flush', 'flush set inet t s', TABLE, SET),
]

const element = (name: string, spec: string, elements: string, ...setup: string[]): Row =>
  nft(
    `element-${name}`,
    `add element inet t s { ${elements} }`,
    TABLE,
    ...setup,
    `nft 'add set inet t s { ${spec} }'`,
  )
const mapped = (name: string, spec: string, elements: string, ...setup: string[]): Row =>
  nft(
    `element-${name}`,
    `add element inet t m { ${elements} }`,
    TABLE,
    ...setup,
    `nft 'add map inet t m { ${spec} }'`,
  )
const elements: Row[] = [
  element('ipv4', 'type ipv4_addr;', '10.0.0.1, 10.0.0.2'),
  element('ipv6', 'type ipv6_addr;', '2001:db8::1'),
  element('service', 'type inet_service;', '80, 443'),
  element('ether', 'type ether_addr;', '02:00:00:00:00:01'),
  element('proto', 'type inet_proto;', 'tcp, 17'),
  element('mark', 'type mark;', '0x10, 32'),
  element('ifname', 'type ifname;', '"eth0"'),
  element('prefix', 'type ipv4_addr; flags interval;', '10.0.0.0/8'),
  element('range', 'type ipv4_addr; flags interval;', '10.0.0.5-10.0.0.9, 10.1.0.0/16'),
  element('one-in-interval', 'type ipv4_addr; flags interval;', '10.0.0.1'),
  element('last-range', 'type ipv4_addr; flags interval;', '224.0.0.0/3'),
  element('port-range', 'type inet_service; flags interval;', '1024-65535'),
  element('prefix-v6', 'type ipv6_addr; flags interval;', '2001:db8::/32'),
  element('timeout', 'type ipv4_addr; flags timeout;', '10.0.0.1 timeout 30s'),
  element('comment', 'type ipv4_addr;', '10.0.0.1 comment "one"'),
  element('counter', 'type ipv4_addr; counter;', '10.0.0.1 counter packets 5 bytes 500'),
  element('concat', 'type ipv4_addr . inet_service;', '10.0.0.1 . 80'),
  element('concat-range', 'type ipv4_addr . inet_service; flags interval;', '10.0.0.0/8 . 1000-2000'),
  element('concat-one', 'type ipv4_addr . inet_service; flags interval;', '10.0.0.1 . 80'),
  element('catchall', 'type ipv4_addr;', '*'),
  mapped('map', 'type inet_service : ipv4_addr;', '80 : 10.0.0.1'),
  mapped('map-concat', 'type inet_service : ipv4_addr . inet_service;', '80 : 10.0.0.1 . 8080'),
  mapped('verdict', 'type ipv4_addr : verdict;', '10.0.0.1 : accept, 10.0.0.2 : jump c', CHAIN),
  mapped('object', 'type ipv4_addr : counter;', '10.0.0.1 : "n"', "nft 'add counter inet t n'"),
  mapped('networks', 'type ipv4_addr : interval ipv4_addr; flags interval;', '10.0.0.0/24 : 192.168.0.0/24'),
  mapped('ranges', 'type ipv4_addr : interval ipv4_addr;', '10.0.0.1 : 192.168.2.2-192.168.2.4'),
  mapped(
    'ranges-ports',
    'type ipv4_addr : interval ipv4_addr . inet_service;',
    '10.0.0.1 : 192.168.2.2-192.168.2.4 . 80-90',
  ),
  mapped('interval-map', 'type ipv4_addr : mark; flags interval;', '10.0.0.0/8 : 5'),
  nft(
    'element-delete',
    'delete element inet t s { 10.0.0.1 }',
    TABLE,
    SET,
    "nft 'add element inet t s { 10.0.0.1 }'",
  ),
]

const object = (name: string, text: string, ...setup: string[]): Row => nft(name, text, TABLE, ...setup)
const objects: Row[] = [
  object('counter', 'add counter inet t n'),
  object('counter-values', 'add counter inet t n { packets 5 bytes 500; }'),
  object('counter-comment', 'add counter inet t n { comment "a counter"; }'),
  object('quota', 'add quota inet t q { 25 mbytes; }'),
  object('quota-over', 'add quota inet t q { over 25 mbytes used 10 bytes; }'),
  object('limit', 'add limit inet t l { rate 10/second burst 5 packets; }'),
  object('limit-bytes', 'add limit inet t l { rate over 1 mbytes/minute; }'),
  object('object-ct-helper', 'add ct helper inet t h { type "ftp" protocol tcp; l3proto ip; }'),
  object(
    'object-ct-timeout',
    'add ct timeout inet t o { protocol tcp; l3proto ip; policy = { established : 100, close : 5 }; }',
  ),
  object(
    'object-ct-expectation',
    'add ct expectation inet t e { protocol tcp; dport 9876; timeout 2m; size 12; l3proto ip; }',
  ),
  object('synproxy', 'add synproxy inet t y { mss 1460; wscale 7; timestamp sack-perm; }'),
  object('secmark', 'add secmark inet t z { "system_u:object_r:ssh_server_packet_t:s0"; }'),
  object('counter-delete', 'delete counter inet t n', "nft 'add counter inet t n'"),
  object('flowtable', 'add flowtable inet t f { hook ingress priority 0; devices = { eth0, eth1 }; }'),
  object(
    'flowtable-counter',
    'add flowtable inet t f { hook ingress priority filter + 1; devices = { eth0 }; counter; }',
  ),
]

const ETH = 'ip link add eth0 index 10 type veth peer name eth1 index 11'
export const nftObject = scenarios(
  [ETH],
  [...tables, ...chains, ...rules, ...sets, ...elements, ...objects],
  'all of nf_tables',
)
