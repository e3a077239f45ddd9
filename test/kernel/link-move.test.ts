import { describe, expect, it } from 'vitest'
import type * as promises from '../../src/index.js'
import { moveLink } from '../../src/rtnetlink/link/move.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { namesIn, printedLink, settledLinks } from './link-oracle.js'
import { expectRefused, since } from './needs.js'
import { NETNS_WAYS } from './netns-ways.js'
import { FACES, ip, ipJson, withNetns, withVeth } from './support.js'
import { failure } from './thrown.js'
import { watched } from './watched.js'

// `await` suits both faces, so that one of their types stands for either.
describe.each(FACES as readonly { face: string; nl: typeof promises }[])('$face', ({ nl }) => {
  describe('moveLink', () => {
    it.each(Object.keys(NETNS_WAYS))('moves an interface to a namespace by %s', (by) =>
      withVeth((netns) =>
        withNetns(async (target) => {
          const link = await nl.moveLink('eth0', await NETNS_WAYS[by]!(target, nl), { name: 'lan0', netns })
          expect(link).toMatchObject({ name: 'lan0', up: false, link: 11 })
          expect(printedLink('lan0', target)['ifindex']).toBe(link.ifindex)
          expect(namesIn(netns)).toEqual(['eth1'])
        }),
      ),
    )

    it('keeps name and ifindex where they are free, or takes those that are asked for', () =>
      withVeth((netns) =>
        withNetns(async (target) => {
          expect(await nl.moveLink('eth0', target, { netns })).toMatchObject({ name: 'eth0', ifindex: 10 })
          const back = async () => nl.moveLink(10, netns, { name: 'x', ifindex: 99, netns: target })
          if (since(5, 13)) expect(await back()).toMatchObject({ name: 'x', ifindex: 99 })
          else await expectRefused(back, { code: 'EOPNOTSUPP', advice: 'Linux is older than 5.13' })
          expect(namesIn(target)).toEqual([])
        }),
      ))

    it('says where another ifindex than was asked for has come of it', () =>
      withVeth(async (netns) => {
        const failed = await failure(() => nl.moveLink('eth0', netns, { ifindex: 99, netns }))
        expect(failed).toMatchObject({ code: 'EOPNOTSUPP', operation: 'RTM_NEWLINK' })
        expect(failed.advice).toContain('kept the ifindex 10: it was in that namespace already')
        expect(printedLink('eth0', netns)['ifindex']).toBe(10)
        expect(await nl.moveLink('eth0', netns, { ifindex: 10, netns })).toMatchObject({ ifindex: 10 })
      }))

    it('is refused, and nothing moves, where another name than its own is taken', () =>
      withVeth((netns) =>
        withNetns(async (target) => {
          ip('link add br0 type bridge', target)
          ip('link property add dev br0 altname br1', target)
          ip('address add 192.0.2.1/24 dev eth0', netns)
          const before = [settledLinks(netns), ipJson('address', netns)]
          for (const name of ['br0', 'br1'])
            expect(await failure(() => nl.moveLink('eth0', target, { name, netns }))).toMatchObject({
              code: 'EEXIST',
              advice: expect.stringMatching(`^the name '${name}' is taken`),
            })
          expect([settledLinks(netns), ipJson('address', netns)]).toEqual(before)
          expect(namesIn(target)).toEqual(['br0'])
        }),
      ))

    it('is refused where the name or the ifindex is taken, and for what cannot move', () =>
      withVeth((netns) =>
        withVeth(async (target) => {
          const before = settledLinks(netns)
          ip('link add br0 type bridge', target)
          const taken = await failure(() => nl.moveLink('eth0', target, { netns }))
          expect(taken).toMatchObject({
            code: since(6, 1) ? 'EEXIST' : expect.stringMatching(/^(EEXIST|EINVAL)$/),
            advice: expect.stringContaining("'eth0' is taken"),
          })
          if (since(5, 13)) {
            const index = await failure(() => nl.moveLink('eth0', target, { name: 'x', ifindex: 11, netns }))
            expect(index.code).toBe('EBUSY')
          }
          expect(settledLinks(netns)).toEqual(before)
          expect((await failure(() => nl.moveLink('lo', target, { netns }))).code).toBe('EINVAL')
          expect((await failure(() => nl.moveLink('eth9', target, { netns }))).code).toBe('ENODEV')
        }),
      ))
  })

  describe('moveLinkGroup', () => {
    it.each(Object.keys(NETNS_WAYS))('moves all of a group to a namespace by %s, and nothing else', (by) =>
      withVeth((netns) =>
        withNetns(async (target) => {
          for (const name of ['eth0', 'eth1']) ip(`link set ${name} group 42`, netns)
          ip('link add br0 type bridge', netns)
          await nl.moveLinkGroup(42, await NETNS_WAYS[by]!(target, nl), { netns })
          expect(namesIn(netns)).toEqual(['br0'])
          expect(namesIn(target)).toEqual(['eth0', 'eth1'])
          expect(printedLink('eth0', target)).toMatchObject({ group: '42', operstate: 'DOWN' })
          await nl.moveLinkGroup(42, target, { netns })
        }),
      ),
    )

    it('is refused where a name is taken, and for what cannot move', () =>
      withVeth((netns) =>
        withVeth(async (target) => {
          ip('link set eth0 group 42', netns)
          expect(await failure(() => nl.moveLinkGroup(42, target, { netns }))).toMatchObject({
            code: 'EEXIST',
            subject: 'group 42',
            advice: expect.stringMatching(/^a name is taken in the target namespace/),
          })
          ip('link add br0 group 43 type bridge', netns)
          expect(await failure(() => nl.moveLinkGroup(43, target, { netns }))).toMatchObject({
            code: 'EINVAL',
            advice: expect.stringMatching(/^one of them cannot leave its namespace/),
          })
          expect(namesIn(netns)).toEqual(['br0', 'eth0', 'eth1'])
        }),
      ))
  })

  describe('deleteLink', () => {
    it('takes the peer along', () =>
      withVeth(async (netns) => {
        await nl.deleteLink('eth0', { netns })
        expect(namesIn(netns)).toEqual([])
        expect(await failure(() => nl.deleteLink('eth0', { netns }))).toMatchObject({ code: 'ENODEV' })
        expect(await failure(() => nl.deleteLink(10, { netns }))).toMatchObject({
          code: 'ENODEV',
          subject: 'interface 10',
        })
        expect(await failure(() => nl.deleteLink('lo', { netns }))).toMatchObject({ code: 'EOPNOTSUPP' })
      }))

    it('takes the peer along also where it lives elsewhere', () =>
      withNetns((netns) =>
        withNetns(async (other) => {
          ip(`link add near0 type veth peer name far0 netns ${other}`, netns)
          await nl.deleteLink('far0', { netns: other })
          expect([namesIn(netns), namesIn(other)]).toEqual([[], []])
        }),
      ))

    it('deletes a group', () =>
      withVeth(async (netns) => {
        ip('link add ifb0 group 42 type ifb', netns)
        ip('link add ifb1 group 42 type ifb', netns)
        await nl.deleteLinkGroup(42, { netns })
        expect(namesIn(netns)).toEqual(['eth0', 'eth1'])
        expect(await failure(() => nl.deleteLinkGroup(42, { netns }))).toMatchObject({
          code: 'ENODEV',
          subject: 'group 42',
        })
      }))
  })
})

it('a move says where the interface is when its name was taken at the same moment', () =>
  withVeth((netns) =>
    withNetns(async (target) => {
      const doing = watched(moveLink('eth0', target, { name: 'br0', netns }), (effect) => {
        if (effect.kind === 'exchange' && effect.requests[0]!.message.name === 'RTM_NEWLINK')
          ip('link add br0 type bridge', target)
        return undefined
      })
      expect(await failure(() => runSync(doing))).toMatchObject({
        code: 'EEXIST',
        advice: expect.stringMatching(/^it has moved, and is 'eth0' there: the name 'br0' is taken/),
      })
      expect([namesIn(netns), namesIn(target).sort()]).toEqual([['eth1'], ['br0', 'eth0']])
    }),
  ))
