/** docs/examples/cni/condition.ts: which rules words become, and which are refused with which error. test/kernel has them next to nft and iptables. */

import { ct, fib, ip, ip6, meta, rule, type Statement, tcp, th } from 'netlink-ts/nftables'
import { describe, expect, it } from 'vitest'
import { conditionsOf } from '../../docs/examples/cni/condition.js'
import { sentByCalls } from './nft-sent.js'

const KEYS = { ip: 'conditionsV4', ip6: 'conditionsV6' } as const
type Family = keyof typeof KEYS

const of = (family: Family, text: string) =>
  conditionsOf(KEYS[family], family, text === '' ? [] : text.split(' '))

/** What is sent for a rule. */
const sent = (family: Family, statements: readonly Statement[]) =>
  sentByCalls((tx) => {
    const one = rule(meta.nfproto(family === 'ip' ? 'ipv4' : 'ipv6'), ...statements)
    tx.addRule({ family: 'inet', table: 't', chain: 'c', rule: one })
  })

const notTranslated = (name: string) => ct.status.mask([name]).not(name)

describe('become the rule', () => {
  it.each<[Family, string, Statement[]]>([
    ['ip', '', []],
    ['ip', '-s 10.0.0.0/8', [ip.saddr('10.0.0.0/8')]],
    ['ip', '-s 10.0.0.0/255.0.0.0', [ip.saddr('10.0.0.0/8')]],
    ['ip', '! -d 192.0.2.128/255.255.255.128', [ip.daddr.not('192.0.2.128/25')]],
    ['ip', '-s 192.0.2.1/255.255.255.255', [ip.saddr('192.0.2.1')]],
    ['ip', '-s 10/8', [ip.saddr('10.0.0.0/8')]],
    ['ip', '-s 0/0', [ip.saddr('0.0.0.0/0')]],
    ['ip', '-s 0.0.0.0/0.0.0.0', [ip.saddr('0.0.0.0/0')]],
    ['ip', '! -s 0/0', [ip.saddr.not('0.0.0.0/0')]],
    ['ip', '-s 10.0.0.0/255.0.0.0,192.0.2.7', [ip.saddr('10.0.0.0/8', '192.0.2.7')]],
    ['ip6', '-s fc00::/7', [ip6.saddr('fc00::/7')]],
    ['ip6', '-s ::/0', [ip6.saddr('::/0')]],
    ['ip', '-p tcp', [meta.l4proto('tcp')]],
    ['ip', '-p TCP', [meta.l4proto('tcp')]],
    ['ip', '-p 6', [meta.l4proto('tcp')]],
    ['ip', '! -p 17', [meta.l4proto.not('udp')]],
    ['ip', '-p all', []],
    ['ip', '-p 0', []],
    ['ip', '-p tcp -m tcp --dport 8080', [meta.l4proto('tcp'), th.dport(8080)]],
    ['ip', '-m multiport --sports 1,2:3,1024:', [th.sport(1, '2-3', '1024-65535')]],
    ['ip', '-m addrtype --dst-type LOCAL', [fib(['daddr'], 'type')('local')]],
    ['ip', '-m conntrack --ctstate NEW,RELATED', [ct.state('new', 'related')]],
    ['ip', '! --ctstate NEW', [ct.state.not('new')]],
    // Of several, none: each for itself, since a connection is in one state alone.
    ['ip', '! --ctstate NEW,RELATED', [ct.state.not('new'), ct.state.not('related')]],
    ['ip', '-m conntrack --ctstate DNAT', [ct.status('dnat')]],
    ['ip', '-m conntrack --ctstate SNAT,DNAT', [ct.status('snat', 'dnat')]],
    ['ip', '! --ctstate DNAT', [notTranslated('dnat')]],
    ['ip', '! --ctstate SNAT,NEW', [notTranslated('snat'), ct.state.not('new')]],
    ['ip', 'tcp dport { 80, 443 }', [tcp.dport([80, 443])]],
    ['ip', 'ct state new,established', [ct.state('new', 'established')]],
    ['ip', 'ct status dnat', [ct.status('dnat')]],
  ])('%s: %s', (family, text, statements) => {
    expect(sent(family, of(family, text))).toEqual(sent(family, statements))
  })
})

describe('are refused', () => {
  it.each<[number, Family, string, string]>([
    // Right for iptables or nft, and left out here.
    [2, 'ip', '-s example.org', "'example.org'"],
    [2, 'ip', '-s 10.0.0.1/255.0.0.255', "'255.0.0.255'"],
    [2, 'ip6', '-s fc00::/fe00::', "'fe00::'"],
    [2, 'ip', '--dport ssh', "'ssh'"],
    [2, 'ip', '--dport ssh:80', "'ssh-80'"],
    [2, 'ip', '-p carp', "'carp'"],
    [2, 'ip', '--ctstate NEW,DNAT', "'NEW,DNAT'"],
    [2, 'ip', '--dst-type XRESOLVE', "'xresolve'"],
    [2, 'ip', '-m string --algo bm', "'string'"],
    [2, 'ip', 'tcp dport ssh', "'ssh'"],
    [2, 'ip', 'ip saddr example.org', "'example.org'"],
    [2, 'ip', 'meta mark & 1 == 1', "'&'"],
    // Wrong for them too.
    [7, 'ip', '-s', 'missing'],
    [7, 'ip', '-s 10.0.0.256', '10.0.0.256'],
    [7, 'ip', '-s 10.0.0.0/33', '10.0.0.0/33'],
    [7, 'ip', '--dport 70000', '70000'],
    [7, 'ip', '! -p all', '! -p all'],
    [7, 'ip', '-p 256', '256'],
    [7, 'ip', 'tcp dport 80, 443', 'braces'],
    [7, 'ip', 'tcp dport != 80, 443', 'braces'],
    [7, 'ip', 'ip saddr { 10.0.0.1', 'missing'],
  ])('%i: %s: %s', (code, family, text, message) => {
    let error: unknown
    try {
      of(family, text)
    } catch (it) {
      error = it
    }
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
    expect((error as Error).message).toMatch(KEYS[family])
  })
})
