import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Netconf } from '../../src/index.js'
import { FACES, ipJson, type Printed, withVeth } from './support.js'

/** Settings of ours as `ip netconf` prints them. */
function asPrinted({ family, dev, ...netconf }: Netconf): Printed {
  const told: Printed = {
    family: family === 'ipv4' ? 'inet' : family === 'ipv6' ? 'inet6' : 'mpls',
    interface: dev,
    forwarding: netconf.forwarding,
    rp_filter: netconf.rpFilter,
    mc_forwarding: netconf.mcForwarding,
    proxy_neigh: netconf.proxyNeigh,
    ignore_routes_with_linkdown: netconf.ignoreRoutesWithLinkdown,
  }
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null))
}

const keyOf = (one: Printed) => `${one['family']} ${one['interface']}`
const byKey = (a: Printed, b: Printed) => keyOf(a).localeCompare(keyOf(b))

/** What ip tells, without the families that it prints beside. */
function printed(netns: string): Printed[] {
  return ['-4', '-6']
    .flatMap((family) => ipJson(`${family} netconf show`, netns))
    .map(({ input, ...rest }) => rest)
    .sort(byKey)
}

describe.each(FACES)('settings of interfaces, $face', ({ nl }) => {
  it('are what ip shows', async () => {
    await withVeth(async (netns) => {
      await nl.setSysctl('net.ipv4.conf.eth0.rp_filter', 2, { netns })
      await nl.setSysctl('net.ipv4.conf.all.rp_filter', 1, { netns })
      await nl.setSysctl('net.ipv4.conf.eth1.forwarding', 1, { netns })
      await nl.setSysctl('net.ipv6.conf.eth1.proxy_ndp', 1, { netns })
      await nl.setSysctl('net.ipv6.conf.all.ignore_routes_with_linkdown', 1, { netns })
      const ours = await nl.listNetconf({ netns })
      expect(
        ours
          .filter(({ family }) => family !== 'mpls')
          .map(asPrinted)
          .sort(byKey),
      ).toEqual(printed(netns))
      expect(ours.map(({ family, dev }) => `${family} ${dev}`)).toEqual(
        expect.arrayContaining(['ipv4 all', 'ipv4 default', 'ipv4 eth0', 'ipv6 lo', 'ipv6 eth1']),
      )
    })
  })

  it('are filtered by family and interface, or those in general', async () => {
    await withVeth(async (netns) => {
      await nl.setSysctl('net.ipv4.conf.eth0.bc_forwarding', 1, { netns })
      const names = async (options: object) =>
        (await nl.listNetconf({ ...options, netns })).map(({ family, dev }) => `${family} ${dev}`)
      // Another test may have loaded the kernel's MPLS.
      const mpls = existsSync('/proc/sys/net/mpls') ? ['mpls eth0'] : []
      expect(await names({ dev: 'eth0' })).toEqual(['ipv4 eth0', 'ipv6 eth0', ...mpls])
      expect(await names({ dev: 11, family: 'ipv6' })).toEqual(['ipv6 eth1'])
      expect(await names({ dev: 'default', family: 'ipv4' })).toEqual(['ipv4 default'])
      const [all] = await nl.listNetconf({ dev: 'all', family: 'ipv4', netns })
      expect(all).toMatchObject({ family: 'ipv4', dev: 'all', ifindex: null, forwarding: false, input: null })
      const [eth0] = await nl.listNetconf({ dev: 'eth0', family: 'ipv4', netns })
      expect(eth0).toMatchObject({ dev: 'eth0', ifindex: 10, bcForwarding: true, forceForwarding: null })
      // With the kernel's MPLS or without it: of no other family.
      expect(
        (await nl.listNetconf({ family: 'mpls', netns })).filter(({ family }) => family !== 'mpls'),
      ).toEqual([])
      await expect(async () => nl.listNetconf({ dev: 'eth7', netns })).rejects.toMatchObject({
        code: 'ENODEV',
      })
      await expect(async () => nl.listNetconf({ family: 'inet' as never })).rejects.toThrow(/family: 'inet'/)
      await expect(async () => nl.listNetconf({ name: 'all' } as never)).rejects.toThrow(
        /unknown option 'name'/,
      )
    })
  })
})
