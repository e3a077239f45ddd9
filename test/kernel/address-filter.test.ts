/** Addresses that are listed and flushed by what they have. */

import { describe, expect, it } from 'vitest'
import type { Address, ListAddressesOptions } from '../../src/index.js'
import { printed } from './address-oracle.js'
import { ipBatch } from './ip-batch.js'
import { since } from './needs.js'
import { FACES, ip, ipJson, type Printed, sysctl, withVeth } from './support.js'

type AddressFilter = Omit<ListAddressesOptions, 'netns' | 'signal'>

/** What is filtered below: two interfaces with addresses, one that is down, ports and nobody's port. */
const FILTERED = [
  ...['link add v-net-0 type bridge', 'link set eth1 master v-net-0'],
  ...['link add down0 group 7 type veth peer name down1', 'address add 2001:db8:9::1/64 dev down0'],
  'address add 192.0.2.1/24 dev eth0',
  'address add 192.0.2.2/24 dev eth0 label eth0:two',
  'address add 192.0.2.130/25 dev eth1 label eth1.3 scope link',
  'address add 10.0.0.1 peer 10.0.0.2/30 dev eth0',
  'address add 10.0.1.1/24 dev v-net-0 valid_lft 4000 preferred_lft 3000',
  'address add 2001:db8::1/64 dev eth0 nodad valid_lft 4000 preferred_lft 3000',
  'address add 2001:db8::2/64 dev eth0 preferred_lft 0',
  'address add 2001:db8:1::1/64 dev eth1 home mngtmpaddr noprefixroute',
]

/** Filters, each with the selector of ip that means the same. */
const SELECTORS: readonly [AddressFilter, string][] = [
  [{ within: '192.0.2.0/24' }, 'to 192.0.2.0/24'],
  [{ within: '192.0.2.77/25' }, 'to 192.0.2.77/25'],
  [{ within: '192.0.2.129/31', scope: 253 }, 'to 192.0.2.129/31 scope link'],
  [{ within: '192.0.2.130/31' }, 'to 192.0.2.130/31'],
  [{ within: '10.0.0.1' }, 'to 10.0.0.1'],
  // That of the other end does not count.
  [{ within: '10.0.0.2' }, 'to 10.0.0.2'],
  [{ within: '0.0.0.0/0' }, 'to 0.0.0.0/0'],
  [{ within: '2001:db8::/63' }, 'to 2001:db8::/63'],
  [{ within: '2001:db8::/33', family: 'ipv6', dev: 'eth0' }, 'to 2001:db8::/33 dev eth0'],
  [{ label: 'eth0' }, 'label eth0'],
  [{ label: 'eth0:*' }, 'label eth0:*'],
  [{ label: 'eth?*' }, 'label eth?*'],
  [{ label: 'eth1?3' }, 'label eth1?3'],
  [{ label: 'eth1.3', family: 'ipv4' }, 'label eth1.3'],
  [{ flags: ['permanent'] }, 'permanent'],
  [{ withoutFlags: ['permanent'] }, 'dynamic'],
  [{ flags: ['secondary'] }, 'secondary'],
  [{ withoutFlags: ['secondary'] }, 'primary'],
  [{ flags: ['deprecated'] }, 'deprecated'],
  [{ withoutFlags: ['deprecated'] }, '-deprecated'],
  [{ flags: ['tentative'] }, 'tentative'],
  [{ withoutFlags: ['tentative', 'nodad'] }, '-tentative -nodad'],
  [{ flags: ['dadfailed'] }, 'dadfailed'],
  [{ flags: ['home', 'mngtmpaddr', 'noprefixroute'] }, 'home mngtmpaddr noprefixroute'],
  [{ flags: [0x10] }, 'home'],
  [
    { flags: ['permanent'], withoutFlags: ['deprecated'], scope: 'global' },
    'permanent -deprecated scope global',
  ],
  [{ up: true }, 'up'],
  [{ kind: 'bridge' }, 'type bridge'],
  [{ kind: 'veth' }, 'type veth'],
  [{ master: 'v-net-0' }, 'master v-net-0'],
  // For ip the kernel filters, of which 5.10 does not know it.
  ...(since(6, 1)
    ? [[{ master: null, within: '2001:db8::/32' }, 'nomaster to 2001:db8::/32'] as [AddressFilter, string]]
    : []),
]

