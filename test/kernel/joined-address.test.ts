import { describe, expect, it } from 'vitest'
import type { MulticastAddress } from '../../src/index.js'
import { execIn, FACES, type Face, ip, ipJson, type Printed, untilReady, withVeth } from './support.js'

/** Groups of IP that `ip maddress` tells, out of /proc. */
function printed(netns: string): string[] {
  return ipJson('maddress show', netns).flatMap(({ ifname, maddr }) =>
    (maddr as Printed[])
      .filter(({ family }) => family !== undefined)
      .map(({ address }) => `${ifname} ${address}`),
  )
}

const told = (addresses: readonly MulticastAddress[]) =>
  addresses.map(({ dev, address }) => `${dev} ${address}`).sort()

/** Whether this kernel can tell the groups of IPv4. */
async function tellsIpv4(nl: Face, netns: string): Promise<boolean> {
  try {
    await nl.listMulticastAddresses({ family: 'ipv4', netns })
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'EOPNOTSUPP', operation: 'RTM_GETMULTICAST' })
    return false
  }
}

describe.each(FACES)('multicast groups, $face', ({ nl }) => {
  it('are what ip shows', async () => {
    await withVeth(async (netns) => {
      await untilReady('eth0', netns)
      const all = printed(netns)
      const expected = (await tellsIpv4(nl, netns)) ? all : all.filter((one) => one.includes(':'))
      expect(told(await nl.listMulticastAddresses({ netns }))).toEqual(expected.sort())
      expect(expected).toEqual(expect.arrayContaining(['eth0 ff02::1', 'lo ff01::1']))
    })
  })

  it('are filtered by interface and family', async () => {
    await withVeth(async (netns) => {
      await untilReady('eth0', netns)
      const six = await nl.listMulticastAddresses({ dev: 'eth0', family: 'ipv6', netns })
      expect(told(six)).toEqual(
        printed(netns)
          .filter((one) => /^eth0 .*:/.test(one))
          .sort(),
      )
      const group = six.find(({ address }) => address === 'ff02::1')!
      expect(group).toMatchObject({ family: 'ipv6', ifindex: 10, dev: 'eth0' })
      expect(group.created).toBeGreaterThan(0)
      expect(group.updated).toBeGreaterThanOrEqual(group.created!)
      if (await tellsIpv4(nl, netns)) {
        const four = await nl.listMulticastAddresses({ dev: 'eth1', family: 'ipv4', netns })
        expect(four).toMatchObject([{ family: 'ipv4', address: '224.0.0.1', ifindex: 11, dev: 'eth1' }])
      }
    })
  })
})

describe.each(FACES)('anycast addresses, $face', ({ nl }) => {
  it('are those that a router has for its networks', async () => {
    await withVeth(async (netns) => {
      for (const dev of ['eth0', 'eth1']) await untilReady(dev, netns)
      expect(await nl.listAnycastAddresses({ netns })).toEqual([])
      ip('address add 2001:db8::1/64 dev eth0 nodad', netns)
      ip('address add 2001:db8:7::1/64 dev eth1 nodad', netns)
      await nl.setSysctl('net.ipv6.conf.all.forwarding', 1, { netns })
      const ours = await nl.listAnycastAddresses({ netns })
      const proc = execIn(netns, 'cat', '/proc/net/anycast6')
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/))
      expect(ours.map(({ dev, address }) => [dev, hexOf(address)]).sort()).toEqual(
        proc.map(([, dev, address]) => [dev, address]).sort(),
      )
      const eth1 = (await nl.listAnycastAddresses({ dev: 'eth1', netns })).find(
        ({ address }) => address === '2001:db8:7::',
      )
      expect(eth1).toMatchObject({ family: 'ipv6', ifindex: 11, dev: 'eth1' })
      expect(eth1!.created).toBeGreaterThan(0)
    })
  })
})

/** An IPv6 address as /proc writes it: 32 digits. */
function hexOf(address: string): string {
  const [before = '', after] = address.split('::')
  const groups = (text: string) => text.split(':').filter(Boolean)
  const missing = 8 - groups(before).length - groups(after ?? '').length
  return [...groups(before), ...Array(after === undefined ? 0 : missing).fill('0'), ...groups(after ?? '')]
    .map((group) => group.padStart(4, '0'))
    .join('')
}

describe.each(FACES)('both, $face', ({ nl }) => {
  it('refuse what is no filter, and an interface that is not there', async () => {
    await withVeth(async (netns) => {
      for (const list of [nl.listMulticastAddresses, nl.listAnycastAddresses]) {
        await expect(async () => list({ dev: 'eth7', netns })).rejects.toMatchObject({ code: 'ENODEV' })
        await expect(async () => list({ scope: 'link' } as never)).rejects.toThrow(/unknown option 'scope'/)
        await expect(async () => list({ dev: '' })).rejects.toThrow(/dev: /)
      }
      await expect(async () => nl.listMulticastAddresses({ family: 'inet' as never })).rejects.toThrow(
        /family/,
      )
    })
  })
})
