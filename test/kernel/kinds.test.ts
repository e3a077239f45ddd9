/**
 * Every kind of link: made here and read by ip, made by ip and read here, changed, and read again. A kind that this kernel lacks is
 * refused, and named. User-mode Linux has most of them: test/kernels/uml.sh.
 */

import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { CreateLinkOptions, SetLinkOptions } from '../../src/index.js'
import * as promises from '../../src/index.js'
import * as sync from '../../src/sync.js'
import { noteFeature } from './feature.js'
import { CASES, type Options, V4, V6, withPair } from './kind-cases.js'
import { expectAllLikeIp, namesIn } from './link-oracle.js'
import { expectRefused, noKind } from './needs.js'
import { hasKind, ipJson } from './support.js'

/** Runs commands of ip in a namespace, in one process: they cost much where the kernel is a process itself. */
function batch(netns: string, commands: readonly string[]): void {
  execFileSync('ip', ['-n', netns, '-batch', '-'], {
    input: `${commands.join('\n')}\n`,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
}

const read = (netns: string) => async () => promises.listLinks({ include: ['afSpec'], netns })

describe('a link of kind', () => {
  it.for(CASES)('$kind ($ip)', ({ kind, ip = '', link, options = {}, change, told }, context) =>
    withPair(async (netns) => {
      noteFeature(context, { group: 'kind', name: kind, lacks: !hasKind(kind) })
      const ours = {
        name: 'our0',
        kind,
        ...(link && { link: 'eth0' }),
        ...options,
        netns,
      } as CreateLinkOptions
      if (!hasKind(kind)) {
        const before = namesIn(netns)
        await expectRefused(() => promises.createLink(ours), noKind(kind))
        expect(namesIn(netns)).toEqual(before)
        return
      }
      const byIp = `link add ${link ? 'link eth0 ' : ''}name ip0 type ${kind} ${ip}`
      if (ip !== '' || Object.keys(options).length === 0) batch(netns, [byIp])
      const created = await promises.createLink(ours)
      expect(created).toMatchObject({ name: 'our0', kind })
      if (told !== undefined) expect(created.data).toMatchObject(told)
      await expectAllLikeIp(read(netns), netns)
      await promises.deleteLink('our0', { netns })
      const again = sync.createLink(ours as Parameters<typeof sync.createLink>[0])
      if (change !== undefined) {
        const changed = { kind, ...change, netns } as SetLinkOptions
        await promises.setLink('our0', changed)
        const [after] = (await expectAllLikeIp(read(netns), netns)).filter(({ name }) => name === 'our0')
        const data = after!.data as Options
        // Lists and switches change in part; timers run on; a change of a vxlan device makes its reserved bits anew.
        for (const [key, value] of Object.entries({ ...(again.data as Options), ...change }))
          if (!/macaddr|^flags$|mtu|reservedBits|timer$/i.test(key))
            expect({ [key]: data[key] }).toEqual({ [key]: value })
      }
    }),
  )

  it.for(['gre', 'gretap', 'ip6gre', 'ip6gretap'] as const)(
    '%s has keys while its flags say so',
    (kind, { skip }) => {
      skip(!hasKind(kind), `cannot be installed: this kernel lacks link kind '${kind}'`)
      return withPair(async (netns) => {
        const ends = kind.startsWith('ip6') ? V6 : V4
        const printed = () => ipJson('link show dev our0', netns)[0]!['linkinfo'].info_data
        const keyed = { ikey: 0, okey: 8, oflags: ['seq' as const] }
        await promises.createLink({ name: 'our0', kind, ...ends, ...keyed, netns } as CreateLinkOptions)
        expect(printed()).toMatchObject({ ikey: '0.0.0.0', okey: '0.0.0.8', oseq: true })
        await promises.setLink('our0', { kind, iflags: [], netns })
        expect(printed()).toMatchObject({ okey: '0.0.0.8', oseq: true })
        expect(printed()).not.toHaveProperty('ikey')
        await promises.setLink('our0', { kind, oflags: ['seq'], netns })
        await promises.setLink('our0', { kind, ttl: 5, netns })
        const keyless = printed()
        expect(keyless).toMatchObject({ ttl: 5, oseq: true })
        expect(keyless).not.toHaveProperty('ikey')
        expect(keyless).not.toHaveProperty('okey')
        const { data } = await promises.getLink('our0', { netns })
        await promises.deleteLink('our0', { netns })
        const { link: _, ...again } = data as Options
        await promises.createLink({ name: 'our0', kind, ...again, netns } as CreateLinkOptions)
        expect(printed()).toEqual(keyless)
      })
    },
  )

  it('bond has ports, and so has a VRF', () =>
    withPair(async (netns) => {
      for (const kind of ['bond', 'vrf'] as const) {
        if (!hasKind(kind)) continue
        const bonded =
          kind === 'bond' ? { kind, mode: 'active-backup' as const, miimon: 0.1 } : { kind, table: 10 }
        await promises.createLink({ name: `${kind}0`, up: true, ...bonded, netns })
        if (kind === 'bond') {
          await promises.setLink('eth0', { up: true, netns })
          await expect(promises.setLink('eth0', { master: 'bond0', netns })).rejects.toMatchObject({
            code: 'EPERM',
            extack: { message: expect.stringContaining('while up') },
            // The kernel's own words are enough: it is no matter of rights.
            advice: null,
          })
        }
        await promises.setLink('eth0', { up: false, netns })
        await promises.setLink('eth0', { master: `${kind}0`, netns })
        if (kind === 'bond') {
          await promises.setLink('eth0', { port: { kind: 'bond', queueId: 2, prio: 7 }, netns })
          await promises.setLink('bond0', { kind: 'bond', primary: 'eth0', activeSlave: 'eth0', netns })
        }
        const links = await expectAllLikeIp(read(netns), netns)
        const port = links.find(({ name }) => name === 'eth0')!
        expect(port.portKind).toBe(kind)
        expect(port.portData).toMatchObject(
          kind === 'bond' ? { queueId: 2, prio: 7, state: 'active' } : { table: 10 },
        )
        await promises.deleteLink(`${kind}0`, { netns })
      }
    }))
})
