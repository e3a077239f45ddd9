/** Rules of iptables-nft and ebtables-nft with matches and targets of x_tables: what was read is written again. */

import { describe, expect, it } from 'vitest'
import { needNftables } from './needs.js'
import { again, NFT_FACES } from './nft-support.js'
import { execIn, hasTool, withNetns } from './support.js'

needNftables()

/** With a protocol, without, and with all but one: some matches and targets the kernel takes for one protocol alone. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  'iptables-nft': [
    '-A INPUT -p tcp -m multiport --dports 8080,9000:9010 -j ACCEPT',
    '-A INPUT ! -p udp -m comment --comment other -j DROP',
    '-A INPUT -m addrtype --dst-type LOCAL',
    '-A INPUT -i lo -p udp -m multiport ! --ports 53',
    '-A INPUT -p tcp -m conntrack --ctstate NEW -m statistic --mode nth --every 3 --packet 0',
    '-t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 10.1.2.3:80',
    '-t nat -A PREROUTING -p udp --dport 54 -j REDIRECT --to-ports 53',
    '-t nat -A POSTROUTING -p tcp -o eth7 -j MASQUERADE --to-ports 1024-2047',
    '-t nat -A POSTROUTING -s 10.0.0.0/8 -j SNAT --to-source 192.0.2.5',
    '-t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu',
    '-t mangle -A FORWARD -s 10.0.0.0/8 -j MARK --set-xmark 0x5/0xff',
  ],
  'ip6tables-nft': [
    '-A INPUT -p udp -m multiport --sports 5353 -j ACCEPT',
    '-A INPUT ! -p ipv6-icmp -m comment --comment other -j DROP',
    '-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT',
    '-A INPUT -p tcp -j REJECT --reject-with tcp-reset',
    '-t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1300',
  ],
  'ebtables-nft': [
    '-A FORWARD -p ARP --arp-op Reply -j DROP',
    '-A FORWARD -i eth7 -p IPv4 --ip-source 10.0.0.0/8 --ip-protocol udp --ip-destination-port 67 -j DROP',
    '-A FORWARD -p IPv6 --ip6-protocol tcp --ip6-destination-port 25 -j DROP',
    '-A FORWARD -p ! IPv4 --mark 5',
  ],
}

/** What the tool saves, without its dates and what has been counted. */
const saved = (netns: string, tool: string) =>
  execIn(netns, `${tool}-save`)
    .replace(/^#.*$/gm, '')
    .replace(/\[\d+:\d+\]/g, '')

const NO_MODULE = /No such file or directory|missing kernel module|not supported/

/** Whether the tool makes the rule; false where the kernel lacks what it is of. */
function makes(netns: string, tool: string, text: string): boolean {
  try {
    execIn(netns, tool, ...text.split(' '))
    return true
  } catch (error) {
    if (!NO_MODULE.test(String(error))) throw error
    return false
  }
}

describe.each(NFT_FACES)('rules of x_tables, $face', ({ nft }) => {
  it.for(Object.keys(RULES))('of %s are the same when they were read and written', (tool, { skip }) =>
    withNetns(async (netns) => {
      skip(!hasTool(tool), `cannot be installed: ${tool}`)
      const made = RULES[tool]!.filter((text) => makes(netns, tool, text))
      skip(made.length === 0, 'cannot be installed: this kernel has none of the matches and targets')
      const before = saved(netns, tool)
      expect(before.match(/^-A /gm)).toHaveLength(made.length)
      const ruleset = await nft.listRuleset({ netns })
      await nft.transaction((tx) => again(tx, ruleset), { netns })
      expect(saved(netns, tool)).toBe(before)

      const rules = await nft.listRules({ netns })
      await nft.transaction(
        (tx) => {
          for (const one of rules) tx.replaceRule(one)
        },
        { netns },
      )
      expect(saved(netns, tool)).toBe(before)
    }),
  )

  it('are taken with the protocol that is compared in the header itself, as older ones have it', ({ skip }) =>
    withNetns(async (netns) => {
      skip(!hasTool('iptables-nft'), 'cannot be installed: iptables-nft')
      skip(
        !makes(netns, 'iptables-nft', '-A INPUT -p tcp -m multiport --dports 8080,9000 -j DROP'),
        'cannot be installed: this kernel has no multiport',
      )
      const before = saved(netns, 'iptables-nft')
      const [found] = await nft.listRules({ netns, family: 'ip', table: 'filter', chain: 'INPUT' })
      const [first, ...rest] = found!.expressions
      expect(first).toEqual({ name: 'meta', data: { dreg: 1, key: 'l4proto' } })
      const protocol = { base: 'network-header', offset: 9, len: 1 } as const
      const expressions = [{ name: 'payload', data: { dreg: 1, ...protocol } } as const, ...rest]
      await nft.transaction((tx) => tx.replaceRule({ ...found!, expressions }), { netns })
      expect(saved(netns, 'iptables-nft')).toBe(before)
    }))
})
