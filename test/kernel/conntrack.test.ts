/** Tracked connections against conntrack(8), in both directions: made here and printed by it, made by it and read here. */

import { describe, expect, it } from 'vitest'
import type { ConntrackEntry, ConntrackFilter, ConntrackInput } from '../../src/conntrack.js'
import { streamConntrack } from '../../src/conntrack.js'
import { asPrinted, CONNTRACK_FACES, conntrack, printedEntries } from './conntrack-oracle.js'
import { since } from './needs.js'
import { acceptsNft } from './nft-support.js'
import { library, lines, program } from './program.js'
import { execIn, hasTool, ip, withNetns } from './support.js'
import { thrown } from './thrown.js'

const V4 = { src: '10.0.0.1', dst: '10.0.0.2' }
const V6 = { src: '2001:db8::1', dst: '2001:db8::2' }
const PORTS = { sport: 1000, dport: 2000 }
const TCP = { protocol: 'tcp', ...V4, ...PORTS } as const
const UDP = { protocol: 'udp', ...V4, ...PORTS } as const
const TCP6 = { protocol: 'tcp', ...V6, ...PORTS } as const

/** New connections, and what conntrack prints of each, id and time aside. */
const made: readonly [string, ConntrackInput, string][] = [
  [
    'TCP',
    { original: TCP, timeout: 600 },
    'ipv4 2 tcp 6 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2000 dport=1000 mark=0 use=1',
  ],
  [
    'TCP with status, mark and state',
    { original: TCP, timeout: 600, state: 'time-wait', mark: 0xdeadbeef, status: ['seen-reply', 'assured'] },
    'ipv4 2 tcp 6 TIME_WAIT src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 src=10.0.0.2 dst=10.0.0.1 sport=2000 dport=1000 [ASSURED] mark=3735928559 use=1',
  ],
  [
    'TCP over IPv6 in a zone',
    { original: TCP6, timeout: 600, state: 'syn-sent', zone: 5 },
    'ipv6 10 tcp 6 SYN_SENT src=2001:db8::1 dst=2001:db8::2 sport=1000 dport=2000 [UNREPLIED] src=2001:db8::2 dst=2001:db8::1 sport=2000 dport=1000 mark=0 zone=5 use=1',
  ],
  [
    'UDP whose destination is translated',
    {
      original: UDP,
      reply: { protocol: 'udp', src: '172.17.0.2', sport: 53, dst: '10.0.0.1', dport: 1000 },
      timeout: 600,
    },
    'ipv4 2 udp 17 src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 [UNREPLIED] src=172.17.0.2 dst=10.0.0.1 sport=53 dport=1000 mark=0 use=1',
  ],
  [
    'UDP whose source is translated, over IPv6',
    {
      original: { ...TCP6, protocol: 'udp' },
      reply: { protocol: 'udp', src: V6.dst, sport: 2000, dst: '2001:db8::99', dport: 4000 },
      timeout: 600,
    },
    'ipv6 10 udp 17 src=2001:db8::1 dst=2001:db8::2 sport=1000 dport=2000 [UNREPLIED] src=2001:db8::2 dst=2001:db8::99 sport=2000 dport=4000 mark=0 use=1',
  ],
  [
    'TCP of which both are translated',
    {
      original: TCP,
      reply: { protocol: 'tcp', src: '172.17.0.2', sport: 80, dst: '172.17.0.1', dport: 4000 },
      timeout: 600,
    },
    'ipv4 2 tcp 6 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 [UNREPLIED] src=172.17.0.2 dst=172.17.0.1 sport=80 dport=4000 mark=0 use=1',
  ],
  [
    'UDP-Lite in a zone of one direction',
    { original: { ...UDP, protocol: 'udplite', zone: 7 }, timeout: 600 },
    'ipv4 2 udplite 136 src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 zone-orig=7 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2000 dport=1000 mark=0 use=1',
  ],
  [
    'ICMP',
    { original: { protocol: 'icmp', ...V4, icmp: { type: 8, id: 77 } }, timeout: 600 },
    'ipv4 2 icmp 1 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=77 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=77 mark=0 use=1',
  ],
  [
    'ICMPv6',
    { original: { protocol: 'ipv6-icmp', ...V6, icmp: { type: 128, id: 77 } }, timeout: 600 },
    'ipv6 10 icmpv6 58 src=2001:db8::1 dst=2001:db8::2 type=128 code=0 id=77 [UNREPLIED] src=2001:db8::2 dst=2001:db8::1 type=129 code=0 id=77 mark=0 use=1',
  ],
  [
    'SCTP',
    {
      original: { ...TCP, protocol: 'sctp' },
      sctp: { vtagOriginal: 7, vtagReply: 9 },
      state: 'shutdown-sent',
      timeout: 600,
    },
    'ipv4 2 sctp 132 SHUTDOWN_SENT src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2000 dport=1000 mark=0 use=1',
  ],
  [
    'GRE',
    { original: { ...TCP, protocol: 'gre', sport: 5, dport: 0 }, timeout: 600 },
    'ipv4 2 gre 47 src=10.0.0.1 dst=10.0.0.2 srckey=0x5 dstkey=0x0 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 srckey=0x0 dstkey=0x5 mark=0 use=1',
  ],
  [
    'another protocol',
    { original: { protocol: 'esp', ...V4 }, timeout: 600 },
    'ipv4 2 unknown 50 src=10.0.0.1 dst=10.0.0.2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 mark=0 use=1',
  ],
  [
    'TCP with a helper',
    { original: { ...TCP, dport: 21 }, helper: 'ftp', timeout: 600 },
    'ipv4 2 tcp 6 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=21 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=21 dport=1000 mark=0 helper=ftp use=1',
  ],
]

