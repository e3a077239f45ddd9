/**
 * Lightweight tunnels. Some kernels stop for good on some of them (see checkEncap()), so that these are made under user-mode Linux and
 * QEMU alone (test/kernels): kernels of their own, whose end is that of a process.
 */

import { describe, expect, it } from 'vitest'
import { NetlinkError, type RouteEncapInput, type RouteInput, setSysctl } from '../../src/index.js'
import { noteFeature } from './feature.js'
import { IS_GUEST } from './needs.js'
import { spawnSync } from './programs.js'
import { FACES, hasKind, ip, ipJson, type Printed, withVeth } from './support.js'
import { thrown } from './thrown.js'

if (!IS_GUEST) throw new Error('lightweight tunnels are tried under user-mode Linux and QEMU alone')

function nameOf(encap: RouteEncapInput): string {
  const { type, action, srh } = encap as { type: string; action?: string; srh?: { mode?: string } }
  return [type, action ?? srh?.mode].filter((part) => part !== undefined).join(' ')
}

/** A namespace in which they can be made. */
function withTunnels(encap: RouteEncapInput, work: (netns: string) => Promise<void>): Promise<void> {
  return withVeth(async (netns) => {
    ip('address add 10.1.1.1/24 dev eth0', netns)
    ip('address add 2001:db8::1/64 dev eth0 nodad', netns)
    if ('vrftable' in encap && hasKind('vrf')) {
      ip('link add vrf0 up type vrf table 100', netns)
      await setSysctl('net.vrf.strict_mode', 1, { netns })
    }
    await work(netns)
  })
}

/** An encapsulation as `ip route` takes it: the types that one of the kernels lacks. */
function wordsOf(encap: RouteEncapInput): string[] {
  switch (encap.type) {
    case 'seg6': {
      const { mode, segments, hmac } = encap.srh!
      return `seg6 mode ${mode} segs ${segments.join(',')}${hmac ? ` hmac ${hmac}` : ''}`.split(' ')
    }
    case 'seg6local': {
      const { type, srh, counters, ...scalars } = encap
      const words = Object.entries(scalars).flatMap(([key, value]) => [key, String(value)])
      return [
        type,
        ...words,
        ...(srh ? ['srh', 'segs', srh.segments.join(',')] : []),
        ...(counters ? ['count'] : []),
      ]
    }
    case 'xfrm':
      return ['xfrm', 'if_id', String(encap.ifId)]
    case 'rpl':
      return ['rpl', 'segs', encap.srh!.join(',')]
    case 'ioam6':
      return 'ioam6 freq 1/3 mode encap tundst 2001:db8::2 trace prealloc type 0x800000 ns 1 size 12'.split(
        ' ',
      )
    default:
      throw new Error(`the kernels have encapsulation ${encap.type}`)
  }
}

const V4 = { to: '10.9.0.0/24', dev: 'eth0' }
const V6 = { to: '2001:db8:9::/48', dev: 'eth0' }

interface Case {
  route: RouteInput
  /** What ip prints of it. */
  told: Printed
}

const SEGMENTS = ['2001:db8::7', '2001:db8::8']

/** What ip prints is what was given, where `told` does not say otherwise. */
function local(
  attributes: Omit<Extract<RouteEncapInput, { type: 'seg6local' }>, 'type'>,
  told: Printed = {},
): Case {
  const scalars = Object.entries(attributes).filter(([, value]) => typeof value !== 'object')
  return {
    route: { ...V6, encap: { type: 'seg6local', ...attributes } },
    told: { encap: 'seg6local', ...Object.fromEntries(scalars), ...told },
  }
}

const CASES: Case[] = [
  {
    route: { ...V4, via: '10.1.1.2', encap: { type: 'mpls', dst: [100, 200] } },
    // ip prints `dst` twice in one object, the destination and the labels.
    told: { encap: 'mpls', dst: '100/200' },
  },
  {
    route: {
      ...V4,
      encap: { type: 'ip', id: 42n, dst: '10.0.0.2', src: '10.0.0.1', ttl: 64, tos: 16, flags: ['key'] },
    },
    told: { encap: 'ip', id: 42, src: '10.0.0.1', dst: '10.0.0.2', ttl: 64, tos: 16, key: true },
  },
  {
    route: {
      ...V6,
      encap: { type: 'ip6', id: 42n, dst: '2001:db8::2', src: '::', hoplimit: 64, tc: 0, flags: ['csum'] },
    },
    told: { encap: 'ip6', id: 42, dst: '2001:db8::2', hoplimit: 64, csum: true },
  },
  {
    route: {
      ...V6,
      encap: { type: 'seg6', srh: { mode: 'encap', segments: ['2001:db8::7', '2001:db8::8'] } },
    },
    told: { encap: 'seg6', mode: 'encap', segs: ['2001:db8::7', '2001:db8::8'] },
  },
  ...(['l2encap', 'encap.red', 'l2encap.red'] as const).map((mode) => ({
    route: { ...V6, encap: { type: 'seg6' as const, srh: { mode, segments: SEGMENTS } } },
    told: { encap: 'seg6', mode },
  })),
  {
    route: { ...V4, encap: { type: 'seg6', srh: { mode: 'encap', segments: SEGMENTS, hmac: 5 } } },
    told: { encap: 'seg6', mode: 'encap', hmac: '0x5' },
  },
  {
    route: { ...V6, encap: { type: 'seg6', srh: { mode: 'inline', segments: ['2001:db8::7'] } } },
    told: { encap: 'seg6', mode: 'inline' },
  },
  ...[
    local({ action: 'End' }),
    local({ action: 'End', counters: { packets: 0n, bytes: 0n, errors: 0n } }, { action: 'End' }),
    local({ action: 'End.X', nh6: '2001:db8::7' }),
    local({ action: 'End.T', table: 254 }, { table: 'main' }),
    local({ action: 'End.DX2', oif: 'eth1' }),
    local({ action: 'End.DX6', nh6: '2001:db8::7' }),
    local({ action: 'End.DX4', nh4: '10.1.1.2' }),
    local({ action: 'End.DT6', table: 254 }, { table: 'main' }),
    local({ action: 'End.DT6', vrftable: 100 }, { vrftable: '100' }),
    local({ action: 'End.DT4', vrftable: 100 }, { vrftable: '100' }),
    local({ action: 'End.DT46', vrftable: 100 }, { vrftable: '100' }),
    local({ action: 'End.B6', srh: { segments: SEGMENTS } }, { action: 'End.B6' }),
    local({ action: 'End.B6.Encaps', srh: { segments: SEGMENTS } }, { action: 'End.B6.Encaps' }),
  ],
  {
    route: { ...V6, encap: { type: 'xfrm', ifId: 5 } },
    told: { encap: 'xfrm', if_id: 5 },
  },
  {
    route: { ...V6, encap: { type: 'rpl', srh: ['2001:db8::7', '2001:db8::8'] } },
    told: { encap: 'rpl' },
  },
  {
    route: {
      ...V6,
      encap: {
        type: 'ioam6',
        mode: 'encap',
        dst: '2001:db8::2',
        trace: { type: 0x800000, namespace: 1, size: 12 },
        freqK: 1,
        freqN: 3,
      },
    },
    told: { encap: 'ioam6' },
  },
]

