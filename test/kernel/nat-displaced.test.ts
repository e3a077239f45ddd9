/** Sets and maps that somebody else made in the verbs' own table, by their names and with other keys or values. */

import { describe, expect, it } from 'vitest'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn, plainRuleset } from './nft-support.js'
import { withNetns } from './support.js'

needNftables()

type Theirs = readonly [kind: string, name: string, type: string, element: string]

/** Kind, name, type, and an element; some keys are as long as ours, and found by them. */
const MAPS: readonly Theirs[] = [
  ['map', 'ports4', 'inet_service : ipv4_addr', '80 : 192.0.2.1'],
  ['map', 'ports4', 'inet_proto . inet_service : ipv4_addr', 'tcp . 8080 : 192.0.2.1'],
  ['map', 'ports4', 'inet_proto . inet_service : verdict', 'tcp . 8080 : accept'],
  ['map', 'ports4', 'inet_service . inet_proto : ipv4_addr . inet_service', '80 . tcp : 192.0.2.1 . 5'],
  ['set', 'ports4', 'inet_proto . inet_service', 'tcp . 8080'],
  ['map', 'hosts4', 'ipv4_addr : ipv4_addr', '192.0.2.1 : 192.0.2.2'],
  ['set', 'hosts4', 'ipv4_addr . inet_proto . inet_service', '192.0.2.1 . tcp . 8080'],
  ['set', 'ports6', 'inet_proto . inet_service', 'tcp . 8080'],
  ['set', 'targets4', 'ipv4_addr', '192.168.15.2'],
  ['map', 'targets4', 'ipv4_addr . inet_proto . inet_service : mark', '192.168.15.2 . tcp . 80 : 7'],
  ['set', 'hairpin4', 'ifname', '"br0"'],
]
const PAIRS: readonly Theirs[] = [
  ['set', 'allowed', 'ifname', '"br0"'],
  ['set', 'allowed', 'mark', '1'],
  ['set', 'allowed-from', 'ifname . ifname', '"br0" . "br1"'],
  ['set', 'allowed-to', 'mark', '7'],
]

function theirs(netns: string, [kind, name, type, element]: Theirs): void {
  const of = `inet netlink-ts ${name}`
  nftIn(netns, 'add table inet netlink-ts')
  nftIn(netns, `add ${kind} ${of} { type ${type}; }`)
  nftIn(netns, `add element ${of} { ${element} }`)
}

const refusal = (name: string) => ({
  code: 'EEXIST',
  message: expect.stringContaining(`set '${name}' of table inet 'netlink-ts'`) as string,
  advice: `there is a set '${name}' with other types, flags or sizes`,
})

describe.each(NFT_FACES)('somebody’s in the place of ours ($face)', ({ nft }) => {
  const ports = [
    { hostPort: 8080, to: '192.168.15.2:80', dev: 'br0' },
    { hostPort: 8080, hostAddress: '192.0.2.1', to: '192.168.15.2:80' },
    { hostPort: '8000-8020', to: '192.168.15.2' },
    { hostPort: '8000-8100', to: '192.168.15.2', dev: 'br0' },
    { hostPort: '8000-8100', hostAddress: '192.0.2.1', to: '192.168.15.2' },
    { hostPort: 8080, to: '[2001:db8::2]:80' },
  ] as const

  it.each(MAPS)('%s %s of %s: no list has it, and a port is refused by its name', (...it) =>
    withNetns(async (netns) => {
      theirs(netns, it)
      const before = plainRuleset(netns)
      expect(await nft.listNat({ netns })).toEqual([])
      for (const port of ports)
        await expect(async () => nft.publishPort({ ...port, netns })).rejects.toMatchObject(refusal(it[1]))
      expect(plainRuleset(netns)).toEqual(before)
      // Beside it the other verbs do what they do.
      const made = await nft.masquerade({ source: '192.168.15.0/24', netns })
      expect(await nft.listNat({ netns })).toHaveLength(1)
      await made.withdraw()
    }),
  )

  it.each(PAIRS)('%s %s of %s: no list has it, and what needs it is refused by its name', (...it) =>
    withNetns(async (netns) => {
      theirs(netns, it)
      const before = plainRuleset(netns)
      expect(await nft.listNat({ netns })).toEqual([])
      const options = {
        allowed: { from: 'a', to: 'b' },
        'allowed-from': { from: 'a' },
        'allowed-to': { to: 'b' },
      }
      for (const call of [
        async () => nft.allowForwarding({ ...options[it[1] as keyof typeof options], netns }),
        async () => nft.isolate('br0', { netns }),
      ])
        await expect(call).rejects.toMatchObject(refusal(it[1]))
      expect(plainRuleset(netns)).toEqual(before)
    }),
  )

  it.each([...MAPS, ...PAIRS])(
    '%s %s of %s: what was made before is gone, and withdrawn by no change',
    (...it) =>
      withNetns(async (netns) => {
        const made: { withdraw(): unknown }[] = [
          await nft.allowForwarding({ from: 'a', to: 'b', netns }),
          await nft.allowForwarding({ from: 'a', netns }),
          await nft.allowForwarding({ to: 'b', netns }),
        ]
        for (const port of ports) made.push(await nft.publishPort({ ...port, name: 'own', netns }))
        nftIn(netns, 'flush ruleset')
        theirs(netns, it)
        const list = `list ${it[0]} inet netlink-ts ${it[1]}`
        const before = nftIn(netns, list)
        for (const one of made) await one.withdraw()
        expect(nftIn(netns, list)).toBe(before)
      }),
  )

  it('a port of ours beside it is listed, and not withdrawn as if its targets were counted', () =>
    withNetns(async (netns) => {
      const made = await nft.publishPort({ hostPort: 8080, to: '192.168.15.2:80', netns })
      for (const chain of ['publish', 'hairpin', 'prerouting', 'output', 'postrouting'])
        nftIn(netns, `flush chain inet netlink-ts ${chain}`)
      nftIn(netns, 'delete set inet netlink-ts targets4')
      theirs(netns, ['set', 'targets4', 'ipv4_addr', '192.168.15.2'])
      const before = plainRuleset(netns)
      expect(await nft.listNat({ netns })).toMatchObject([{ hostPort: 8080 }])
      await expect(async () => made.withdraw()).rejects.toMatchObject(refusal('targets4'))
      expect(plainRuleset(netns)).toEqual(before)
    }))
})