/** Commands of conntrack that make connections. */
const COMMANDS = [
  '-I -p tcp -s 10.0.0.1 -d 10.0.0.2 --sport 1 --dport 80 --state ESTABLISHED -t 600 -u SEEN_REPLY,ASSURED',
  '-I -p tcp -s 10.0.0.1 -d 10.0.0.2 --sport 2 --dport 80 --state CLOSE_WAIT -t 600 --mark 7',
  '-I -p tcp -s 10.0.0.1 -d 10.0.0.3 --sport 3 --dport 443 --state SYN_RECV -t 600 --mark 263',
  '-I -p tcp -s 2001:db8::1 -d 2001:db8::2 --sport 4 --dport 80 --state ESTABLISHED -t 600',
  '-I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 5 --dport 53 -t 600 --dst-nat 172.17.0.2:5353',
  '-I -p udp -s 10.1.0.1 -d 10.0.0.2 --sport 6 --dport 53 -t 600 --src-nat 172.17.0.1:4000 -w 5',
  '-I -p udp -s 2001:db8::1 -d 2001:db8::3 --sport 7 --dport 53 -t 600 -u FIXED_TIMEOUT',
  '-I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 8 --dport 8000 -t 600 --orig-zone 6',
  '-I -p icmp -s 10.0.0.1 -d 10.0.0.2 --icmp-type 8 --icmp-code 0 --icmp-id 77 -t 600',
  '-I -p icmpv6 -s 2001:db8::1 -d 2001:db8::2 --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 77 -t 600',
  '-I -p sctp -s 10.0.0.1 -d 10.0.0.2 --sport 9 --dport 10 --state ESTABLISHED --orig-vtag 1 --reply-vtag 2 -t 600',
  '-I -p gre -s 10.0.0.1 -d 10.0.0.2 --srckey 5 --dstkey 6 -t 600',
]

/** Whether this kernel has zones: CONFIG_NF_CONNTRACK_ZONES. */
const hasZones =
  hasTool('conntrack') &&
  (await withNetns((netns) => {
    try {
      conntrack(COMMANDS.find((command) => command.includes(' -w '))!, netns)
      return true
    } catch (error) {
      if (!String(error).includes('Operation not supported')) throw error
      return false
    }
  }))