const asRead = (encap: NonNullable<RouteInput['encap']>) => ({
  ...encap,
  ...('oif' in encap && { oif: 11 }),
})

describe.each(FACES)('lightweight tunnels, $face', ({ nl }) => {
  it.for(CASES)('$route.encap.type: $route.encap', ({ route, told }, context) => {
    const name = nameOf(route.encap!)
    return withTunnels(route.encap!, async (netns) => {
      const refused = await refusal(() => nl.addRoute({ ...route, netns }))
      noteFeature(context, { group: 'encapsulation', name, lacks: refused !== null })
      if (refused !== null) {
        expect(refused.advice).toContain(`the kernel lacks encapsulation '${route.encap!.type}' of routes`)
        expect(await nl.listRoutes({ to: route.to, netns })).toEqual([])
        const family = route.to.includes(':') ? 'ipv6' : 'ipv4'
        const nexthop = { id: 1, family, dev: 'eth0', encap: route.encap, netns } as const
        expect((await refusal(() => nl.addNexthop(nexthop)))?.advice).toBe(refused.advice)
        // That is so because the kernel lacks it, and not because of what we sent.
        const words = [
          '-n',
          netns,
          'route',
          'add',
          route.to,
          'encap',
          ...wordsOf(route.encap!),
          'dev',
          'eth0',
        ]
        const { status, stderr } = spawnSync('ip', words)
        expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(REFUSED) })
        return
      }
      const family = route.to.includes(':') ? '-6' : '-4'
      const [printed] = ipJson(`${family} route show ${route.to}`, netns)
      expect(printed).toMatchObject(told)
      const [listed] = await nl.listRoutes({ to: route.to, netns })
      expect(listed).toMatchObject({ encap: asRead(route.encap!) })
      await nl.deleteRoute({ ...listed!, netns })
      expect(await nl.listRoutes({ to: route.to, netns })).toEqual([])
    })
  })

  it.each([
    [{}, 'EINVAL', "one of type 'bpf' needs a program: in, out or xmit"],
    [{ in: { fd: 9999, name: 'none' } }, 'EBADF', 'perhaps encap.in.fd: 9999 is no descriptor'],
    [{ out: { fd: 0, name: 'none' } }, 'EINVAL', 'perhaps encap.out.fd: 0 is no descriptor'],
    [{ xmit: { name: 'none' } }, 'EINVAL', 'encap.xmit: it needs the fd of a program, and a name'],
    [{ xmitHeadroom: 256 }, 'EINVAL', "one of type 'bpf' needs a program"],
  ])('of programs that are none: %j', (programs, code, advice) => {
    const encap = { type: 'bpf', ...programs } as const
    return withTunnels(encap, async (netns) => {
      const route = { to: '10.9.0.0/16', dev: 'eth0', encap, netns } as const
      const error = await thrown(() => nl.addRoute(route))
      const lacks = error instanceof NetlinkError && REFUSED.test(error.message)
      expect(error).toMatchObject(
        lacks
          ? { advice: expect.stringContaining("the kernel lacks encapsulation 'bpf' of routes") }
          : { code, advice: expect.stringContaining(advice) },
      )
      expect(await nl.listRoutes({ to: route.to, netns })).toEqual([])
    })
  })
})

/** What is said of a tunnel that a kernel lacks, by the library and by ip. */
const REFUSED = /not supported|Unknown lwt encapsulation type/

/** What a kernel says that lacks a tunnel; null where it has it. */
async function refusal(call: () => unknown): Promise<NetlinkError | null> {
  try {
    await call()
    return null
  } catch (error) {
    if (error instanceof NetlinkError && REFUSED.test(error.message)) return error
    throw error
  }
}
