/** Interfaces by their names: short, long, alternative, in other alphabets, and by ifindex, wherever one is named. */

import { describe, expect, it } from 'vitest'
import type * as promises from '../../src/index.js'
import { namesIn, printedLink } from './link-oracle.js'
import { FACES, ip, withVeth } from './support.js'
import { failure } from './thrown.js'

const LONGEST = 'abcdefghijklmno'
const SHORT_ALTNAME = 'other'
const LONG_ALTNAME = 'ethernet-to-rack-1-of-the-second-row'
const LONGEST_ALTNAME = 'x'.repeat(127)
/** 15 bytes and 16 bytes, of 8 characters each. */
const WIDE = 'äääääääa'
const WIDER = 'ääääääää'

/** A namespace whose eth0 has many names, and a bridge with two. */
function withNames<T>(work: (netns: string) => Promise<T>): Promise<T> {
  return withVeth(async (netns) => {
    for (const name of [SHORT_ALTNAME, LONG_ALTNAME, LONGEST_ALTNAME, WIDER])
      ip(`link property add dev eth0 altname ${name}`, netns)
    ip('link add br0 type bridge', netns)
    ip('link property add dev br0 altname a-bridge-with-a-long-name', netns)
    return await work(netns)
  })
}

const DEVS = ['eth0', 10, SHORT_ALTNAME, LONG_ALTNAME, LONGEST_ALTNAME, WIDER]

describe.each(FACES as readonly { face: string; nl: typeof promises }[])('$face', ({ nl }) => {
  it.each(DEVS)('%s is found by getLink, changed, moved and deleted', (dev) =>
    withNames((netns) =>
      withVeth(async (target) => {
        expect(await nl.getLink(dev, { netns })).toMatchObject({
          name: 'eth0',
          ifindex: 10,
          altNames: [SHORT_ALTNAME, LONG_ALTNAME, LONGEST_ALTNAME, WIDER],
        })
        await nl.setLink(dev, { mtu: 1300, netns })
        expect(printedLink('eth0', netns)['mtu']).toBe(1300)
        await nl.setLink(dev, { master: 'a-bridge-with-a-long-name', netns })
        expect(printedLink('eth0', netns)['master']).toBe('br0')
        const ports = await nl.listLinks({ master: 'a-bridge-with-a-long-name', netns })
        expect(ports.map(({ name }) => name)).toEqual(['eth0'])
        const moved = await nl.moveLink(dev, target, { name: 'eth7', netns })
        expect(moved).toMatchObject({ name: 'eth7' })
        expect(namesIn(target)).toContain('eth7')
        const [name = ''] = moved.altNames
        await nl.deleteLink(name === '' ? 'eth7' : name, { netns: target })
        expect(namesIn(netns)).toEqual(['br0'])
      }),
    ),
  )

  it.each([
    { given: '15 bytes', name: LONGEST },
    { given: '15 bytes of UTF-8', name: WIDE },
    { given: 'one byte', name: 'x' },
    { given: 'characters that are allowed', name: 'a-b_c.d@e#f' },
  ])('$given is a name: $name', ({ name }) =>
    withVeth(async (netns) => {
      await nl.setLink('eth0', { up: false, netns })
      await nl.setLink('eth0', { name, netns })
      expect(namesIn(netns)).toContain(name)
      expect(await nl.getLink(name, { netns })).toMatchObject({ name, ifindex: 10 })
      await nl.createLink({ name: `${name.slice(0, 7)}0`, kind: 'ifb', netns })
      await nl.deleteLink(name, { netns })
    }),
  )

  it.each(['eth7', 'a-name-of-more-than-fifteen-bytes', 'üüüüüüüü', 4711])(
    '%s is not there, which every operation says',
    (dev) =>
      withVeth(async (netns) => {
        const calls: (() => unknown)[] = [
          () => nl.getLink(dev, { netns }),
          () => nl.setLink(dev, { mtu: 1300, netns }),
          () => nl.deleteLink(dev, { netns }),
          () => nl.moveLink(dev, netns, { netns }),
        ]
        for (const call of calls)
          await expect((async () => call())()).rejects.toMatchObject({
            name: 'NetlinkError',
            code: 'ENODEV',
            message: expect.stringContaining(`${dev}`),
          })
      }),
  )

  it('an alternative name that is given becomes one more', () =>
    withVeth(async (netns) => {
      await nl.setLink('eth0', { addAltNames: [LONGEST_ALTNAME, WIDER], netns })
      expect(printedLink('eth0', netns)['altnames']).toEqual([LONGEST_ALTNAME, WIDER])
      await nl.setLink(WIDER, { removeAltNames: [LONGEST_ALTNAME], netns })
      expect(printedLink('eth0', netns)['altnames']).toEqual([WIDER])
    }))

  it.each([SHORT_ALTNAME, 'eth0'])('a name that another interface has already is told: %s', (name) =>
    withNames(async (netns) => {
      // Before Linux 6.2 one that is up is refused by another error.
      ip('link set eth1 down', netns)
      expect(await failure(() => nl.setLink('eth1', { name, netns }))).toMatchObject({
        code: 'EEXIST',
        subject: "interface 'eth1'",
        advice: `found by looking: '${name}' in namespace '${netns}' is there already`,
      })
    }),
  )

  it('an alternative name that is taken, or not there, is told', () =>
    withVeth(async (netns) => {
      const refused = async (options: object) => failure(() => nl.setLink('eth0', { ...options, netns }))
      expect(await refused({ addAltNames: ['lo'] })).toMatchObject({
        code: 'EEXIST',
        advice: `'lo' is taken in namespace '${netns}'`,
      })
      expect(await refused({ removeAltNames: ['none', 'one'] })).toMatchObject({
        code: 'ENOENT',
        advice: "one of 'none', 'one' is no alternative name of this interface",
      })
      expect(await refused({ removeAltNames: ['eth1'] })).toMatchObject({
        code: 'EINVAL',
        advice: "'eth1' is no alternative name of this interface",
      })
    }))
})
