import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type AddressOptions, monitor } from '../../src/index.js'
import { ADDRESS, allPrinted, FOREVER, printed } from './address-oracle.js'
import { ADDRESSES } from './made-by-ip.js'
import { until } from './monitor-support.js'
import { since } from './needs.js'
import { expectReadBack } from './read-back.js'
import { FACES, ip, ipJson, type Printed, sysctl, withNetns, withVeth } from './support.js'

/** Without what changes while a test looks: lifetimes run, and an IPv6 address is tentative until a work queue has run. */
function settled({ valid_life_time, preferred_life_time, tentative, ...rest }: Printed): Printed {
  return rest
}

interface Made {
  address: string
  options?: AddressOptions
  /** What ip prints besides family, local address and prefix length. */
  told?: Printed
}

const made: Made[] = [
  { address: '192.0.2.1/24', told: { scope: 'global', label: 'eth0' } },
  { address: '192.0.2.2', told: { prefixlen: 32 } },
  { address: '192.0.2.1/24', options: { broadcast: true }, told: { broadcast: '192.0.2.255' } },
  { address: '192.0.2.1/24', options: { broadcast: '192.0.2.7' }, told: { broadcast: '192.0.2.7' } },
  { address: '10.1.2.3/13', options: { broadcast: true }, told: { broadcast: '10.7.255.255' } },
  { address: '192.0.2.4/30', options: { broadcast: true }, told: { broadcast: '192.0.2.7' } },
  // One of at most two addresses cannot be spared.
  { address: '192.0.2.2/31', options: { broadcast: true } },
  { address: '192.0.2.2', options: { broadcast: true } },
  { address: '192.0.2.1/24', options: { label: 'eth0:1' }, told: { label: 'eth0:1' } },
  { address: '192.0.2.1/24', options: { scope: 'link' }, told: { scope: 'link' } },
  { address: '192.0.2.1/24', options: { scope: 200 }, told: { scope: 'site' } },
  { address: '127.0.0.2/8', told: { scope: 'host' } },
  { address: '192.0.2.1', options: { peer: '192.0.2.2' }, told: { address: '192.0.2.2', prefixlen: 32 } },
  { address: '192.0.2.1/28', options: { peer: '192.0.2.2' }, told: { address: '192.0.2.2', prefixlen: 28 } },
  { address: '192.0.2.1/24', options: { metric: 500 }, told: { metric: 500 } },
  { address: '192.0.2.1/24', options: { flags: ['noprefixroute'] }, told: { noprefixroute: true } },
  {
    address: '192.0.2.1/24',
    options: { preferredLifetime: 0 },
    told: { deprecated: true, valid_life_time: FOREVER },
  },
  { address: '2001:db8::1/64', told: { scope: 'global', valid_life_time: FOREVER } },
  { address: '2001:db8::2', told: { prefixlen: 128 } },
  { address: '2001:db8::1/64', options: { flags: ['nodad'] }, told: { nodad: true } },
  {
    address: '2001:db8::1/64',
    options: { flags: ['home', 'mngtmpaddr', 'noprefixroute'] },
    told: { home: true, mngtmpaddr: true, noprefixroute: true },
  },
  { address: 'ff05::5/128', options: { flags: ['autojoin'] }, told: { autojoin: true, scope: 'site' } },
  {
    address: '2001:db8::1',
    options: { peer: '2001:db8::2/128' },
    told: { address: '2001:db8::2', prefixlen: 128 },
  },
  { address: '2001:db8::1/64', options: { metric: 77 }, told: { metric: 77 } },
  {
    address: '2001:db8::1/64',
    options: { preferredLifetime: 0 },
    told: { deprecated: true, preferred_life_time: 0, valid_life_time: FOREVER },
  },
]

