/** Maps to ranges of ports, by what is translated: nft(8) of 1.0.6 shows them as what they are not. */

import { createSocket } from 'node:dgram'
import { describe, expect, it } from 'vitest'
import { flushConntrack, listConntrack } from '../../src/conntrack.js'
import { openSocketInNetns } from '../../src/index.js'
import type { Expression, NftTableContents } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { again, NFT_FACES } from './nft-support.js'
import { withNetns } from './support.js'

needNftables()

const inT = { family: 'ip', table: 't' } as const
const PORTS = { ...inT, name: 'm', type: 'inet_service', map: 'inet_service', mapInterval: true } as const

/** The port that a map has for the one of a UDP packet: from register 1 to the second of four bytes, 9. */
const REDIRECT: Expression[] = [
  { name: 'meta', data: { key: 'l4proto', dreg: 1 } },
  { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: Uint8Array.of(17) } } },
  { name: 'payload', data: { dreg: 1, base: 'transport-header', offset: 2, len: 2 } },
  { name: 'lookup', data: { sreg: 1, dreg: 1, set: 'm' } },
  { name: 'redir', data: { regProtoMin: 1, regProtoMax: 9 } },
]

/** To which ports datagrams to others go: from one port, so that each of them has to have another. */
async function portsFor(ports: readonly number[], netns: string): Promise<(number | null)[]> {
  const socket = createSocket('udp4')
  socket.bind({ fd: await openSocketInNetns(netns, { type: 'dgram', family: 'ipv4' }) })
  for (const port of ports)
    await new Promise<void>((resolve) => socket.send('', port, '127.0.0.1', () => resolve()))
  socket.close()
  const entries = await listConntrack({
    netns,
    protocol: 'udp',
    reply: { sport: { start: 8000, end: 9000 } },
  })
  await flushConntrack({ netns, protocol: 'udp' })
  return entries.map(({ reply }) => reply.sport).sort()
}

describe.each(NFT_FACES)('a map to ranges of ports ($face)', ({ nft }) => {
  it('is listed as what it is, and made again', () =>
    withNetns(async (netns) => {
      await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'ip', name: 't' })
          tx.addSet(PORTS, [
            { key: 53, value: '8080-8081' },
            { key: 54, value: '8080-8081' },
          ])
          tx.addChain({ ...inT, name: 'c', type: 'nat', hook: 'output', priority: 'dstnat' })
          tx.addRule({ ...inT, chain: 'c', expressions: REDIRECT })
        },
        { netns },
      )
      expect(await portsFor([53, 54], netns)).toEqual([8080, 8081])
      const ruleset = await nft.listRuleset({ netns })
      const [{ sets }] = ruleset.tables as [NftTableContents]
      expect(sets).toMatchObject([
        {
          ...PORTS,
          elements: expect.arrayContaining([expect.objectContaining({ key: 53, value: '8080-8081' })]),
        },
      ])
      await nft.transaction((tx) => again(tx, ruleset), { netns })
      expect(await portsFor([53, 54], netns)).toEqual([8080, 8081])
    }))
})
