/** Sets with auto-merge: intervals of one call become what nft(8) makes of them. */

import { describe, expect, it } from 'vitest'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const ELEMENTS: Readonly<Record<'ipv4_addr' | 'inet_service', readonly (string | number)[]>> = {
  ipv4_addr: [
    '10.1.0.0/16',
    '10.0.0.0/8',
    '11.0.0.0/9',
    '192.168.1.5',
    '192.168.1.6-192.168.1.9',
    '224.0.0.0/4',
  ],
  inet_service: [80, '82-90', 81, '85-100', 443, 65535],
}

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('auto-merge ($face)', ({ nft }) => {
  it.each(Object.entries(ELEMENTS) as [keyof typeof ELEMENTS, (string | number)[]][])(
    'of %s makes what nft makes',
    (type, elements) =>
      withNetns(async (netns) => {
        nftIn(
          netns,
          `add table ip theirs; add set ip theirs s { type ${type}; flags interval; auto-merge; elements = { ${elements.join(', ')} }; }`,
        )
        const printed = (table: string) => nftIn(netns, `list set ip ${table} s`).replace(/table.*/, '')
        const set = {
          family: 'ip',
          table: 'ours',
          name: 's',
          type,
          flags: ['interval'],
          autoMerge: true,
        } as const
        const addTable = (tx: Parameters<Parameters<typeof nft.transaction>[0]>[0]) =>
          tx.addTable({ family: 'ip', name: 'ours' })
        const ours = { family: 'ip', table: 'ours', set: 's' } as const
        const record = (tx: Parameters<typeof addTable>[0]) => {
          addTable(tx)
          tx.addSet(set, elements)
        }
        await nft.transaction(record, { netns })
        expect(printed('ours')).toBe(printed('theirs'))
        // Into a set that is there, as its userdata says.
        await nft.transaction((tx) => tx.flushSet(set), { netns })
        const listed = elements.map((key) => ({ key, comment: null, expressions: [] }))
        await nft.transaction((tx) => tx.createElements({ ...ours, elements: listed }), { netns })
        expect(printed('ours')).toBe(printed('theirs'))
      }),
  )

  it('of intervals that are from and to', () =>
    withNetns(async (netns) => {
      const mac = (last: number) => `02:00:00:00:00:0${last}`
      const set = { family: 'ip', table: 't', name: 's', type: 'ether_addr', flags: ['interval'] } as const
      await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'ip', name: 't' })
          tx.addSet({ ...set, autoMerge: true }, [
            { key: { from: mac(1), to: mac(5) } },
            { key: { from: mac(4), to: mac(9) } },
          ])
        },
        { netns },
      )
      expect(nftIn(netns, 'list set ip t s')).toContain(`elements = { ${mac(1)}-${mac(9)} }`)
    }))

  it.each([
    ['ifname', ['veth0*', 'veth1*'], [{ from: 'veth0', to: 'veth1*' }]],
    ['ifname', ['veth2*', 'eth0', 'veth1*', 'veth10'], ['eth0', { from: 'veth1', to: 'veth2*' }]],
    ['ifname', ['veth0*', 'veth1'], [{ from: 'veth0', to: 'veth1' }]],
    [
      'ether_addr',
      ['02:00:00:00:00:02', '02:00:00:00:00:01'],
      [{ from: '02:00:00:00:00:01', to: '02:00:00:00:00:02' }],
    ],
  ] as const)('of %s %j makes %j, which comes back', (type, elements, listed) =>
    withNetns(async (netns) => {
      const set = { family: 'ip', table: 't', name: 's', type, flags: ['interval'], autoMerge: true } as const
      const place = { family: 'ip', table: 't', set: 's' } as const
      const keys = async () => (await nft.listElements({ ...place, netns })).map(({ key }) => key)
      nftIn(netns, `add table ip t; add set ip t theirs { type ${type}; flags interval; auto-merge; }`)
      await nft.transaction((tx) => tx.addSet(set, elements), { netns })
      expect(await keys()).toEqual(listed)
      // nft(8) writes the same elements, in the kernel's bytes.
      nftIn(
        netns,
        `add element ip t theirs { ${elements.map((one) => (type === 'ifname' ? `"${one}"` : one)).join(', ')} }`,
      )
      const theirs = (await nft.listElements({ ...place, set: 'theirs', netns })).map(({ key }) => key)
      expect(theirs).toEqual(listed)
      for (const key of listed) expect((await nft.getElement({ ...place, key, netns })).key).toEqual(key)
      await nft.transaction(
        (tx) => tx.deleteElements({ ...place, elements: listed.map((key) => ({ key })) }),
        { netns },
      )
      expect(await keys()).toEqual([])
    }),
  )

  it('names the element of the call that is refused', () =>
    withNetns(async (netns) => {
      nftIn(
        netns,
        'add table ip t; add set ip t s { type inet_service; flags interval; auto-merge; elements = { 80 }; }',
      )
      const elements = [{ key: 9, comment: 'apart' }, 443, '80-90', 91, 7]
      await expect(async () =>
        nft.transaction((tx) => tx.addElements({ family: 'ip', table: 't', set: 's', elements }), { netns }),
      ).rejects.toMatchObject({ code: 'EEXIST', advice: expect.stringContaining("elements[2], '80-90'") })
    }))

  it.each([
    ['85-90', '80-90'],
    ['80-90', '85-90'],
    ['1024-65535', 8080],
    [8080, '1024-65535'],
  ])('%j and then %j in a set without it are refused, as nft does', (first, second) =>
    withNetns(async (netns) => {
      const set = { family: 'ip', table: 't', name: 's', type: 'inet_service', flags: ['interval'] } as const
      nftIn(netns, 'add table ip t')
      const theirs = `add set ip t s { type inet_service; flags interval; }; add element ip t s { ${first} }; add element ip t s { ${second} }`
      expect(() => nftIn(netns, theirs)).toThrow('conflicting intervals')
      const ours = async () =>
        nft.transaction(
          (tx) => {
            tx.addSet(set, [first])
            tx.addElements({ family: 'ip', table: 't', set: 's', elements: [second] })
          },
          { netns },
        )
      await expect(ours).rejects.toThrow('is in it')
    }),
  )

  it('leaves elements with more than a key, and sets without it, to the kernel', () =>
    withNetns(async (netns) => {
      const set = { family: 'ip', table: 't', name: 's', type: 'ipv4_addr', flags: ['interval'] } as const
      const pair = ['10.0.0.0/8', '10.1.0.0/16']
      for (const [input, elements] of [
        [set, pair],
        [{ ...set, autoMerge: true }, [pair[0]!, { key: pair[1]!, comment: 'inside' }]],
      ] as const)
        await expect(async () =>
          nft.transaction(
            (tx) => {
              tx.addTable({ family: 'ip', name: 't' })
              tx.addSet(input, elements)
            },
            { netns },
          ),
        ).rejects.toMatchObject({ code: 'EEXIST', advice: expect.stringContaining('elements[1]') })
    }))
})
