/** A pair that cannot be made, or is given up, leaves nothing behind. */

import { describe, expect, it } from 'vitest'
import type { VethEnd } from '../../src/index.js'
import * as asynchronous from '../../src/index.js'
import * as sync from '../../src/sync.js'
import { namesIn, settledLinks } from './link-oracle.js'
import { lines, program } from './program.js'
import { FACES, ip, withNetns } from './support.js'
import { failure } from './thrown.js'

type Promises = typeof asynchronous

describe.each(FACES as readonly { face: string; nl: Promises }[])('createVethPair, $face', ({ nl }) => {
  describe('leaves nothing behind', () => {
    const TWICE = ['192.0.2.1/24', '192.0.2.1/24']
    const NOWHERE = [{ to: 'default', via: '192.0.2.9' }]
    interface Refusal {
      why: string
      near?: Partial<VethEnd>
      far?: Partial<VethEnd>
      error: object
    }
    const REFUSALS: Refusal[] = [
      {
        why: 'an address of the far end comes twice',
        far: { addresses: TWICE },
        error: { code: 'EEXIST', operation: 'RTM_NEWADDR', subject: expect.stringContaining('192.0.2.1/24') },
      },
      {
        why: 'an address of the near end comes twice',
        near: { addresses: TWICE },
        error: { code: 'EEXIST', operation: 'RTM_NEWADDR' },
      },
      {
        why: 'a gateway of the far end is in no network',
        far: { up: true, routes: NOWHERE },
        error: { code: 'ENETUNREACH', operation: 'RTM_NEWROUTE' },
      },
      {
        why: 'a gateway of the near end is in no network',
        near: { up: true, routes: NOWHERE },
        error: { code: 'ENETUNREACH', operation: 'RTM_NEWROUTE' },
      },
      {
        why: 'a route of the far end goes through an interface that is not there',
        far: { up: true, routes: [{ to: '192.0.2.0/24', dev: 'eth7' }] },
        error: { code: 'ENODEV' },
      },
      {
        why: 'the far end is down and has a route',
        far: { routes: [{ to: '192.0.2.0/24' }] },
        error: { code: 'ENETDOWN' },
      },
      {
        why: 'the master of the near end takes no ports',
        near: { master: 'lo' },
        error: { code: 'EOPNOTSUPP', advice: expect.stringContaining("'lo' takes no ports") },
      },
      {
        why: 'the master of the far end takes no ports',
        far: { master: 'lo' },
        error: {
          code: 'EOPNOTSUPP',
          subject: "interface 'far0'",
          advice: expect.stringContaining("'lo' takes no ports"),
        },
      },
      {
        why: 'the master of the near end is not there',
        near: { master: 'br7' },
        error: { code: 'ENODEV', subject: "master 'br7'" },
      },
      {
        why: 'nothing has the ifindex of the master of the near end',
        near: { master: 4242 },
        error: { code: 'EINVAL', advice: 'found by looking: interface 4242 is not there' },
      },
      {
        why: 'nothing has the ifindex of the master of the far end',
        far: { master: 4242 },
        error: { code: 'EINVAL', advice: 'found by looking: interface 4242 is not there' },
      },
      {
        why: 'the master of the far end is not there',
        far: { master: 'br7' },
        error: { code: 'ENODEV', subject: "master 'br7'" },
      },
      {
        why: 'the mtu is beyond what the kernel takes',
        far: { mtu: 70_000 },
        error: {
          code: 'EINVAL',
          subject: "veth 'near0' and 'far0'",
          advice: "mtu: 70000 of 'far0' is not from 68 to 65535, which veth takes",
        },
      },
      {
        why: 'the mtu is less than what the kernel takes',
        near: { mtu: 67 },
        error: { code: 'EINVAL', advice: expect.stringContaining("mtu: 67 of 'near0'") },
      },
    ]
    const ends = (far: string, { near, far: other }: Refusal): [VethEnd, VethEnd] => [
      { name: 'near0', ...near },
      { name: 'far0', netns: far, ...other },
    ]

    it.each(REFUSALS)('where $why', (refusal) =>
      withNetns((here) =>
        withNetns(async (there) => {
          const before = [settledLinks(here), settledLinks(there)]
          const [near, far] = ends(there, refusal)
          expect(await failure(() => nl.createVethPair(near, far, { netns: here }))).toMatchObject(
            refusal.error,
          )
          expect([settledLinks(here), settledLinks(there)]).toEqual(before)
          // The same with both ends in one namespace.
          const { netns: _, ...beside } = far
          expect(await failure(() => nl.createVethPair(near, beside, { netns: here }))).toMatchObject(
            refusal.error,
          )
          expect(settledLinks(here)).toEqual(before[0])
        }),
      ),
    )

    it.each([
      {
        taken: 'near',
        says: (here: string, _there: string) =>
          `found by looking: 'near0' in namespace '${here}' is there already`,
      },
      {
        taken: 'far',
        says: (_here: string, there: string) =>
          `found by looking: 'far0' in namespace '${there}' is there already`,
      },
      {
        taken: 'both',
        says: (here: string, there: string) =>
          `found by looking: 'near0' in namespace '${here}' and 'far0' in namespace '${there}' are there already`,
      },
      {
        taken: 'altname',
        says: (here: string, _there: string) =>
          `found by looking: 'near0' in namespace '${here}' is there already`,
      },
    ])('where a name is taken, and says which: $taken', ({ taken, says }) =>
      withNetns((here) =>
        withNetns(async (there) => {
          if (taken === 'near' || taken === 'both') ip('link add near0 type ifb', here)
          if (taken === 'far' || taken === 'both') ip('link add far0 type ifb', there)
          if (taken === 'altname') ip('link property add dev lo altname near0', here)
          const before = [settledLinks(here), settledLinks(there)]
          const error = await failure(() =>
            nl.createVethPair({ name: 'near0' }, { name: 'far0', netns: there }, { netns: here }),
          )
          expect(error).toMatchObject({
            code: 'EEXIST',
            advice: says(here, there),
            extack: { message: null, path: null },
          })
          expect([settledLinks(here), settledLinks(there)]).toEqual(before)
        }),
      ),
    )

    it('where both ends have one name in one namespace', () =>
      withNetns(async (here) => {
        const error = await failure(() =>
          nl.createVethPair({ name: 'same' }, { name: 'same' }, { netns: here }),
        )
        expect(error).toMatchObject({
          code: 'EEXIST',
          advice: expect.stringContaining('two ends in one namespace'),
        })
        expect(namesIn(here)).toEqual([])
      }))

    it('where an ifindex is taken', () =>
      withNetns(async (here) => {
        const error = await failure(() =>
          nl.createVethPair({ name: 'near0', ifindex: 50 }, { name: 'far0', ifindex: 1 }, { netns: here }),
        )
        expect(error).toMatchObject({
          advice: `found by looking: ifindex 1 ('lo') in namespace '${here}' is there already`,
        })
        expect(namesIn(here)).toEqual([])
      }))

    it('where the namespace of an end is not there', () =>
      withNetns(async (here) => {
        const call = async () =>
          nl.createVethPair({ name: 'near0' }, { name: 'far0', netns: 'no-such-netns' }, { netns: here })
        await expect(call()).rejects.toMatchObject({ name: 'SystemError', code: 'ENOENT' })
        expect(namesIn(here)).toEqual([])
      }))
  })
})

