/** Changes of a namespace at random, by ip and bridge. */

import fc from 'fast-check'
import { phrase } from './phrase.js'
import { execFileSync, spawnSync } from './programs.js'

const { constantFrom: one } = fc
const LINK = one('a0', 'b0', 'a1', 'b1', 'br0', 'br1', 'vx0', 'mv0')
const PORT = one('a0', 'b0', 'a1', 'b1', 'vx0')
const MAC = one('02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03')
const ADDRESS = one('10.0.0.1/24', '10.0.0.2/24', '10.1.0.1/16', 'fd00::1/64', 'fd00::2/64', 'fd00:1::1/48')
const DESTINATION = one('fd01::/64', 'fd01:1::/48', 'default', 'fd01::1/128')

/** What a script begins with. */
export const BEFORE = [
  'link add a0 up type veth peer name b0',
  'link add a1 up type veth peer name b1',
  'link set b0 up',
  'link add br0 up type bridge',
  'link add vx0 up type vxlan id 7 dstport 4789 local 10.0.0.1',
  'address add 10.0.0.1/24 dev a0',
  'address add fd00::1/64 dev a0',
]

/** Lines of `ip -batch`. Many fail, and tell nothing. */
const LINE = fc.oneof(
  phrase('link add', one('a0', 'a1'), 'type veth peer name', one('b0', 'b1')),
  phrase('link add', one('br0', 'br1'), 'type bridge', one('', 'vlan_filtering 1', 'stp_state 1')),
  phrase('link add vx0 type vxlan id 7 dstport 4789 local 10.0.0.1'),
  phrase('link add mv0 link', PORT, 'type macvlan mode', one('bridge', 'private')),
  phrase('link set', LINK, one('up', 'up', 'up', 'down')),
  phrase(
    'link set',
    LINK,
    one('mtu 1400', 'mtu 1500', 'txqueuelen 7', 'alias other', 'group 7', 'promisc on'),
  ),
  phrase('link set', LINK, 'address', MAC),
  phrase('link set', PORT, 'master', one('br0', 'br1')),
  phrase('link set', PORT, 'nomaster'),
  phrase('link del', LINK),
  phrase('address', one('add', 'add', 'replace', 'del'), ADDRESS, 'dev', LINK),
  phrase(
    'address replace',
    ADDRESS,
    'dev',
    LINK,
    one('label a0:1', 'metric 77', 'scope link', 'noprefixroute'),
  ),
  phrase('address flush dev', LINK),
  phrase(
    'neighbour',
    one('add', 'replace', 'replace'),
    one('10.0.0.7', '10.0.0.8', 'fd00::7'),
    'lladdr',
    MAC,
    one('nud permanent', 'nud noarp', 'nud permanent router'),
    'dev',
    LINK,
  ),
  phrase('neighbour add proxy', one('10.0.0.9', 'fd00::9'), 'dev', LINK),
  phrase('neighbour del', one('10.0.0.7', 'fd00::7', 'proxy 10.0.0.9', 'proxy fd00::9'), 'dev', LINK),
  phrase(
    one('', '-6'),
    'rule',
    one('add', 'add', 'del'),
    one('priority 7', 'priority 8'),
    one('fwmark 1', 'iif a0', 'ipproto tcp dport 80-90'),
    'table',
    one('7', '8'),
  ),
  phrase(
    'nexthop',
    one('add', 'replace'),
    one(
      'id 1 via 10.0.0.9 dev a0',
      'id 1 dev a1',
      'id 2 blackhole',
      'id 3 via fd00::9 dev a0',
      'id 4 dev b0',
      'id 5 group 1/4,3',
      'id 5 group 4',
    ),
  ),
  phrase('nexthop del id', one('1', '2', '3', '4', '5')),
  phrase(
    '-6 route',
    one('add', 'replace', 'del'),
    DESTINATION,
    one('dev a0', 'dev b0', 'via fd00::9', 'via fd00::9 dev a0 onlink', 'nhid 3', 'nhid 4'),
    one('', 'metric 7', 'table 7'),
  ),
  phrase('-6 route', one('add', 'del'), one('blackhole', 'unreachable'), DESTINATION),
  phrase('-6 route flush', DESTINATION),
)

/** Lines of `bridge -batch`. */
const BRIDGE_LINE = phrase(
  'fdb',
  one('add', 'replace', 'del'),
  MAC,
  'dev',
  PORT,
  one(
    'master',
    'master static',
    'master vlan 7',
    'self',
    'master sticky',
    'self dst 10.0.0.8',
    'self dst 10.0.0.9',
  ),
)

export const SCRIPT = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: LINE.map((line) => ({ program: 'ip', line })) },
    { weight: 1, arbitrary: BRIDGE_LINE.map((line) => ({ program: 'bridge', line })) },
  ),
  { minLength: 20, maxLength: 60 },
)

export function ipBatch(lines: readonly string[], netns: string): void {
  execFileSync('ip', ['-n', netns, '-batch', '-'], { input: lines.map((line) => `${line}\n`).join('') })
}

type Script = readonly { readonly program: string; readonly line: string }[]

/** Lines of one program one behind the other in one process. */
export function run(netns: string, script: Script): void {
  for (let at = 0; at < script.length; ) {
    const { program } = script[at]!
    const rest = script.slice(at)
    const end = rest.findIndex((one) => one.program !== program)
    const lines = end < 0 ? rest : rest.slice(0, end)
    spawnSync(program, ['-n', netns, '-force', '-batch', '-'], {
      input: lines.map(({ line }) => `${line}\n`).join(''),
    })
    at += lines.length
  }
}
