import { describe, expect, it } from 'vitest'
import type { AddressLabel } from '../../src/index.js'
import { expectReadBack, type Oracle, unlessNull } from './read-back.js'
import { FACES, ip, ipJson, withVeth } from './support.js'

const LABEL: Oracle<AddressLabel> = {
  keys: {
    address: ({ prefix }) => prefix.split('/')[0],
    prefixlen: ({ prefix }) => Number(prefix.split('/')[1]),
    ifname: ({ dev }) => unlessNull(dev),
    label: ({ label }) => label,
  },
  notPrinted: { ifindex: 'ip prints the name' },
}

const printed = (netns: string) => ipJson('addrlabel list', netns)

describe.each(FACES)('labels of addresses, $face', ({ nl }) => {
  it('are read as ip shows them, the first ones and those made by ip', () =>
    withVeth(async (netns) => {
      ip('addrlabel add prefix 2001:db8::/32 label 77', netns)
      ip('addrlabel add prefix 2001:db8::/32 label 78 dev eth0', netns)
      const labels = await nl.listAddressLabels({ netns })
      expectReadBack(LABEL, labels, printed(netns))
      expect(await nl.listAddressLabels({ dev: 'eth0', netns })).toEqual([
        { prefix: '2001:db8::/32', label: 78, dev: 'eth0', ifindex: 10 },
      ])
      expect(await nl.listAddressLabels({ label: 2, netns })).toMatchObject([{ prefix: '2002::/16' }])
    }))

  it('are made, taken away and flushed, as ip does', () =>
    withVeth(async (netns) => {
      const before = printed(netns)
      await nl.addAddressLabel({ prefix: '2001:db8::/32', label: 77, netns })
      await nl.addAddressLabel({ prefix: '2001:db8:7::/48', label: 78, dev: 'eth0', netns })
      const shown = ip('addrlabel list', netns)
      expect(shown).toMatch(/^prefix 2001:db8::\/32 label 77 $/m)
      expect(shown).toMatch(/^prefix 2001:db8:7::\/48 dev eth0 label 78 $/m)
      await expect(async () =>
        nl.addAddressLabel({ prefix: '2001:db8::/32', label: 79, netns }),
      ).rejects.toMatchObject({ code: 'EEXIST', advice: 'the prefix has a label already' })
      await expect(async () =>
        nl.addAddressLabel({ prefix: '2001:db8::/32', label: 79, dev: 4242, netns }),
      ).rejects.toMatchObject({ code: 'EINVAL', advice: 'found by looking: interface 4242 is not there' })
      await nl.deleteAddressLabel({ prefix: '2001:db8::/32', netns })
      await expect(async () =>
        nl.deleteAddressLabel({ prefix: '2001:db8::/32', netns }),
      ).rejects.toMatchObject({
        code: 'ESRCH',
        advice: 'the prefix has no label',
      })
      expect(await nl.flushAddressLabels({ dev: 'eth0', netns })).toBe(1)
      expect(printed(netns)).toEqual(before)
      const all = await nl.listAddressLabels({ netns })
      expect(await nl.flushAddressLabels({ all: true, netns })).toBe(before.length)
      expect(printed(netns)).toEqual([])
      for (const one of [...all].reverse()) await nl.addAddressLabel({ ...one, netns })
      expect(await nl.listAddressLabels({ netns })).toEqual(all)
    }))
})
