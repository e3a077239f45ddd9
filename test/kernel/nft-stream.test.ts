/** Elements of sets one by one, against the list of them and against nft, and what a list cannot do: keep memory flat. */

import { describe, expect, it } from 'vitest'
import * as nft from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { nftIn } from './nft-support.js'
import { library, lines, program } from './program.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const

async function gather<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

const RULESET = `
table inet t {
  set empty { type inet_service; }
  set plain { type inet_service; elements = { 80 comment "web", 443 } }
  set bytes { typeof numgen inc mod 9; elements = { 3, 4 } }
  set ranges { type ipv4_addr; flags interval; elements = {
    0.0.0.0, 10.0.0.0/8, 11.0.0.0/9, 192.168.1.5-192.168.1.9, 192.168.1.10-192.168.1.20, 224.0.0.0-255.255.255.255 } }
  set names { type ifname; flags interval; elements = { "veth*", "eth0" } }
  set marks { type mark; flags interval, timeout; elements = { 1-5 timeout 1h, 0x100-0xffff, 0x1000000 } }
  set pairs { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 1000-2000, 10.1.0.0/16 . 80 } }
  map m { type inet_service : ipv4_addr; elements = { 80 : 10.0.0.1, 443 : 10.0.0.2 } }
  map verdicts { type inet_service : verdict; flags interval; elements = { 1-9 : accept, 10-20 : drop, * : continue } }
}
`

describe.skipIf(!hasTool('nft'))('a stream of elements', () => {
  it('has what the list has', () =>
    withNetns(async (netns) => {
      nftIn(netns, RULESET)
      const sorted = (elements: readonly nft.NftElement[]) =>
        elements.map((one) => JSON.stringify({ ...one, expires: null })).sort()
      const counts: Record<string, number> = {}
      for (const { name } of await nft.listSets({ netns })) {
        const streamed = await gather(nft.streamElements({ ...inT, set: name, netns }))
        counts[name] = streamed.length
        expect([name, ...sorted(streamed)]).toEqual([
          name,
          ...sorted(await nft.listElements({ ...inT, set: name, netns })),
        ])
      }
      expect(counts).toEqual({
        ...{ empty: 0, plain: 2, bytes: 2, ranges: 6, names: 2, marks: 3, pairs: 2, m: 2, verdicts: 3 },
      })
      const keys = (await gather(nft.streamElements({ ...inT, set: 'ranges', netns }))).map(({ key }) => key)
      expect(keys).toEqual([
        '224.0.0.0/3',
        '192.168.1.10-192.168.1.20',
        '192.168.1.5-192.168.1.9',
        '11.0.0.0/9',
        '10.0.0.0/8',
        '0.0.0.0',
      ])
    }))

  it('of a set that is not there, and of one that is left', () =>
    withNetns(async (netns) => {
      nftIn(netns, RULESET)
      const none = nft.streamElements({ ...inT, set: 'none', netns })
      await expect(none.next()).rejects.toMatchObject({ code: 'ENOENT', operation: 'NFT_MSG_GETSET' })
      const stream = nft.streamElements({ ...inT, set: 'plain', netns })
      for await (const { key } of stream) {
        expect([80, 443]).toContain(key)
        break
      }
      expect(await stream.next()).toEqual({ done: true, value: undefined })
    }))

  const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
  // An ordinary user may send no more than net.core.wmem_max at once.
  const AT_ONCE = 3_000
  const fill = async (netns: string, count: number) => {
    await nft.transaction(
      (tx) => {
        tx.addTable({ family: 'inet', name: 't' })
        tx.addSet({ ...inT, name: 'hashed', type: 'ipv4_addr', size: 2 * count })
        tx.addSet({ ...inT, name: 'ranges', type: 'ipv4_addr', flags: ['interval'] })
      },
      { netns },
    )
    for (let from = 0; from < count; from += AT_ONCE) {
      const elements = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) =>
        address(2 * (from + i)),
      )
      await nft.transaction(
        (tx) => {
          for (const set of ['hashed', 'ranges']) tx.addElements({ ...inT, set, elements })
        },
        { netns },
      )
    }
  }

  it('takes no more memory for many than for few: a heap that could not hold them is enough', () =>
    withNetns(async (netns) => {
      const COUNT = 150_000
      await fill(netns, COUNT)
      const source = `
        import { streamElements } from ${library('nftables')}
        for (const set of ['hashed', 'ranges']) {
          let count = 0
          let sum = 0
          for await (const { key } of streamElements({ family: 'inet', table: 't', set, netns: '${netns}' })) {
            const [, b, c, d] = key.split('.')
            sum += (b << 16) + (c << 8) + +d
            count++
          }
          print([count, sum])
        }
      `
      const nodeOptions = ['--max-old-space-size=32', '--max-semi-space-size=2']
      const all = [COUNT, COUNT * (COUNT - 1)]
      expect(await lines(program(source, { nodeOptions }))).toEqual([all, all])
    }))

  it('a list is whole beside programs that change other tables all the time', () =>
    withNetns(async (netns) => {
      await fill(netns, 20_000)
      let isRead = false
      let changes = 0
      const others = (async () => {
        for (; !isRead; changes++) {
          const table = { family: 'ip', name: 'other' } as const
          await nft.transaction(changes % 2 ? (tx) => tx.deleteTable(table) : (tx) => tx.addTable(table), {
            netns,
          })
        }
      })()
      for (const set of ['hashed', 'ranges']) {
        const before = changes
        expect(await nft.listElements({ ...inT, set, netns })).toHaveLength(20_000)
        expect(changes).toBeGreaterThan(before)
      }
      isRead = true
      await others
    }))

  it.each(['hashed', 'ranges'])('ends with an error where the set changed meanwhile (%s)', (set) =>
    withNetns(async (netns) => {
      // More than is received ahead of the reader.
      await fill(netns, 20_000)
      let seen = 0
      const reading = (async () => {
        for await (const _ of nft.streamElements({ ...inT, set, netns }))
          if (++seen === 1) nftIn(netns, `add element inet t ${set} { 192.0.2.1 }`)
      })()
      await expect(reading).rejects.toMatchObject({ code: 'EINTR', operation: 'NFT_MSG_GETSETELEM' })
    }),
  )
})
