/** Kinds of links that stand on simulated hardware: ports of cards, channels of modems, and Wi-Fi that another interface carries. */

import { describe, expect, it, type TestContext } from 'vitest'
import { noteFeature } from './feature.js'
import { withPair } from './kind-cases.js'
import { expectAllLikeIp, namesIn, printedLink } from './link-oracle.js'
import { expectRefused, noKind } from './needs.js'
import { spawnSync } from './programs.js'
import { skipWithoutCards, someModem, withCard } from './simulated.js'
import { FACES, hasKind, ip } from './support.js'

const noteKind = (context: TestContext, name: string) =>
  noteFeature(context, { group: 'kind', name, lacks: !hasKind(name) })

describe.each(FACES)('a link of kind ($face)', ({ nl }) => {
  const readAll = (netns: string) =>
    expectAllLikeIp(async () => nl.listLinks({ include: ['afSpec'], netns }), netns)

  it('netdevsim is made by its bus alone, and told as none', (context) => {
    skipWithoutCards(context)
    return withCard(2, async ({ netns, id }) => {
      const ports = async () => (await readAll(netns)).filter(({ name }) => name !== 'lo')
      const card = { kind: null, parentDevBusName: 'netdevsim', parentDevName: `netdevsim${id}` }
      expect(await ports()).toMatchObject(['eth0', 'eth1'].map((name) => ({ name, ...card })))
      await nl.setLink('eth1', { name: 'card1', mtu: 1400, mac: '02:00:00:00:00:0c', netns })
      const changed = { name: 'card1', mtu: 1400, mac: '02:00:00:00:00:0c' }
      expect(await ports()).toMatchObject([{ name: 'eth0' }, { ...card, ...changed }])
      // What the kernel says, where the library does not ask it.
      const byIp = spawnSync('ip', ['-n', netns, 'link', 'add', 'type', 'netdevsim'])
      expect(byIp.stderr).toContain('Please use: echo')
      await expect(async () =>
        nl.createLink({ name: 'our0', kind: 'netdevsim', netns } as never),
      ).rejects.toThrow('kind: simulated cards are made by their bus')
    })
  })

  it('wwan stands on a modem', (context) =>
    withPair(async (netns) => {
      noteKind(context, 'wwan')
      const create = (name: string, parentDev: string, linkId: number) =>
        nl.createLink({ name, kind: 'wwan', parentDev, linkId, netns })
      if (!hasKind('wwan')) return expectRefused(() => create('our0', 'wwan0', 7), noKind('wwan'))
      const modem = someModem()
      if (modem === undefined) return context.skip('cannot be installed: this kernel simulates no modem')
      ip(`link add name ip0 parentdev ${modem} type wwan linkid 6`, netns)
      expect(await create('our0', modem, 7)).toMatchObject({
        kind: 'wwan',
        data: { linkId: 7 },
        parentDevName: modem,
      })
      const links = await readAll(netns)
      expect(links.find(({ name }) => name === 'ip0')).toMatchObject({
        data: { linkId: 6 },
        parentDevName: modem,
      })
      await nl.setLink('our0', { mtu: 1400, netns })
      await nl.deleteLink('ip0', { netns })
      expect(namesIn(netns)).toEqual(['eth0', 'eth1', 'our0'])
      await expect(async () => create('our1', 'wwan4242', 8)).rejects.toMatchObject({ code: 'ENODEV' })
    }))

  it('virt_wifi takes all of an interface', (context) =>
    withPair(async (netns) => {
      noteKind(context, 'virt_wifi')
      const create = (name: string, link: string) => nl.createLink({ name, kind: 'virt_wifi', link, netns })
      if (!hasKind('virt_wifi')) return expectRefused(() => create('our0', 'eth0'), noKind('virt_wifi'))
      ip('link add link eth1 name ip0 type virt_wifi', netns)
      expect(await create('our0', 'eth0')).toMatchObject({ kind: 'virt_wifi', link: 210 })
      await readAll(netns)
      await nl.setLink('our0', { mtu: 1400, netns })
      expect(printedLink('our0', netns)['mtu']).toBe(1400)
      await expect(async () => create('our1', 'eth0')).rejects.toMatchObject({ code: 'EBUSY' })
      await nl.deleteLink('our0', { netns })
      await nl.deleteLink('ip0', { netns })
      expect(namesIn(netns)).toEqual(['eth0', 'eth1'])
    }))
})