/** Link-local addresses come when the carrier does. */
const NO_LINK_LOCAL = [
  ...['link set eth0 addrgenmode none', 'link set eth1 addrgenmode none', 'address flush scope link'],
]
const FLUSHED = ['to 192.0.2.0/24', 'label eth0:*', 'dynamic', 'deprecated', 'home mngtmpaddr noprefixroute']

/** What ip shows of those, in the order of the text. */
function selected(netns: string, filter: AddressFilter, selector: string): string[] {
  const family = filter.family === undefined ? '' : `${filter.family === 'ipv4' ? '-4' : '-6'} `
  const lines = ip(`-o ${family}address show ${selector}`.trim(), netns).split('\n')
  const names = lines.map((line) => /^\d+: (\S+)\s+inet6? ([^ /]+)/.exec(line))
  return names.flatMap((found) => (found === null ? [] : [`${found[1]} ${found[2]}`])).sort()
}

describe.each(FACES)('addresses, $face', ({ nl }) => {
  it('filters by interface, family, scope and state of the interface', async () => {
    await withVeth(async (netns) => {
      ip('address add 192.0.2.1/24 dev eth0', netns)
      ip('address add 192.0.2.2/24 dev eth1 scope link', netns)
      ip('address add 2001:db8::1/64 dev eth1', netns)
      ip('link add down0 type veth peer name down1', netns)
      ip('address add 192.0.2.3/24 dev down0', netns)
      const list = async (options: Omit<ListAddressesOptions, 'signal'>) =>
        (await nl.listAddresses({ ...options, netns })).map(({ address }) => address)
      const linkLocal = ipJson('-6 address show scope link', netns).flatMap(({ addr_info }) =>
        // ip prints an empty object for each address that it filtered out.
        (addr_info as Printed[]).filter((it) => it['local']).map((it) => `${it['local']}/64`),
      )
      expect(linkLocal).toHaveLength(2)
      expect(await list({ dev: 'eth0', family: 'ipv4' })).toEqual(['192.0.2.1/24'])
      expect(await list({ dev: 11, scope: 'global' })).toEqual(['2001:db8::1/64'])
      expect((await list({ scope: 253 })).sort()).toEqual(['192.0.2.2/24', ...linkLocal].sort())
      expect(await list({ family: 'ipv6', scope: 'host' })).toEqual(['::1/128'])
      expect(await list({ up: false })).toEqual(['192.0.2.3/24'])
      expect(await list({ up: true, family: 'ipv4' })).toEqual([
        '127.0.0.1/8',
        '192.0.2.1/24',
        '192.0.2.2/24',
      ])
      expect(await list({ dev: 'down1' })).toEqual([])
      expect(await list({})).toHaveLength(8)
    })
  })

  it('filters as ip does', async () => {
    await withVeth(async (netns) => {
      sysctl(netns, 'net.ipv6.conf.default.accept_dad=1')
      ipBatch(FILTERED, netns)
      const every = new Set<string>()
      for (const [filter, selector] of SELECTORS) {
        const listed = await nl.listAddresses({ ...filter, netns })
        const told = listed.map(({ dev, address }) => `${dev} ${address.split('/')[0]}`).sort()
        expect(told, selector).toEqual(selected(netns, filter, selector))
        every.add(told.join())
      }
      // Of this ip has no filter that works (6.1).
      const ports = await nl.listAddresses({ portKind: 'bridge', netns })
      expect(ports).toEqual(await nl.listAddresses({ master: 'v-net-0', netns }))
      expect(ports).not.toEqual([])
      // At this ip looks where it prints the interface, too, which a line for each address lacks.
      const grouped = ipJson('address show group 7', netns).filter(({ ifname }) => ifname !== undefined)
      expect((await nl.listAddresses({ group: 7, netns })).map(({ dev, address }) => [dev, address])).toEqual(
        grouped.map(({ ifname, addr_info: [{ local, prefixlen }] }) => [ifname, `${local}/${prefixlen}`]),
      )
      expect(await nl.listAddresses({ group: 8, netns })).toEqual([])
      // A filter that lets everything through would tell nothing.
      expect(every.size).toBeGreaterThan(20)
      if (!since(5, 18)) return // without protocols of addresses
      expect((await nl.listAddresses({ protocol: 'kernel_ll', netns })).map(({ dev }) => dev).sort()).toEqual(
        ['eth0', 'eth1'],
      )
      expect(await nl.listAddresses({ protocol: 0, family: 'ipv6', scope: 'link', netns })).toEqual([])
    })
  })

  it.each(SELECTORS.filter(([, selector]) => FLUSHED.includes(selector)))(
    'flushes those with %j as ip does',
    (filter, selector) =>
      withVeth((theirs) =>
        withVeth(async (ours) => {
          for (const netns of [theirs, ours]) ipBatch([...NO_LINK_LOCAL, ...FILTERED], netns)
          const left = (netns: string) => selected(netns, {}, '')
          const before = left(ours)
          ip(`address flush ${selector}`, theirs)
          const count = await nl.flushAddresses({ ...filter, netns: ours })
          expect(left(ours)).toEqual(left(theirs))
          expect(count).toBe(before.length - left(ours).length)
          expect(count).toBeGreaterThan(0)
        }),
      ),
  )

  // ip would delete all addresses: it does not look at the interface in a flush.
  it.each([{ kind: 'bridge' }, { master: 'v-net-0' }, { group: 7 }])(
    'flushes those of interfaces with %j',
    (filter) =>
      withVeth(async (netns) => {
        ipBatch([...NO_LINK_LOCAL, ...FILTERED], netns)
        const all = await nl.listAddresses({ netns })
        const doomed = await nl.listAddresses({ ...filter, netns })
        expect(await nl.flushAddresses({ ...filter, netns })).toBe(doomed.length)
        const texts = (list: readonly Address[]) => list.map(({ address }) => address)
        const expected = texts(all).filter((address) => !texts(doomed).includes(address))
        expect(texts(await nl.listAddresses({ netns }))).toEqual(expected)
        expect(doomed.length).toBeGreaterThan(0)
      }),
  )

  it('flushes what the options apply to and counts it', async () => {
    await withVeth(async (netns) => {
      for (let i = 1; i <= 150; i++) await nl.addAddress('eth0', `10.0.0.${i}/24`, { netns })
      ip('address add 192.0.2.1/24 dev eth1', netns)
      ip('address add 2001:db8::1/64 dev eth0', netns)
      expect(await nl.flushAddresses({ dev: 'eth0', family: 'ipv4', netns })).toBe(150)
      expect(printed(netns)).toMatchObject([{ local: '2001:db8::1' }])
      expect(printed(netns, 'eth1')).toMatchObject([{ local: '192.0.2.1' }])
      expect(await nl.flushAddresses({ dev: 'eth0', family: 'ipv4', netns })).toBe(0)
      expect(await nl.flushAddresses({ scope: 'global', netns })).toBe(2)
      expect(printed(netns)).toEqual([])
      expect(await nl.flushAddresses({ dev: 'lo', netns })).toBe(2)
    })
  })

  it('flushes secondary addresses that the kernel promotes', async () => {
    await withVeth(async (netns) => {
      sysctl(netns, 'net.ipv4.conf.eth0.promote_secondaries=1')
      for (const last of [1, 2, 3]) ip(`address add 10.0.0.${last}/24 dev eth0`, netns)
      expect(printed(netns).filter(({ secondary }) => secondary)).toHaveLength(2)
      expect(await nl.flushAddresses({ dev: 'eth0', scope: 'global', netns })).toBe(3)
      expect(printed(netns)).toEqual([])
    })
  })

  it('flushes temporary addresses before the one that they come from', async () => {
    await withVeth(async (netns) => {
      sysctl(netns, 'net.ipv6.conf.eth0.use_tempaddr=2')
      await nl.addAddress('eth0', '2001:db8::1/64', { flags: ['mngtmpaddr'], validLifetime: 9000, netns })
      const listed = await nl.listAddresses({ dev: 'eth0', scope: 'global', netns })
      expect(listed.filter(({ flags }) => flags.includes('temporary'))).toHaveLength(1)
      expect(listed.some(({ flags }) => flags.includes('secondary'))).toBe(false)
      expect(printed(netns).filter(({ temporary }) => temporary)).toHaveLength(1)
      expect(await nl.flushAddresses({ dev: 'eth0', scope: 'global', netns })).toBe(2)
    })
  })
})
