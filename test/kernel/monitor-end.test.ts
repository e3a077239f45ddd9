/** How monitors end, and what they keep until then. */

import { describe, expect, it } from 'vitest'
import { type Monitor, monitor, openNetns } from '../../src/index.js'
import { openSockets } from './open-descriptors.js'
import { lines, program } from './program.js'
import { ip, withNetns } from './support.js'

describe('its end', () => {
  const endings: [string, (events: Monitor<'link'>) => unknown][] = [
    ['return()', (events) => events.return()],
    ['close()', (events) => events.close()],
    [
      'close(), twice',
      (events) => {
        events.close()
        events.close()
      },
    ],
    ['await using', async (events) => await events[Symbol.asyncDispose]()],
    ['using', (events) => events[Symbol.dispose]()],
  ]
  it.each(endings)('%s frees the socket at once and answers who waits', async (_, end) => {
    const before = openSockets()
    const events = await monitor(['link'])
    expect(openSockets()).toBe(before + 1)
    const waiting = [events.next(), events.next()]
    end(events)
    expect(openSockets()).toBe(before)
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  it('leaving the loop frees the socket, and drops what was not read', () =>
    withNetns(async (netns) => {
      const before = openSockets()
      const events = await monitor(['link'], { netns })
      ip('link add br0 type bridge', netns)
      ip('link add br1 type bridge', netns)
      for await (const event of events) {
        expect(event).toMatchObject({ link: { name: 'br0' } })
        break
      }
      expect(openSockets()).toBe(before)
      expect(await events.next()).toEqual({ done: true, value: undefined })
    }))

  it('a signal ends it with its reason, frees the socket at once, and drops what was not read', () =>
    withNetns(async (netns) => {
      const before = openSockets()
      const controller = new AbortController()
      const events = await monitor(['link'], { netns, signal: controller.signal })
      const waiting = events.next()
      const reason = new Error('enough')
      controller.abort(reason)
      expect(openSockets()).toBe(before)
      await expect(waiting).rejects.toBe(reason)
      expect(await events.next()).toEqual({ done: true, value: undefined })
    }))

  it('a signal that fires while nobody waits is told to who asks next, once', async () => {
    const controller = new AbortController()
    const events = await monitor(['link'], { signal: controller.signal })
    controller.abort()
    await expect(events.next()).rejects.toMatchObject({ name: 'AbortError' })
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  it('a signal that has fired already opens nothing', async () => {
    const before = openSockets()
    await expect(monitor(['link'], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(openSockets()).toBe(before)
  })

  it('does not come with the end of the handle: the socket keeps its namespace', () =>
    withNetns(async (netns) => {
      const handle = await openNetns(netns)
      await using events = await handle.monitor(['link'])
      handle.close()
      ip('link add br0 type bridge', netns)
      expect((await events.next()).value).toMatchObject({ link: { name: 'br0' } })
    }))

  it('keeps the process running until it is closed', async () => {
    expect(
      await lines(
        program(`
          const events = await nl.monitor(['link'])
          setTimeout(() => { print('still here'); events.close() }, 100)
        `),
      ),
    ).toEqual(['still here'])
  })

  it.each([
    ['', ''],
    [' that was given a signal', ', { signal: longLived.signal }'],
  ])('one%s is closed with a warning when it is collected unclosed', async (_, options) => {
    const source = `
      const { getEventListeners } = await import('node:events')
      const longLived = new AbortController()
      const before = openFds()
      await (async () => {
        const events = await nl.monitor(['link', 'route']${options})
        print(openFds() - before)
      })()
      process.on('warning', ({ name, message }) => { print({ name, message }); print(openFds() - before) })
      const collect = setInterval(() => gc(), 5)
      process.once('warning', () => { clearInterval(collect); print(getEventListeners(longLived.signal, 'abort')) })
    `
    expect(await lines(program(source, { nodeOptions: ['--expose-gc', '--no-warnings'] }))).toEqual([
      1,
      {
        name: 'NetlinkWarning',
        message: 'monitor(link, route) was collected without close(): it is closed now',
      },
      0,
      [],
    ])
  })

  it('is not collected while somebody waits for the next event', async () => {
    const source = `
      const waiting = (async () => (await (await nl.monitor(['link'])).next()).value.link.name)()
      for (let i = 0; i < 20; i++) { gc(); await new Promise((go) => setImmediate(go)) }
      await nl.createBridge({ name: 'late' })
      print(await waiting)
      process.exit()
    `
    const options = { nodeOptions: ['--expose-gc'], wrapper: ['unshare', '-n'] }
    expect(await lines(program(source, options))).toEqual(['late'])
  })
})
