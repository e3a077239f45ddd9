/** Every row of docs/from-iptables.md: the call is taken out of the document and run, and the kernel holds what nft(8) makes of the same. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as nft from '../../src/nftables.js'
import { ofRules, same, TWO_RULES } from './nat-from-iptables-rules.js'
import { run } from './nat-network.js'
import { expectRefused, hasHooks, NO_HOOKS, needNftables, since } from './needs.js'
import { nftIn, plainRuleset, rulesetIn } from './nft-support.js'
import { hasTool, ip, withNetns } from './support.js'

needNftables()

const text = readFileSync(new URL('../../docs/from-iptables.md', import.meta.url), 'utf8')
const rows = text
  .split('\n')
  .map((line) => /^\| `(.+?)` \| `(.+)` \|$/.exec(line))
  .filter((match) => match !== null)
  .map((match) => ({ command: match[1]!, call: match[2]! }))

const [preamble = '', listing = ''] = [...text.matchAll(/```ts\n(.+?)```/gs)].map(([, code]) => code!)
const setup = preamble.replace(/^import .*$/gm, '').replaceAll(' as const', '')
const first = listing.replace(/^import .*$/gm, '')

/** What nft lists of the own table for the commands of the tutorials. */
const verbs: Record<string, readonly string[] | ((netns: string) => void)> = {
  'sysctl -w net.ipv4.ip_forward=1': (netns) =>
    expect(run(netns, 'cat /proc/sys/net/ipv4/ip_forward')).toBe('1\n'),
  'echo 1 > /proc/sys/net/ipv4/conf/v-net-0/forwarding': (netns) =>
    expect(run(netns, 'cat /proc/sys/net/ipv4/conf/v-net-0/forwarding')).toBe('1\n'),
  'iptables -t nat -A POSTROUTING -s 192.168.15.0/24 -j MASQUERADE': ['ip saddr 192.168.15.0/24 masquerade'],
  'iptables -t nat -A POSTROUTING -s 192.168.15.0/24 -o eth0 -j MASQUERADE': [
    'ip saddr 192.168.15.0/24 oifname "eth0" masquerade',
  ],
  'iptables -t nat -A POSTROUTING -s 192.168.15.0/24 ! -d 192.168.15.0/24 -j MASQUERADE': [
    'ip saddr 192.168.15.0/24 ip daddr != 192.168.15.0/24 masquerade',
  ],
  'iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 192.168.15.2:80': [
    'tcp . 80 comment "tcp/80 v-net-0" : 192.168.15.2 . 80',
    'fib daddr type local dnat ip to meta l4proto . th dport map @ports4',
  ],
  'iptables -t nat -A PREROUTING -d 192.0.2.1 -p udp --dport 53 -j DNAT --to-destination 192.168.15.2:5353': [
    '192.0.2.1 . udp . 53 comment "udp/192.0.2.1:53 v-net-0" : 192.168.15.2 . 5353',
    'dnat ip to ip daddr . meta l4proto . th dport map @hosts4',
  ],
  'iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED,DNAT -j ACCEPT; iptables -A FORWARD -i v-net-0 -o v-net-1 -j DROP; iptables -A FORWARD -i v-net-1 -o v-net-0 -j DROP':
    [
      'ct state established,related accept',
      'ct status dnat accept',
      'iifname "v-net-0" oifname "v-net-1" drop',
      'oifname "v-net-0" iifname "v-net-1" drop',
    ],
  'iptables -A FORWARD -i v-net-0 -o eth0 -j ACCEPT': ['"v-net-0" . "eth0"'],
  'iptables -t mangle -A PREROUTING -p tcp --dport 22 -j DROP': (netns) => {
    const [, types] = /iifname != "lo" fib daddr type \{ (.*) \} tcp dport 22 drop/.exec(rulesetIn(netns))!
    expect(types!.split(', ').sort()).toEqual(['anycast', 'broadcast', 'local', 'multicast'])
  },
}

const looks: Record<string, (result: unknown, netns: string) => void | Promise<void>> = {
  'nft list ruleset': (result) => expect((result as nft.NftRuleset).tables).toHaveLength(1),
  'nft list tables': (result) => expect(result).toMatchObject([{ family: 'inet', name: 'filter' }]),
  'nft list hooks': (result) => {
    // Otherwise within() has seen how it is refused.
    if (hasHooks())
      expect((result as nft.NftHookFunction[]).map(({ chain }) => chain?.name)).toContain('input')
  },
  'iptables -S INPUT': (result) => expect(result).toEqual([]),
  'nft monitor': async (result, netns) => {
    const feed = result as nft.Feed<nft.NftEvent>
    await nft.transaction((tx) => tx.addTable({ family: 'inet', name: 'seen' }), { netns })
    for await (const event of feed) {
      expect(event).toMatchObject({ type: 'table', action: 'new', table: { name: 'seen' } })
      break
    }
  },
}

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<unknown>

