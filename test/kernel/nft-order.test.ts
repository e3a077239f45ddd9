/** The order in which a packet meets the statements of a rule, where it tells. */

import { createSocket } from 'node:dgram'
import { describe, expect, it } from 'vitest'
import { openSocketInNetns } from '../../src/index.js'
import { counter, ip, type NftRule, numgen, rule, type Statement, set, udp } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { NFT_FACES } from './nft-support.js'
import { withNetns } from './support.js'

needNftables()

const inT = { family: 'ip', table: 't' } as const

/** One datagram after another from port 5000, each to a port of the machine itself. */
async function sendTo(netns: string, ports: readonly number[]): Promise<void> {
  const fd = await openSocketInNetns(netns, { type: 'dgram', family: 'ipv4', port: 5000 })
  const socket = createSocket('udp4')
  socket.bind({ fd })
  for (const port of ports)
    await new Promise<void>((resolve) => socket.send('', port, '127.0.0.1', () => resolve()))
  socket.close()
}

describe.each(NFT_FACES)('comparisons of bytes side by side, $face', ({ nft }) => {
  /** How often the rule has let a packet through, and how often the element was found. */
  async function counted(netns: string, between: Statement) {
    await nft.transaction(
      (tx) => {
        tx.addTable({ family: 'ip', name: 't' })
        tx.addChain({ ...inT, name: 'c', type: 'filter', hook: 'output', priority: 0 })
        tx.addSet({ ...inT, name: 's', type: 'ipv4_addr', expressions: [{ name: 'counter', data: {} }] }, [
          '127.0.0.1',
        ])
        tx.addRule({ ...inT, chain: 'c', rule: rule(udp.sport(5000), between, udp.dport(9), counter()) })
      },
      { netns },
    )
    await sendTo(netns, [7, 9, 7, 9])
    const [{ expressions }] = (await nft.listRules({ ...inT, netns })) as [NftRule]
    const [element] = await nft.listElements({ ...inT, set: 's', netns })
    const packets = (of: typeof expressions) =>
      (of.find(({ name }) => name === 'counter')!.data as { packets: bigint }).packets
    return { rule: packets(expressions), element: packets(element!.expressions) }
  }

  it('are not moved before a number that counts the packets', () =>
    withNetns(async (netns) => {
      // The first of two packets has 0: those to port 7.
      expect(await counted(netns, numgen('incremental', 2)(0))).toEqual({ rule: 0n, element: 0n })
    }))

  it('are not moved before a set whose elements count the packets', () =>
    withNetns(async (netns) => {
      expect(await counted(netns, ip.saddr(set('s')))).toEqual({ rule: 2n, element: 4n })
    }))
})
