/** The verbs' own table, after somebody took parts of it away or loaded it from a file. */

import { describe, expect, it } from 'vitest'
import { askTcp, at, FAMILIES, serve, withNetwork } from './nat-network.js'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn } from './nft-support.js'
import { withNetns } from './support.js'

needNftables()

const CASES = NFT_FACES.flatMap(({ face, nft }) =>
  FAMILIES.map((ip) => ({ face, nft, ip, version: ip.version })),
)

/** Elements of the sets of targets that a family has. */
function elementsIn(netns: string, version: number, of = ['targets', 'hairpin']): string[] {
  return of.map((name) => {
    const { nftables } = JSON.parse(nftIn(netns, `list set inet netlink-ts ${name}${version}`, ['-j'])) as {
      nftables: { set?: { elem?: unknown[] } }[]
    }
    const elements = nftables.flatMap(({ set }) => set?.elem ?? [])
    return JSON.stringify(elements.map((one) => JSON.stringify(one)).sort())
  })
}

describe.each(CASES)('targets that somebody took away ($face, IPv$version)', ({ nft, ip }) => {
  const { version } = ip
  const flush = (netns: string) => {
    for (const name of ['targets', 'hairpin']) nftIn(netns, `flush set inet netlink-ts ${name}${version}`)
  }

  it('are made again by the same call, so that the host and the target’s network reach it', () =>
    withNetwork(async ({ router, red, blue }) => {
      using _ = await serve(red, 'red', 80)
      const publish = () => nft.publishPort({ hostPort: 8080, to: at(ip.red, 80), netns: router })
      await publish()
      const whole = elementsIn(router, version)
      flush(router)
      await publish()
      expect(elementsIn(router, version)).toEqual(whole)
      expect(await askTcp(router, ip.router, 8080)).toBe(`red sees ${ip.gateway}`)
      expect(await askTcp(blue, ip.router, 8080)).toBe(`red sees ${ip.gateway}`)
    }))

  it('are counted by all ports that go there, whoever published them', () =>
    withNetns(async (netns) => {
      const options = { to: at(ip.red, 80), dev: 'br0', netns } as const
      await nft.publishPort({ ...options, hostPort: 8081, name: 'other' })
      await nft.publishPort({ ...options, hostPort: 8080, hostAddress: ip.router })
      await nft.publishPort({ ...options, hostPort: 8083, dev: 'br1' })
      await nft.publishPort({ ...options, hostPort: 8084, protocol: 'udp' })
      await nft.publishPort({ ...options, hostPort: 8080 })
      await nft.publishPort({ ...options, hostPort: 9000, to: at(ip.blue, 90) })
      const three = elementsIn(netns, version)
      expect(three.join()).toContain('ports: 3')
      const mend = async () => {
        await nft.publishPort({ ...options, hostPort: 8080 })
        await nft.publishPort({ ...options, hostPort: 8083, dev: 'br1' })
        await nft.publishPort({ ...options, hostPort: 8084, protocol: 'udp' })
        await nft.publishPort({ ...options, hostPort: 9000, to: at(ip.blue, 90) })
      }
      flush(netns)
      await mend()
      expect(elementsIn(netns, version)).toEqual(three)
      nftIn(netns, `flush set inet netlink-ts hairpin${version}`)
      await mend()
      expect(elementsIn(netns, version)).toEqual(three)
    }))

  it('are left for the other ports when one that goes there is withdrawn', () =>
    withNetns(async (netns) => {
      const options = { to: at(ip.red, 80), dev: 'br0', netns } as const
      const kept = await nft.publishPort({ ...options, hostPort: 8080 })
      const one = elementsIn(netns, version)
      const gone = await nft.publishPort({ ...options, hostPort: 8081 })
      flush(netns)
      await gone.withdraw()
      expect(elementsIn(netns, version)).toEqual(one)
      await kept.withdraw()
      expect(elementsIn(netns, version)).toEqual(['[]', '[]'])
    }))

  it.each([16, 17, 100])('of a range of %i ports are made again', (count) =>
    withNetns(async (netns) => {
      const range = `8000-${8000 + count - 1}`
      const publish = () => nft.publishPort({ hostPort: range, to: at(ip.red, range), dev: 'br0', netns })
      await publish()
      const whole = elementsIn(netns, version)
      flush(netns)
      await publish()
      expect(elementsIn(netns, version)).toEqual(whole)
    }),
  )
})

