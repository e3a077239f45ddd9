/** Connections that are changed and deleted, and what is refused. */

import { describe, expect, it } from 'vitest'
import type { ConntrackEntry } from '../../src/conntrack.js'
import { asPrinted, CONNTRACK_FACES, conntrack, printedEntries } from './conntrack-oracle.js'
import { byText, lasting, TCP, TCP6, UDP, withEntries } from './conntrack-support.js'
import { expectRefused, type Refusal, since } from './needs.js'
import { acceptsNft } from './nft-support.js'
import { library, lines, program } from './program.js'
import { execIn, hasTool, ip, withNetns } from './support.js'
import { thrown } from './thrown.js'

const NO_REMOVAL: Refusal = {
  code: 'EOPNOTSUPP',
  advice: 'helper: this kernel takes none away from a connection that is there (Linux 7.3',
}

describe.skipIf(!hasTool('conntrack')).each(CONNTRACK_FACES)('connections ($face)', ({ ct }) => {
  it('changes mark, timeout and status of one, and nothing else of it', () =>
    withEntries(async (netns) => {
      const before = await ct.listConntrack({ netns })
      const chosen = before.find(({ original }) => original.sport === 2)!
      const key = { original: chosen.original, netns }
      await ct.updateConntrack({ ...key, mark: 0x100, markMask: 0xf00 })
      await ct.updateConntrack({ ...key, timeout: 5000, status: ['assured', 'fixed-timeout'] })
      const after = await ct.getConntrack(key)
      expect(lasting(after)).toEqual({
        ...lasting(chosen),
        mark: 0x107,
        status: ['assured', 'confirmed', 'fixed-timeout'],
      })
      expect(after.timeout).toBeGreaterThan(4990)
      expect(printedEntries(netns)).toContain(asPrinted({ ...after, use: after.use! - 1 }))
      const others = (entries: readonly ConntrackEntry[]) =>
        entries
          .filter(({ id }) => id !== after.id)
          .sort(byText)
          .map(lasting)
      expect(others(await ct.listConntrack({ netns }))).toEqual(others(before))
      // What it has been through stays: the kernel would refuse a status without it.
      const assured = before.find(({ original }) => original.sport === 1)!
      await ct.updateConntrack({ original: assured.original, status: ['fixed-timeout'], netns })
      expect((await ct.getConntrack({ ...assured, netns })).status).toEqual([
        'seen-reply',
        'assured',
        'confirmed',
        'fixed-timeout',
      ])
      await ct.updateConntrack({ ...key, mark: 9 })
      expect((await ct.getConntrack(key)).mark).toBe(9)
      expect(await thrown(() => ct.updateConntrack({ ...key, timeout: 5 }))).toMatchObject({
        code: 'EPERM',
        advice: 'its timeout is fixed, or CAP_NET_ADMIN is missing',
      })
    }))

  it('changes the state, the windows, the helper and the sequence numbers of one', () =>
    withNetns(async (netns) => {
      const key = { original: { ...TCP, dport: 21 }, netns }
      const now = () => ct.getConntrack(key)
      await ct.addConntrack({ ...key, helper: 'ftp', timeout: 600 })
      const before = await now()
      await ct.updateConntrack({ ...key, state: 'time-wait' })
      expect(conntrack('-L -p tcp --state TIME_WAIT', netns)).toContain('dport=21')
      expect(lasting(await now())).toEqual({ ...lasting(before), state: 'time-wait' })
      const tcp = {
        wscaleOriginal: 7,
        wscaleReply: 9,
        flagsOriginal: ['window-scale', 'sack-perm'],
        flagsReply: ['window-scale'],
      } as const
      await ct.updateConntrack({ ...key, tcp })
      const seqAdjust = { original: null, reply: { correctionPos: 5, offsetBefore: -1, offsetAfter: 3 } }
      await ct.updateConntrack({ ...key, seqAdjust, synproxy: { isn: 1, its: 2, tsoff: 3 }, mark: 4 })
      const changed = await now()
      expect(lasting(changed)).toEqual({
        ...lasting(before),
        state: 'time-wait',
        tcp,
        seqAdjust: { ...seqAdjust, original: { correctionPos: 0, offsetBefore: 0, offsetAfter: 0 } },
        synproxy: { isn: 1, its: 2, tsoff: 3 },
        mark: 4,
        status: ['confirmed', 'seq-adj', 'helper'],
      })
      // A listed entry changes nothing but what is said besides; there is no room for labels here.
      await ct.updateConntrack({ ...changed, labels: undefined, mark: 5, netns })
      expect(lasting(await now())).toEqual({ ...lasting(changed), mark: 5 })
      for (const helper of ['sip', 'no-such'])
        expect(await thrown(() => ct.updateConntrack({ ...key, helper }))).toMatchObject({
          code: expect.stringMatching(/^(EBUSY|EOPNOTSUPP)$/),
          advice: `helper: a connection that is there keeps the one that it has; '${helper}' would be another`,
        })
      expect(conntrack('-L', netns)).toContain('helper=ftp')
      const without = { ...key, helper: '' }
      if (since(7, 3)) return await expectRefused(() => ct.updateConntrack(without), NO_REMOVAL)
      await ct.updateConntrack(without)
      expect(conntrack('-L', netns)).not.toContain('helper=')
    }))

  it('says where a connection has no room for what is to be changed, and changes nothing', ({ skip }) =>
    withNetns(async (netns) => {
      const tracks = 'table ip t { chain c { type filter hook input priority 0; ct state new accept; }; }'
      skip(!acceptsNft(netns, tracks), 'cannot be installed: this kernel has no nftables of family ip')
      ip('link set lo up', netns)
      execIn(netns, 'ping', '-c1', '127.0.0.1')
      const [entry] = (await ct.listConntrack({ protocol: 'icmp', netns })) as [ConntrackEntry]
      const offset = { correctionPos: 1, offsetBefore: 2, offsetAfter: 3 }
      for (const [field, change] of [
        ['seqAdjust', { seqAdjust: { original: offset, reply: null } }],
        ['synproxy', { synproxy: { isn: 1, its: 2, tsoff: 3 } }],
      ] as const)
        expect(
          await thrown(() => ct.updateConntrack({ original: entry.original, mark: 9, ...change, netns })),
        ).toMatchObject({
          code: 'EOPNOTSUPP',
          advice: `${field}: the kernel has made no room for it in this connection; addConntrack() does`,
        })
      expect(lasting(await ct.getConntrack({ ...entry, netns }))).toEqual(lasting(entry))
    }))

  it('deletes the very entry that an id names, not one that has taken its place', () =>
    withNetns(async (netns) => {
      await ct.addConntrack({ original: UDP, timeout: 60, netns })
      const { id } = await ct.getConntrack({ original: UDP, netns })
      await ct.deleteConntrack({ original: UDP, id, netns })
      await ct.addConntrack({ original: UDP, timeout: 60, netns })
      expect(
        await thrown(() => ct.deleteConntrack({ original: UDP, id: (id ^ 1) >>> 0, netns })),
      ).toMatchObject({
        code: 'ENOENT',
        subject: 'connection udp 10.0.0.1:1000 > 10.0.0.2:2000',
      })
      expect(printedEntries(netns)).toHaveLength(1)
    }))

  it('tells why the kernel refuses', () =>
    withNetns(async (netns) => {
      const input = { original: TCP, timeout: 60, netns }
      await ct.addConntrack(input)
      expect(await thrown(() => ct.addConntrack(input))).toMatchObject({
        code: 'EEXIST',
        operation: 'IPCTNL_MSG_CT_NEW',
        subject: 'connection tcp 10.0.0.1:1000 > 10.0.0.2:2000',
        advice: 'there is such a connection already; updateConntrack() changes it',
      })
      const absent = { original: { ...TCP6, sport: 1 }, netns }
      for (const work of [
        () => ct.getConntrack(absent),
        () => ct.deleteConntrack(absent),
        () => ct.updateConntrack({ ...absent, mark: 1 }),
      ])
        expect(await thrown(work)).toMatchObject({
          code: 'ENOENT',
          subject: 'connection tcp [2001:db8::1]:1 > [2001:db8::2]:2000',
          advice: 'there is no such connection',
        })
      expect(
        await thrown(() => ct.addConntrack({ ...input, original: UDP, helper: 'no-such-helper' })),
      ).toMatchObject({
        code: 'EOPNOTSUPP',
        advice: "the kernel lacks the helper 'no-such-helper' for this protocol",
      })
      expect(
        await thrown(() => ct.addConntrack({ ...input, original: UDP, master: TCP6 as never })),
      ).toMatchObject({
        message: expect.stringContaining("master.src: '2001:db8::1' is not an IPv4 address"),
      })
      expect(
        await thrown(() => ct.addConntrack({ ...input, original: UDP, master: { ...TCP, sport: 9 } })),
      ).toMatchObject({ code: 'ENOENT', advice: 'there is no such master' })
      expect(await thrown(() => ct.updateConntrack({ original: TCP, labels: [1], netns }))).toMatchObject({
        code: 'ENOSPC',
        advice: 'a connection has room for labels only if a rule of its namespace used labels when it began',
      })
      expect(printedEntries(netns)).toHaveLength(1)
    }))
})