if (!hasZones)
  COMMANDS.splice(0, COMMANDS.length, ...COMMANDS.filter((command) => !/ -w |zone/.test(command)))

/** Whether this kernel tracks a protocol by what it has for ports: Linux 7.3 has no UDP-Lite any more, and GRE can be left out. */
function tracks(protocol: string, ports: string, netns: string): boolean {
  conntrack(`-I -p ${protocol} -s 10.0.0.8 -d 10.0.0.9 ${ports} -t 600`, netns)
  const [line] = printedEntries(netns)
  conntrack('-F', netns)
  return /(sport|srckey)=(0x)?7 /.test(line!)
}
const lackedProtocols = !hasTool('conntrack')
  ? []
  : await withNetns((netns) =>
      [
        ['udplite', '--sport 7 --dport 9'],
        ['gre', '--srckey 7 --dstkey 9'],
      ].flatMap(([protocol, ports]) => (tracks(protocol!, ports!, netns) ? [] : [protocol!])),
    )
COMMANDS.splice(
  0,
  COMMANDS.length,
  ...COMMANDS.filter((command) => !lackedProtocols.some((protocol) => command.includes(`-p ${protocol} `))),
)

function withEntries(work: (netns: string) => Promise<void>): Promise<void> {
  return withNetns(async (netns) => {
    for (const command of COMMANDS) conntrack(command, netns)
    await work(netns)
  })
}

/** What does not change when an entry is deleted and made again. */
function lasting({ id: _id, timeout: _timeout, use: _use, ...rest }: ConntrackEntry) {
  return rest
}

const byText = (a: ConntrackEntry, b: ConntrackEntry) =>
  JSON.stringify(lasting(a)) < JSON.stringify(lasting(b)) ? -1 : 1

/** Who deletes the entries of a filter: the kernel, which does not count them, since Linux 6.12 or ever; or we, one by one. */
type By = 'kernel' | 'newer kernel' | 'here'
type FilterCase = readonly [ConntrackFilter, By, (entry: ConntrackEntry) => boolean]

const FILTERS: readonly FilterCase[] = [
  [{}, 'kernel', () => true],
  [{ family: 'ipv6' }, 'kernel', ({ family }) => family === 'ipv6'],
  [{ mark: 7 }, 'kernel', ({ mark }) => mark === 7],
  [{ mark: 7, markMask: 0xff }, 'kernel', ({ mark }) => (mark & 0xff) === 7],
  [{ status: ['assured'] }, 'newer kernel', ({ status }) => status.includes('assured')],
  [{ statusMask: ['seen-reply'] }, 'newer kernel', ({ status }) => !status.includes('seen-reply')],
  [
    { status: ['dst-nat'], statusMask: ['dst-nat', 'src-nat'] },
    'newer kernel',
    ({ reply }) => reply.src === '172.17.0.2',
  ],
  [{ protocol: 'sctp' }, 'newer kernel', ({ original }) => original.protocol === 'sctp'],
  [
    { protocol: ['udp', 'icmp'] },
    'newer kernel',
    ({ original }) => ['udp', 'icmp'].includes(String(original.protocol)),
  ],
  [{ protocol: 'tcp', original: { dport: 80 } }, 'newer kernel', ({ original }) => original.dport === 80],
  [{ original: { dport: 80 } }, 'here', ({ original }) => original.dport === 80],
  [
    { original: { dport: { start: 54, end: 8000 } } },
    'here',
    ({ original }) => original.dport! > 53 && original.dport! <= 8000,
  ],
  [{ original: { dst: '10.0.0.3' } }, 'newer kernel', ({ original }) => original.dst === '10.0.0.3'],
  [{ original: { src: '10.1.0.0/16' } }, 'here', ({ original }) => original.src.startsWith('10.1.')],
  [{ original: { dst: '2001:db8::2' } }, 'here', ({ original }) => original.dst === '2001:db8::2'],
  [{ original: { dst: '2001:db8::2/127' } }, 'here', ({ family }) => family === 'ipv6'],
  [{ reply: { src: '172.17.0.2', sport: 5353 } }, 'here', ({ reply }) => reply.src === '172.17.0.2'],
  [
    { protocol: 'udp', reply: { dst: '172.17.0.1', dport: 4000 } },
    'newer kernel',
    ({ reply }) => reply.dst === '172.17.0.1',
  ],
  [
    {
      protocol: 'tcp',
      original: { src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 80 },
      reply: { src: '10.0.0.2' },
    },
    'here',
    ({ original }) => original.sport === 1 && original.protocol === 'tcp',
  ],
  [{ protocol: 'tcp', original: { dport: 8080 } }, 'newer kernel', () => false],
]