/** Runs calls as they stand in the document, with what they name in scope. */
function evaluate(code: string, scope: Record<string, unknown> = {}): Promise<unknown> {
  const all = { ...nft, ...scope }
  return new AsyncFunction(...Object.keys(all), code)(...Object.values(all))
}

/** Puts the namespace into every call that takes one. */
function within(netns: string) {
  const here = (options: object = {}) => ({ ...options, netns })
  const { transaction, masquerade, publishPort, isolate, allowForwarding, blockPort, enableForwarding } = nft
  return {
    transaction: (record: (tx: nft.Transaction) => void) => transaction(record, { netns }),
    masquerade: (options: nft.MasqueradeOptions) => masquerade({ ...options, netns }),
    publishPort: (options: nft.PublishPortOptions) => publishPort({ ...options, netns }),
    isolate: (dev: string, options: object) => isolate(dev, here(options)),
    allowForwarding: (options: object) => allowForwarding(here(options)),
    blockPort: (options: nft.BlockPortOptions) => blockPort({ ...options, netns }),
    enableForwarding: (options: object) => enableForwarding(here(options)),
    listRuleset: () => nft.listRuleset({ netns }),
    listTables: () => nft.listTables({ netns }),
    listRules: (options: object) => nft.listRules(here(options)),
    listHooks: () =>
      hasHooks() ? nft.listHooks({ netns }) : expectRefused(async () => nft.listHooks({ netns }), NO_HOOKS),
    monitorNftables: () => nft.monitorNftables({ netns }),
  }
}

/** The table of the document, and what `code` does besides. */
function inTable(netns: string, code = ''): Promise<unknown> {
  return evaluate(`${setup}\n${code}`, within(netns))
}

describe.skipIf(!hasTool('nft'))('docs/from-iptables.md', () => {
  it('has a check for every row, and a row for every check', () => {
    const nftRows = rows.map(({ command }) => command).filter((it) => /^nft (add|delete|flush)/.test(it))
    const others = [verbs, same, ofRules, looks].flatMap((all) => Object.keys(all))
    const checked = [...others, ...nftRows]
    expect(rows.map(({ command }) => command).sort()).toEqual(checked.sort())
    expect(rows.length).toBeGreaterThanOrEqual(40)
  })

  for (const { command, call } of rows.filter(({ command }) => command in verbs))
    it(command, () =>
      withNetns(async (netns) => {
        ip('link add v-net-0 type bridge', netns)
        ip('address add 192.168.15.5/24 dev v-net-0', netns)
        ip('link set v-net-0 up', netns)
        await evaluate(`return ${call}`, within(netns))
        const expected = verbs[command]!
        if (typeof expected === 'function') expected(netns)
        else for (const line of expected) expect(rulesetIn(netns)).toContain(line)
      }),
    )

  for (const { command, call } of rows.filter(
    ({ command }) => command in same || /^nft (add|delete|flush)/.test(command),
  ))
    it(command, async () => {
      const ours = await withNetns(async (netns) => {
        await inTable(netns, `await transaction((tx) => { ${call} })`)
        return plainRuleset(netns)
      })
      const theirs = await withNetns(async (netns) => {
        await inTable(netns)
        const rule = same[command]
        if (rule === undefined) run(netns, command)
        else nftIn(netns, /^(insert|add|flush) /.test(rule) ? rule : `add rule inet filter ${rule}`)
        return plainRuleset(netns)
      })
      expect(ours).toEqual(theirs)
    })

  for (const { command, call } of rows.filter(({ command }) => command in ofRules))
    it(command, async ({ skip }) => {
      skip(command.includes('-Z') && !since(6, 2), 'cannot be installed: this kernel resets no rules')
      const ours = await withNetns(async (netns) => {
        await inTable(netns)
        nftIn(netns, TWO_RULES)
        const code = call.startsWith('tx.') ? `await transaction((tx) => { ${call} })` : call
        await inTable(netns, `${first}\n${code}`)
        return plainRuleset(netns)
      })
      const theirs = await withNetns(async (netns) => {
        await inTable(netns)
        nftIn(netns, TWO_RULES)
        const [, handle] = /dport 22 .*# handle (\d+)/.exec(
          nftIn(netns, 'list chain inet filter input', ['-a']),
        )!
        nftIn(netns, ofRules[command]!.replace('$handle', handle!))
        return plainRuleset(netns)
      })
      expect(ours).toEqual(theirs)
    })

  for (const { command, call } of rows.filter(({ command }) => command in looks))
    it(command, () =>
      withNetns(async (netns) => {
        await inTable(netns)
        await looks[command]!(await evaluate(`return ${call}`, within(netns)), netns)
      }),
    )

  for (const { command } of rows.filter(({ command }) => /^(ip6?tables|sysctl|echo) /.test(command)))
    it.skipIf(!hasTool('iptables'))(`a command that there is: ${command}`, () =>
      withNetns((netns) => {
        ip('link add v-net-0 type bridge', netns)
        if (command.includes('-A mine')) run(netns, 'iptables -N mine')
        if (command in ofRules) run(netns, 'iptables -A INPUT -p tcp --dport 22')
        run(netns, command)
      }),
    )
})
