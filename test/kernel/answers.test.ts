/** The twins of test/fake on the real kernel: answers lost and cut, dumps that change, aborts. */

import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import * as nl from '../../src/index.js'
import { bent, closeOf } from './bent.js'
import { ipBatch } from './ip-batch.js'
import { FACES, ip, ipJson, withVeth } from './support.js'
import { thrown } from './thrown.js'

const host = (i: number) => `20.0.${i >> 8}.${i & 255}`

describe.each(FACES)('answers ($face)', ({ nl: face }) => {
  it('that do not fit into the receive buffer: an error, and the next call is answered', () =>
    withVeth(async (netns) => {
      const handle = bent(netns, { receiveBuffer: 1 })
      const record = (b: { addAddress(dev: string, to: string): void }) => {
        for (let i = 0; i < 64; i++) b.addAddress('eth0', '10.0.0.1/32')
      }
      const results = await face.batch(record, { netns: handle })
      // All but the first are refused (EEXIST), each with a message; the buffer holds few of them.
      expect(
        results.some((it) => it.status === 'rejected' && 'code' in it.reason && it.reason.code === 'ENOBUFS'),
      ).toBe(true)
      expect(ipJson('-4 address show dev eth0', netns)[0]?.['addr_info']).toHaveLength(1)
      expect((await face.getLink('eth0', { netns: handle })).ifindex).toBe(10)
      expect((await face.listLinks({ netns: handle })).map(({ name }) => name)).toEqual([
        'lo',
        'eth0',
        'eth1',
      ])
      closeOf(handle)
    }))

  it('that are longer than what is received: an error, never a short list, and the next call is answered', () =>
    withVeth(async (netns) => {
      ipBatch(
        Array.from({ length: 300 }, (_, i) => `address add ${host(i)}/32 dev eth0`),
        netns,
      )
      let window = 64
      const handle = bent(netns, { window: () => window })
      const list = async () => await face.listAddresses({ family: 'ipv4', netns: handle })
      expect(await thrown(list)).toMatchObject({ name: 'SystemError', code: 'EMSGSIZE' })
      expect(await thrown(list)).toMatchObject({ code: 'EMSGSIZE' })
      window = 1 << 20
      expect(await list()).toHaveLength(301)
      closeOf(handle)
    }))

  it('of a table that changes while it is read: it is read again', () =>
    withVeth(async (netns) => {
      ipBatch(
        Array.from({ length: 300 }, (_, i) => `address add ${host(i)}/32 dev eth0`),
        netns,
      )
      let changes = 1
      const received = () => {
        if (changes-- > 0) ip('address add 21.0.0.1/32 dev eth1', netns)
      }
      // Parts of 4 KiB: the kernel has the next one ready when the first is taken, and not yet the others.
      const handle = bent(netns, { window: () => 4096, received })
      const listed = await face.listAddresses({ family: 'ipv4', netns: handle })
      expect(listed).toHaveLength(302)
      expect(listed.map(({ address }) => address)).toContain('21.0.0.1/32')
      closeOf(handle)
    }))

  it('of a table that changes each time: an error', () =>
    withVeth(async (netns) => {
      ipBatch(
        Array.from({ length: 300 }, (_, i) => `address add ${host(i)}/32 dev eth0`),
        netns,
      )
      let changes = 0
      const received = () => ip(`address ${changes++ % 2 ? 'delete' : 'add'} 21.0.0.1/32 dev eth1`, netns)
      const handle = bent(netns, { window: () => 4096, received })
      const call = async () => await face.listAddresses({ family: 'ipv4', netns: handle })
      const error = (await thrown(call)) as nl.DumpInterruptedError
      expect(error).toBeInstanceOf(face.DumpInterruptedError)
      const known = new Set((error.values as nl.Address[]).map(({ address }) => address))
      const kept = ipJson('-4 address show dev eth0', netns)[0]?.['addr_info'] as { local: string }[]
      expect(kept).toHaveLength(300)
      expect(kept.filter(({ local }) => !known.has(`${local}/32`))).toEqual([])
      closeOf(handle)
    }))

  it('to a batch: each call gets its own', () =>
    withVeth(async (netns) => {
      ip('address add 10.0.0.70/32 dev eth0', netns)
      ip('address add 10.0.0.149/32 dev eth0', netns)
      const record = (b: { addAddress(dev: string, to: string): void }) => {
        for (let i = 0; i < 150; i++) b.addAddress('eth0', `10.0.0.${i}/32`)
      }
      const results = await face.batch(record, { netns })
      expect(results.flatMap(({ status }, i) => (status === 'fulfilled' ? [] : [i]))).toEqual([70, 149])
      expect(results[70]).toMatchObject({ reason: { code: 'EEXIST' } })
      expect(ipJson('-4 address show dev eth0', netns)[0]?.['addr_info']).toHaveLength(150)
      const again = await face.batch(record, { netns })
      expect(again.every(({ status }) => status === 'rejected')).toBe(true)
    }))
})