describe('createVethPair', () => {
  it('without the right to it says what is needed', async () => {
    const source = `
      const ends = [{ name: 'near0' }, { name: 'far0' }]
      print([await caught(() => nl.createVethPair(...ends)), await caught(() => sync.createVethPair(...ends))])
    `
    const wrapper = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin']
    const [errors] = (await lines(program(source, { wrapper }))) as [{ code: string; message: string }[]]
    for (const { code, message } of errors) {
      expect(code).toBe('EPERM')
      expect(message).toMatch(/^RTM_NEWLINK veth 'near0' and 'far0': EPERM .*; needs CAP_NET_ADMIN/)
    }
    expect(namesIn().filter((name) => name.startsWith('near0'))).toEqual([])
  })

  describe('aborted in the middle', () => {
    const has = (netns: string, name: string) => sync.listLinks({ netns }).some((link) => link.name === name)

    it('removes the pair that it has made before it settles', () =>
      withNetns((here) =>
        withNetns(async (there) => {
          const controller = new AbortController()
          let made = false
          const far: VethEnd = {
            name: 'far0',
            netns: there,
            // Asked for again once the pair is there: that is the middle.
            get addresses() {
              if (has(here, 'near0')) {
                made = has(there, 'far0')
                controller.abort(new Error('enough'))
              }
              return ['192.0.2.1/24']
            },
          }
          const { signal } = controller
          const { createVethPair } = asynchronous
          await expect(createVethPair({ name: 'near0' }, far, { netns: here, signal })).rejects.toThrow(
            'enough',
          )
          expect(made).toBe(true)
          expect([namesIn(here), namesIn(there)]).toEqual([[], []])
        }),
      ))

    it('leaves both ends or none, whenever it happens', () =>
      withNetns((here) =>
        withNetns(async (there) => {
          const { createVethPair } = asynchronous
          const outcomes = new Set<string>()
          for (let turns = 0; turns < 40; turns++) {
            const controller = new AbortController()
            const far = { name: 'far0', netns: there, up: true, addresses: ['192.0.2.1/24'] }
            const call = createVethPair({ name: 'near0' }, far, { netns: here, signal: controller.signal })
            const settled = call.then(
              () => 'made',
              (error: Error) => error.name,
            )
            for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
            controller.abort()
            const outcome = await settled
            outcomes.add(outcome)
            expect([has(here, 'near0'), has(there, 'far0')]).toEqual(
              outcome === 'made' ? [true, true] : [false, false],
            )
            if (outcome === 'made') sync.deleteLink('near0', { netns: here })
          }
          expect(outcomes).toContain('AbortError')
        }),
      ))

    it('sends nothing where the signal has fired already', () =>
      withNetns(async (here) => {
        const { createVethPair } = asynchronous
        const call = createVethPair(
          { name: 'near0' },
          { name: 'far0' },
          { netns: here, signal: AbortSignal.abort() },
        )
        await expect(call).rejects.toThrow('aborted')
        expect(namesIn(here)).toEqual([])
      }))
  })
})
