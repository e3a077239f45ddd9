import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Netconf } from '../../src/index.js'
import { expectReadBack, type Oracle, unlessNull } from './read-back.js'
import { FACES, ipJson, type Printed, withVeth } from './support.js'

const NETCONF: Oracle<Netconf> = {
  keys: {
    family: ({ family }) => ({ ipv4: 'inet', ipv6: 'inet6', mpls: 'mpls' })[family],
    interface: ({ dev }) => dev,
    forwarding: ({ forwarding }) => unlessNull(forwarding),
    rp_filter: ({ rpFilter }) => unlessNull(rpFilter),
    mc_forwarding: ({ mcForwarding }) => unlessNull(mcForwarding),
    proxy_neigh: ({ proxyNeigh }) => unlessNull(proxyNeigh),
    ignore_routes_with_linkdown: ({ ignoreRoutesWithLinkdown }) => unlessNull(ignoreRoutesWithLinkdown),
    input: 'of MPLS, which ip prints beside the family that it was asked for',
  },
  order: ['family', 'interface'],
  notPrinted: {
    ifindex: 'ip prints the name',
    input: 'of MPLS',
    ...{ bcForwarding: 'ip has no key for it', forceForwarding: 'ip has no key for it' },
  },
}

/** What ip tells, without the families that it prints beside. */
function printed(netns: string): Printed[] {
  return ['-4', '-6'].flatMap((family) => ipJson(`${family} netconf show`, netns))
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
      expectReadBack(
        NETCONF,
        ours.filter(({ family }) => family !== 'mpls'),
        printed(netns),
      )
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