describe.each(FACES)('addresses, $face', ({ nl }) => {
  it.each(made)('adds $address $options', async ({ address, options, told }) => {
    await withVeth(async (netns) => {
      await nl.addAddress('eth0', address, { ...options, netns })
      const [local, length] = address.split('/')
      const found = allPrinted(netns).find((it) => it['local'] === local)
      expect(found).toMatchObject({ ...(length === undefined ? {} : { prefixlen: Number(length) }), ...told })
      if (told?.['broadcast'] === undefined) expect(found).not.toHaveProperty('broadcast')
      if (told?.['address'] === undefined) expect(found).not.toHaveProperty('address')

      await nl.deleteAddress('eth0', address, { peer: options?.peer, netns })
      expect(allPrinted(netns).map((it) => it['local'])).not.toContain(local)
    })
  })

  it('reads what ip made, field by field', async () => {
    await withVeth(async (netns) => {
      for (const command of ADDRESSES) ip(command, netns)
      const listed = await nl.listAddresses({ dev: 'eth0', netns })
      const told = ipJson('address show dev eth0', netns)[0]!['addr_info'] as Printed[]
      expect(listed).toHaveLength(ADDRESSES.length + 1)
      expectReadBack(ADDRESS, listed, told)
      for (const it of listed) expect(it).toMatchObject({ dev: 'eth0', ifindex: 10 })
    })
  })

  it('reads that another machine has an address already', async () => {
    await withVeth(async (netns) => {
      const settings = ['accept_dad=1', 'router_solicitation_delay=0'].map((it) => `net.ipv6.conf.eth1.${it}`)
      sysctl(netns, settings.join(' '))
      ip('address add 2001:db8::1/64 dev eth0 nodad', netns)
      await using events = await monitor(['address'], { netns })
      await nl.addAddress('eth1', '2001:db8::1/64', { netns })
      await until(
        events,
        (event) =>
          event.type === 'address' &&
          event.address.dev === 'eth1' &&
          event.address.flags.includes('dadfailed'),
      )
      const listed = await nl.listAddresses({ dev: 'eth1', within: '2001:db8::/32', netns })
      expect(listed).toMatchObject([{ flags: expect.arrayContaining(['tentative', 'dadfailed']) }])
      const told = printed(netns, 'eth1')
      expect(told).toMatchObject([{ dadfailed: true }])
      expectReadBack(ADDRESS, listed, told)
    })
  })

  it('reads lifetimes in seconds', async () => {
    await withVeth(async (netns) => {
      ip('address add 192.0.2.1/24 dev eth0 valid_lft 4000 preferred_lft 3000', netns)
      ip('address add 2001:db8::1/64 dev eth0 preferred_lft 0', netns)
      const [v4] = await nl.listAddresses({ family: 'ipv4', dev: 'eth0', netns })
      expect(v4!.validLifetime).toBeGreaterThan(3900)
      expect(v4!.validLifetime).toBeLessThanOrEqual(4000)
      expect(v4!.preferredLifetime).toBeGreaterThan(2900)
      expect(v4!.preferredLifetime).toBeLessThanOrEqual(3000)
      const v6 = await nl.listAddresses({ family: 'ipv6', dev: 'eth0', scope: 'global', netns })
      expect(v6).toMatchObject([{ validLifetime: 'forever', preferredLifetime: 0 }])
    })
  })

  it('tells the kernel from programs as the maker of an address', async () => {
    await withNetns(async (netns) => {
      await nl.addAddress('lo', '2001:db8::1/128', { protocol: 77, netns })
      await nl.addAddress('lo', '10.0.0.1/32', { protocol: 'kernel_ra', netns })
      await nl.addAddress('lo', '10.0.0.2/32', { netns })
      const listed = await nl.listAddresses({ dev: 'lo', netns })
      const makers = Object.fromEntries(listed.map(({ address, protocol }) => [address, protocol]))
      // Before Linux 5.18 the kernel keeps no maker.
      const kept = <T>(maker: T) => (since(5, 18) ? maker : null)
      expect(makers).toEqual({
        '127.0.0.1/8': null,
        '::1/128': kept('kernel_lo'),
        '2001:db8::1/128': kept(77),
        '10.0.0.1/32': kept('kernel_ra'),
        '10.0.0.2/32': null,
      })
    })
  })

  it('takes back every address that it lists', async () => {
    await withVeth(async (netns) => {
      // Otherwise the secondary address would go together with the primary one.
      sysctl(netns, 'net.ipv4.conf.eth0.promote_secondaries=1')
      for (const command of ADDRESSES) ip(command, netns)
      const before = await nl.listAddresses({ dev: 'eth0', netns })
      const told = allPrinted(netns)
      for (const address of before) await nl.deleteAddress(address.dev!, address, { netns })
      expect(allPrinted(netns)).toEqual([])
      for (const address of before) await nl.addAddress(address.dev!, address, { netns })
      const lines = (list: Printed[]) => list.map((it) => JSON.stringify(settled(it))).sort()
      expect(lines(allPrinted(netns))).toEqual(lines(told))
      for (const address of before) await nl.replaceAddress(address.ifindex, address, { netns })
      expect(await nl.listAddresses({ dev: 'eth0', netns })).toHaveLength(before.length)
    })
  })

  it('copies a listed address to another interface with changes', async () => {
    await withVeth(async (netns) => {
      await nl.addAddress('eth0', '192.0.2.1/24', { metric: 7, broadcast: true, netns })
      const [listed] = await nl.listAddresses({ dev: 'eth0', family: 'ipv4', netns })
      await nl.addAddress('eth1', listed!, { label: null, metric: 8, netns })
      expect(printed(netns, 'eth1')).toMatchObject([
        { local: '192.0.2.1', prefixlen: 24, label: 'eth1', metric: 8, broadcast: '192.0.2.255' },
      ])
    })
  })

  it('replaces lifetimes and metric, and nothing else of an IPv4 address', async () => {
    await withVeth(async (netns) => {
      await nl.replaceAddress('eth0', '192.0.2.1/24', { label: 'eth0:1', metric: 5, netns })
      await nl.replaceAddress('eth0', '192.0.2.1/24', {
        label: 'eth0:2',
        scope: 'link',
        broadcast: true,
        metric: 6,
        validLifetime: 5000,
        netns,
      })
      const [found, ...more] = printed(netns)
      expect(more).toEqual([])
      expect(found).toMatchObject({ label: 'eth0:1', scope: 'global', metric: 6, dynamic: true })
      expect(found).not.toHaveProperty('broadcast')
    })
  })

  it('replaces flags and peer too of an IPv6 address', async () => {
    await withVeth(async (netns) => {
      await nl.replaceAddress('eth0', '2001:db8::1/64', { flags: ['home'], netns })
      await nl.replaceAddress('eth0', '2001:db8::1/64', {
        flags: ['mngtmpaddr'],
        preferredLifetime: 0,
        netns,
      })
      const [found, ...more] = printed(netns)
      expect(more).toEqual([])
      expect(found).toMatchObject({ mngtmpaddr: true, deprecated: true, preferred_life_time: 0 })
      await nl.replaceAddress('eth0', '2001:db8::1/64', { peer: '2001:db8::2', netns })
      expect(printed(netns)).toMatchObject([{ local: '2001:db8::1', address: '2001:db8::2' }])
    })
  })

  it('leaves duplicate address detection out, or uses the address meanwhile, as it is told', async () => {
    await withNetns(async (netns) => {
      // Nothing is detected while the interface is down, so that the address stays tentative.
      ip('link add eth0 type veth peer name eth1', netns)
      // CONFIG_IPV6_OPTIMISTIC_DAD
      const isOptimistic = existsSync('/proc/sys/net/ipv6/conf/all/optimistic_dad')
      const optimistic = 'net.ipv6.conf.all.optimistic_dad=1 net.ipv6.conf.eth0.optimistic_dad=1'
      if (isOptimistic) sysctl(netns, optimistic)
      await nl.addAddress('eth0', '2001:db8::1/64', { netns })
      if (isOptimistic) await nl.addAddress('eth0', '2001:db8::3/64', { flags: ['optimistic'], netns })
      await nl.addAddress('eth0', '2001:db8::2/64', { flags: ['nodad'], netns })
      const listed = await nl.listAddresses({ dev: 'eth0', netns })
      const flags = Object.fromEntries(listed.map((it) => [it.address, it.flags]))
      expect(flags['2001:db8::1/64']).toEqual(['tentative', 'permanent'])
      expect(flags['2001:db8::2/64']).toEqual(['nodad', 'permanent'])
      if (isOptimistic) expect(flags['2001:db8::3/64']).toEqual(['optimistic', 'tentative', 'permanent'])
    })
  })

  it('stamps what was made and changed with seconds since the start of the machine', async () => {
    await withNetns(async (netns) => {
      const before = Number(process.hrtime.bigint()) / 1e9
      await nl.addAddress('lo', '10.0.0.1/32', { netns })
      await nl.replaceAddress('lo', '10.0.0.1/32', { validLifetime: 500, netns })
      const [address] = await nl.listAddresses({ dev: 'lo', scope: 'global', netns })
      const after = Number(process.hrtime.bigint()) / 1e9
      // The kernel counts in ticks, from a moment after the clock's zero.
      expect(address!.created).toBeGreaterThan(before - 2)
      expect(address!.created).toBeLessThanOrEqual(address!.updated!)
      expect(address!.updated).toBeLessThan(after + 0.1)
    })
  })

  it('says what the kernel refuses', async () => {
    await withVeth(async (netns) => {
      const failure = async (work: () => unknown) => {
        try {
          await work()
        } catch (error) {
          return error as InstanceType<typeof nl.NetlinkError>
        }
        throw new Error('it succeeded')
      }
      await nl.addAddress('eth0', '192.0.2.1/24', { netns })
      const twice = await failure(() => nl.addAddress('eth0', '192.0.2.1/24', { netns }))
      expect(twice).toBeInstanceOf(nl.NetlinkError)
      expect(twice).toMatchObject({ code: 'EEXIST', operation: 'RTM_NEWADDR' })
      expect(twice.message).toContain("address 192.0.2.1/24 on interface 'eth0': EEXIST")
      expect(twice.message).toContain('replaceAddress() changes it')

      const other = await failure(() => nl.deleteAddress('eth0', '192.0.2.1/25', { netns }))
      expect(other).toMatchObject({ code: 'EADDRNOTAVAIL', operation: 'RTM_DELADDR' })
      expect(other.message).toContain('prefix length')
      const v6 = await failure(() => nl.deleteAddress('eth0', '2001:db8::1/64', { netns }))
      expect(v6).toMatchObject({ code: 'EADDRNOTAVAIL', operation: 'RTM_DELADDR' })

      await nl.setLink('eth1', { mtu: 1279, netns })
      expect(ipJson('-6 address show dev eth1', netns).flatMap((it) => it['addr_info'] ?? [])).toEqual([])
      expect(await failure(() => nl.addAddress('eth1', '2001:db8::1/64', { netns }))).toMatchObject({
        code: 'EINVAL',
        advice: 'perhaps the MTU of the interface is below 1280, with which it has no IPv6',
      })
      await nl.setLink('eth1', { mtu: 1280, netns })
      await nl.addAddress('eth1', '2001:db8::1/64', { netns })

      const name = await failure(() => nl.addAddress('nope', '192.0.2.1/24', { netns }))
      expect(name).toMatchObject({ code: 'ENODEV' })
      expect(name.message).toContain("dev 'nope': ENODEV")
      expect(name.message).toContain(`in namespace '${netns}'`)
      for (const work of [
        () => nl.addAddress(99, '192.0.2.1/24', { netns }),
        () => nl.addAddress(99, '2001:db8::1/64', { netns }),
        () => nl.deleteAddress(99, '192.0.2.1/24', { netns }),
        () => nl.listAddresses({ dev: 99, netns }),
        () => nl.flushAddresses({ dev: 'nope', netns }),
      ]) {
        expect(await failure(work)).toMatchObject({ code: 'ENODEV' })
      }
      expect((await failure(() => nl.listAddresses({ dev: 99, netns }))).message).toContain('interface 99')

      const group = await failure(() => nl.addAddress('eth0', '10.0.0.1/24', { flags: ['autojoin'], netns }))
      expect(group).toMatchObject({ code: 'EINVAL' })
      // The kernel says why since Linux 6.6.
      expect(group.extack.message !== null).toBe(since(6, 6))
      expect(printed(netns)).toMatchObject([{ local: '192.0.2.1' }])
    })
  })

  it('works as methods of a namespace', async () => {
    await withVeth(async (name) => {
      const netns = await nl.openNetns(name)
      try {
        await netns.addAddress('eth0', '192.0.2.1/24')
        await netns.replaceAddress('eth0', '10.0.0.2/24')
        await netns.deleteAddress('eth0', '192.0.2.1/24')
        expect(await netns.listAddresses({ dev: 'eth0', family: 'ipv4' })).toMatchObject([
          { address: '10.0.0.2/24', dev: 'eth0' },
        ])
        expect(await netns.flushAddresses({ dev: 'eth0', family: 'ipv4' })).toBe(1)
        expect(printed(name)).toEqual([])
      } finally {
        netns.close()
      }
    })
  })
})