describe('promises', () => {
  it('a long dump and requests that overtake it share one socket', () =>
    withVeth(async (netns) => {
      const count = 10_000
      ipBatch(
        Array.from({ length: count }, (_, i) => `route add ${host(i)}/32 dev eth0`),
        netns,
      )
      await using handle = await nl.openNetns(netns)
      const list = () => handle.listRoutes({ dev: 'eth0', table: 254, family: 'ipv4' })
      const links = Array.from({ length: 200 }, (_, i) => handle.getLink(i % 2 ? 'eth0' : 'eth1'))
      const [first, , second, ...found] = await Promise.all([
        list(),
        handle.addAddress('eth0', '10.0.0.1/32'),
        list(),
        ...links,
      ])
      expect([first.length, second.length]).toEqual([count, count])
      expect(found.map(({ name }) => name)).toEqual(links.map((_, i) => (i % 2 ? 'eth0' : 'eth1')))
    }))

  it('an abort settles a request at once; the late answer is drained and the socket goes on', () =>
    withVeth(async (netns) => {
      ipBatch(
        Array.from({ length: 10_000 }, (_, i) => `route add ${host(i)}/32 dev eth0`),
        netns,
      )
      await using handle = await nl.openNetns(netns)
      const reason = new Error('enough')
      for (let round = 0; round < 20; round++) {
        const controller = new AbortController()
        const { signal } = controller
        const calls = [handle.listRoutes({ signal }), handle.getLink('eth0', { signal })]
        // Not sent, under way, half received: whichever it is by then.
        for (let i = 0; i < round; i++) await turn()
        controller.abort(reason)
        for (const { status, ...rest } of await Promise.allSettled(calls))
          if (status === 'rejected') expect(rest).toEqual({ reason })
        expect((await handle.getLink('eth1')).name).toBe('eth1')
      }
      expect(await handle.listRoutes({ dev: 'eth0', table: 254, family: 'ipv4' })).toHaveLength(10_000)
    }))

  it('an abort of several steps settles when all is undone', () =>
    withVeth(async (netns) => {
      const reason = new Error('enough')
      const addresses = Array.from({ length: 200 }, (_, i) => `10.0.0.${i}/32`)
      const before = ipJson('link show', netns).length
      let aborted = 0
      for (let round = 0; round < 20; round++) {
        const controller = new AbortController()
        const call = nl.createBridge({ name: 'br0', addresses, netns, signal: controller.signal })
        for (let i = 0; i < round; i++) await turn()
        controller.abort(reason)
        const [{ status, ...rest }] = await Promise.allSettled([call])
        if (status === 'rejected') {
          aborted++
          expect(rest).toEqual({ reason })
        } else {
          await nl.deleteLink('br0', { netns })
        }
        expect(ipJson('link show', netns)).toHaveLength(before)
      }
      expect(aborted).toBeGreaterThan(0)
    }))
})
