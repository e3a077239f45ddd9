/** The keys conditionsV4, conditionsV6 and masqAll of docs/examples/cni, next to the plugin portmap, to nft and to iptables-translate. */

import { beforeEach, describe, expect, it } from 'vitest'
import { nft, portmap } from './cni-portmap-support.js'
import { ask, eachWithContainer } from './cni-support.js'
import { needNftables } from './needs.js'
import { execFileSync } from './programs.js'
import { hasTool, type Printed } from './support.js'

needNftables()
eachWithContainer()

/** The expressions of the last rule of a chain, as nft tells them; what it was made for is left out. */
function lastRule(...chain: string[]): Printed[] {
  const { nftables } = JSON.parse(nft('-j', 'list', 'chain', ...chain)) as { nftables: Printed[] }
  const expressions = nftables.findLast(({ rule }) => rule !== undefined)!['rule']['expr'] as Printed[]
  return expressions.filter((one) => one['match']?.left?.meta?.key !== 'nfproto')
}

/** What conditions have become. */
async function made(key: string, words: readonly string[]): Promise<Printed[]> {
  expect(await ask('ADD', portmap({ [key]: words }))).not.toHaveProperty('code')
  return lastRule('inet', 'netlink-ts', 'cni-prerouting')
}

/** What stands behind the conditions: the port, and where its connections go. */
const goal = (key: string, port = 'tcp dport 8080') =>
  key === 'conditionsV4'
    ? `fib daddr type local ${port} dnat ip to 10.22.0.2:80`
    : `ip6 daddr != ::1 fib daddr type local ${port} dnat ip6 to [fd00:22::2]:80`

const NFT: [key: string, text: string, port?: string][] = [
  ['conditionsV4', 'ip saddr != 192.0.2.0/24'],
  ['conditionsV4', 'ip saddr { 10.0.0.0/8, 192.0.2.7 } ip daddr 203.0.113.1'],
  ['conditionsV4', 'ip daddr != { 203.0.113.1, 203.0.113.5-203.0.113.9 }'],
  ['conditionsV4', 'iifname "eth*" tcp sport 1024-65535'],
  ['conditionsV4', 'meta iifname != { "eth0", "eth1" }'],
  ['conditionsV4', 'meta mark 0x10 tcp dport >= 1024'],
  ['conditionsV4', 'mark != 7 tcp sport { 1, 2 }'],
  ['conditionsV4', 'fib saddr type local'],
  ['conditionsV4', 'ct state new'],
  ['conditionsV4', 'meta l4proto tcp th dport != 53'],
  // Behind a list nft takes tcp.dport for a contradiction.
  ['conditionsV4', 'meta l4proto { tcp, udp } th dport != 53', 'meta l4proto tcp th dport 8080'],
  ['conditionsV6', 'ip6 saddr fc00::/7 ip6 daddr != 2001:db8::1'],
  ['conditionsV6', 'ip6 daddr ::1 iif lo'],
]

it.each(NFT)('%s %s: the rule that nft makes of it', async (key, text, port) => {
  const rule = await made(key, text.split(' '))
  const hook = '{ type nat hook prerouting priority 0; }'
  nft(`add table inet t; add chain inet t c ${hook}`)
  nft(`add rule inet t c meta nfproto ipv${key.at(-1)} ${text} ${goal(key, port)}`)
  expect(rule).toEqual(lastRule('inet', 't', 'c'))
  await ask('DEL', portmap({ [key]: text.split(' ') }))
  expect(nft('list', 'ruleset')).not.toContain('comment "cni-')
})

const IPTABLES: [string, string][] = [
  ['conditionsV4', '! -d 192.0.2.0/24'],
  ['conditionsV4', '--source 10.0.0.0/8'],
  ['conditionsV4', '! -i eth+ -m addrtype --src-type LOCAL'],
  ['conditionsV4', '-i eth0 ! --src 1.2.3.4 -m comment --comment hello'],
  ['conditionsV4', '-m mark --mark 0x1/0xff'],
  ['conditionsV4', '-m mark ! --mark 16'],
  ['conditionsV4', '-m conntrack --ctstate NEW'],
  ['conditionsV4', '-m conntrack --ctstate DNAT'],
  ['conditionsV4', '-s 10.0.0.0/255.0.0.0'],
  ['conditionsV6', '--in-interface lo ! -d fc00::/7'],
]

describe('in the words of iptables', () => {
  beforeEach((context) => context.skip(!hasTool('iptables-translate'), 'not installed: iptables'))
  it.each(IPTABLES)('%s %s: the rule that iptables-translate makes of it', async (key, text) => {
    const rule = await made(key, text.split(' '))
    const command = key === 'conditionsV4' ? 'iptables-translate' : 'ip6tables-translate'
    const args = ['-t', 'nat', '-A', 'PREROUTING', ...text.split(' '), '-j', 'RETURN']
    const translated = execFileSync(command, args)
    const [, body] = /add rule ip6? nat PREROUTING (.*?) counter return/.exec(translated)!
    nft(`add table inet t; add chain inet t c { type nat hook prerouting priority 0; }`)
    nft(`add rule inet t c meta nfproto ipv${key.at(-1)} ${body} ${goal(key)}`)
    expect(rule).toEqual(lastRule('inet', 't', 'c'))
  })
})

describe('what is not known or not right', () => {
  it.each<[number, string, string, string]>([
    [2, 'conditionsV4', '-m string --algo bm', "'string'"],
    [2, 'conditionsV4', '-s 10.0.0.0/8 -o eth0', "'-o'"],
    [2, 'conditionsV4', '! -m mark --mark 1', "'-m'"],
    [2, 'conditionsV6', 'ip6 saddr ::1 ip dscp 1', "'ip'"],
    [2, 'conditionsV4', 'meta mark & 1 == 1', "'&'"],
    [7, 'conditionsV4', 'ip saddr { 10.0.0.1', 'missing'],
    [7, 'conditionsV4', '-s', 'missing'],
    [2, 'conditionsV4', '-s example', 'example'],
    [7, 'conditionsV4', '--dport 70000', '70000'],
    [7, 'conditionsV4', 'tcp dport < 10, 20', 'one value'],
    // Of another protocol than the port is, or of another family.
    [
      7,
      'conditionsV4',
      'udp sport 53',
      'conditionsV4: port 8080/tcp: tcp: the rule is about packets of protocol 17',
    ],
    [7, 'conditionsV6', 'meta l4proto udp', 'conditionsV6: port 8080/tcp: tcp: the rule'],
    [7, 'conditionsV4', '-p udp', 'conditionsV4: port 8080/tcp: tcp: the rule'],
    [
      7,
      'conditionsV6',
      'ip saddr 10.0.0.1',
      'conditionsV6: port 8080/tcp: ip: the rule is about ip6 packets',
    ],
  ])('%i: %s %s', async (code, key, text, message) => {
    const answer = await ask('ADD', portmap({ [key]: text.split(' ') }))
    expect(answer).toMatchObject({ code, msg: expect.stringContaining(message) })
    expect(answer!['msg']).toContain(key)
    expect(nft('list', 'ruleset')).toBe('')
    // What was never made is withdrawn all the same.
    expect(await ask('DEL', portmap({ [key]: text.split(' ') }))).toBe(null)
  })
})