describe('without CAP_NET_ADMIN', () => {
  // In a user namespace of its own a process has no rights over this network namespace.
  const refused = (code: string) =>
    lines(
      program(
        `const ct = await import(${library('conntrack')})
         const face = await import(${library('conntrack-sync')})
         const original = { protocol: 'udp', src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2 }
         print(await caught(() => ${code}))`,
        { wrapper: ['unshare', '-U'] },
      ),
    )

  it.each([
    'ct.listConntrack()',
    'face.countConntrack()',
    'ct.addConntrack({ original, timeout: 9 })',
    'ct.flushConntrackPort({ port: 80 })',
    "face.flushConntrack({ protocol: ['tcp', 'udp', 'sctp'] })",
    "face.flushConntrack({ original: { src: '10.0.0.0/8' } })",
    'ct.flushExpectations()',
  ])('%s says so', async (code) => {
    const [{ code: errno, message }] = (await refused(code)) as [{ code: string; message: string }]
    expect(errno).toBe('EPERM')
    expect(message).toContain('needs CAP_NET_ADMIN in the user namespace that owns the network namespace')
  })

  it('each of many calls at once is answered', async () => {
    const call =
      "Promise.all(Array.from({ length: 20 }, () => caught(() => ct.flushConntrack({ family: 'ipv4' }))))"
    const [{ value }] = (await refused(call)) as [{ value: { code: string }[] }]
    expect(value.map(({ code }) => code)).toEqual(Array(20).fill('EPERM'))
  })

  it('a monitor cannot be opened', async () => {
    const [failure] = await refused("ct.monitorConntrack(['new'])")
    expect(failure).toMatchObject({ code: 'EPERM' })
  })
})