describe.each(NFT_FACES)('chains that nft loaded from what it listed ($face)', ({ nft }) => {
  const source = '10.0.0.0/8'
  const reload = (netns: string) => {
    const listed = nftIn(netns, 'list ruleset')
    nftIn(netns, 'flush ruleset')
    nftIn(netns, listed)
  }

  it('are listed as before, made again by no change, and withdrawn by those who list them', () =>
    withNetns(async (netns) => {
      const except = Array.from({ length: 40 }, (_, i) => `10.${i}.0.0/16`)
      const make = async () => {
        await nft.masquerade({ source, outgoing: ["it's", 'a\\u0041', 'größe', 'eth*'], netns })
        await nft.masquerade({ source, except, name: 'forty', netns })
        await nft.isolate('br0', { from: ['br1', 'br2'], netns })
        await nft.blockPort({ port: 22, source: '2001:db8::/32', netns })
      }
      await make()
      const before = await nft.listNat({ netns })
      expect(before).toHaveLength(4)
      reload(netns)
      const listed = (await nft.listNat({ netns })) as { withdraw(): Promise<void> }[]
      expect(JSON.stringify(listed)).toBe(JSON.stringify(before))
      const loaded = nftIn(netns, 'list ruleset', ['-a'])
      await make()
      expect(nftIn(netns, 'list ruleset', ['-a'])).toBe(loaded)
      for (const one of listed) await one.withdraw()
      expect(nftIn(netns, 'list ruleset')).not.toContain('masquerade-')
      expect(await nft.listNat({ netns })).toEqual([])
    }))

  it('are withdrawn by the handles of before', () =>
    withNetns(async (netns) => {
      const except = Array.from({ length: 40 }, (_, i) => `10.${i}.0.0/16`)
      const made = [
        await nft.masquerade({ source, netns }),
        await nft.masquerade({ source, except, name: 'forty', netns }),
        await nft.isolate('br0', { netns }),
        await nft.blockPort({ port: 22, netns }),
        await nft.publishPort({ hostPort: 80, to: '10.0.0.2', dev: 'br0', netns }),
        await nft.allowForwarding({ from: 'br0', to: 'br1', netns }),
      ]
      const other = await nft.blockPort({ port: 23, netns })
      reload(netns)
      for (const one of made) await one.withdraw()
      const left = nftIn(netns, 'list ruleset')
      expect(left.match(/elements|chain (masquerade|isolate|blockPort)-\S+/g)).toEqual([
        'chain blockPort-tcp-23',
      ])
      await other.withdraw()
      await other.withdraw()
      expect(nftIn(netns, 'list ruleset')).not.toContain('blockPort-')
    }))

  it('and those whose rules somebody took away are withdrawn', () =>
    withNetns(async (netns) => {
      const except = Array.from({ length: 40 }, (_, i) => `10.${i}.0.0/16`)
      const made = await nft.masquerade({ source, except, netns })
      nftIn(netns, 'flush chain inet netlink-ts masquerade-10.0.0.0/8')
      await made.withdraw()
      expect(nftIn(netns, 'list ruleset')).not.toContain('masquerade-')
    }))

  it('are another’s once a call has taken their place', () =>
    withNetns(async (netns) => {
      const before = await nft.masquerade({ source, netns })
      reload(netns)
      const after = await nft.masquerade({ source, except: source, netns })
      const whole = nftIn(netns, 'list ruleset')
      await before.withdraw()
      expect(nftIn(netns, 'list ruleset')).toBe(whole)
      await after.withdraw()
      expect(nftIn(netns, 'list ruleset')).not.toContain('masquerade-')
    }))
})