const ZONE_FILTERS: readonly FilterCase[] = [
  [{ zone: 5 }, 'newer kernel', ({ zone }) => zone === 5],
  [{ zone: 6 }, 'newer kernel', ({ original }) => original.zone === 6],
]

const EACH_FILTER = [
  { of: '', filters: FILTERS, lacked: false },
  { of: ' of a zone', filters: ZONE_FILTERS, lacked: !hasZones },
]

describe.skipIf(!hasTool('conntrack')).each(CONNTRACK_FACES)('connections ($face)', ({ ct }) => {
  it.for(made)(
    '%s: conntrack prints what addConntrack made, and it is read and deleted',
    ([, input, told], { skip }) =>
      withNetns(async (netns) => {
        skip(told.includes('zone') && !hasZones, 'cannot be installed: this kernel has no zones')
        const lacked = lackedProtocols.find((protocol) => told.includes(` ${protocol} `))
        skip(lacked !== undefined, `cannot be installed: this kernel does not track ${lacked}`)
        await ct.addConntrack({ ...input, netns })
        const [line, ...more] = printedEntries(netns)
        expect(more).toEqual([])
        expect(line!.replace(/ id=\d+$/, '')).toBe(told)
        const entry = await ct.getConntrack({ ...input, netns })
        // Who looks at one holds it.
        expect(asPrinted({ ...entry, use: entry.use! - 1 })).toBe(line)
        expect(entry.timeout).toBeGreaterThan(590)
        expect(await ct.getConntrack({ ...entry, original: undefined, netns })).toMatchObject({
          id: entry.id,
        })
        await ct.deleteConntrack({ ...entry, netns })
        expect(printedEntries(netns)).toEqual([])
      }),
  )

  it('reads what conntrack made, and makes it again', () =>
    withEntries(async (netns) => {
      const entries = (await ct.listConntrack({ netns })).sort(byText)
      expect(entries.map(asPrinted).sort()).toEqual(printedEntries(netns))
      expect(await ct.countConntrack({ netns })).toBe(COMMANDS.length)
      for (const entry of entries) await ct.deleteConntrack({ ...entry, netns })
      expect(printedEntries(netns)).toEqual([])
      expect(await ct.countConntrack({ netns })).toBe(0)
      for (const entry of entries) await ct.addConntrack({ ...entry, netns })
      const again = (await ct.listConntrack({ netns })).sort(byText)
      expect(again.map(lasting)).toEqual(entries.map(lasting))
      expect(again.map(asPrinted).sort()).toEqual(printedEntries(netns))
    }))

  it.for(EACH_FILTER)('lists what each filter$of lets through', ({ filters, lacked }, { skip }) =>
    withEntries(async (netns) => {
      skip(lacked, 'cannot be installed: this kernel has no zones')
      const all = (await ct.listConntrack({ netns })).sort(byText)
      for (const [filter, , expected] of filters) {
        const found = (await ct.listConntrack({ ...filter, netns })).sort(byText)
        const told = JSON.stringify(filter)
        expect(found.map(lasting), told).toEqual(all.filter(expected).map(lasting))
      }
      expect(printedEntries(netns, ' -m 7/0xff')).toEqual(
        (await ct.listConntrack({ mark: 7, markMask: 0xff, netns })).map(asPrinted).sort(),
      )
      expect(printedEntries(netns, ' -u ASSURED')).toEqual(
        (await ct.listConntrack({ status: ['assured'], netns })).map(asPrinted).sort(),
      )
    }),
  )

  it.for(EACH_FILTER)(
    'flushes what each filter$of lets through, and nothing else',
    ({ filters, lacked }, { skip }) =>
      withEntries(async (netns) => {
        skip(lacked, 'cannot be installed: this kernel has no zones')
        for (const [filter, by, expected] of filters) {
          const all = await ct.listConntrack({ netns })
          expect(all).toHaveLength(COMMANDS.length)
          const gone = all.filter(expected)
          const deleted = await ct.flushConntrack({ ...filter, netns })
          const told = JSON.stringify(filter)
          const counts = by === 'here' || (by === 'newer kernel' && !since(6, 12))
          expect(deleted, told).toBe(counts ? gone.length : null)
          const left = all.filter((entry) => !gone.includes(entry))
          expect(printedEntries(netns), told).toEqual(left.map(asPrinted).sort())
          for (const entry of gone) await ct.addConntrack({ ...entry, netns })
        }
      }),
  )

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
      await ct.updateConntrack({ ...key, helper: '' })
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

  it('counts, as conntrack -S and -C do', () =>
    withEntries(async (netns) => {
      const { entries, maxEntries, cpus } = await ct.conntrackStats({ netns })
      expect(entries).toBe(Number(conntrack('-C', netns)))
      expect(maxEntries).toBeGreaterThan(1000)
      const printed = conntrack('-S', netns)
        .split('\n')
        .filter(Boolean)
        .map((line) =>
          Object.fromEntries(
            line
              .trim()
              .split(/\s+/)
              .map((word) => word.split('=')),
          ),
        )
      expect(
        cpus.map((it) => ({
          cpu: String(it.cpu),
          found: String(it.found),
          invalid: String(it.invalid),
          insert: String(it.insert),
          insert_failed: String(it.insertFailed),
          drop: String(it.drop),
          early_drop: String(it.earlyDrop),
          error: String(it.error),
          search_restart: String(it.searchRestart),
          clash_resolve: String(it.clashResolve),
          chaintoolong: String(it.chainToolong),
        })),
      ).toEqual(printed)
      expect(cpus.reduce((sum, { insert }) => sum + insert, 0)).toBe(COMMANDS.length)
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

describe('a stream of connections', () => {
  it('has them one by one, those of several requests after another', () =>
    withNetns(async (netns) => {
      const [{ ct }] = CONNTRACK_FACES
      const range = Array.from({ length: 8000 }, (_, i) => i + 1)
      const add = (sport: number) =>
        ct.addConntrack({ original: { ...(sport % 2 ? TCP : TCP6), sport }, timeout: 600, netns })
      for (let at = 0; at < range.length; at += 100) await Promise.all(range.slice(at, at + 100).map(add))
      const ports: number[] = []
      for await (const { original } of streamConntrack({ protocol: 'tcp', netns }))
        ports.push(original.sport!)
      expect(ports.sort((a, b) => a - b)).toEqual(range)
      const stream = streamConntrack({ netns })
      for await (const { family } of stream) {
        expect(['ipv4', 'ipv6']).toContain(family)
        break
      }
      expect(await stream.next()).toEqual({ done: true, value: undefined })
      expect(await ct.flushConntrack({ original: { sport: { start: 1, end: 1000 } }, netns })).toBe(1000)
      expect(await ct.countConntrack({ netns })).toBe(7000)
    }))
})
