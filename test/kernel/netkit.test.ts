/** netkit beside an ip that knows its options (6.12 and newer); the ip of Debian 12 does not. NETLINK_IP names one. */

import { beforeEach, describe, expect, it } from 'vitest'
import { expectDataLikeIp, namesIn } from './link-oracle.js'
import { expectRefused, noKind } from './needs.js'
import { execFileSync, spawnSync } from './programs.js'
import { FACES, hasKind, type Printed, withNetns } from './support.js'

const IP = process.env['NETLINK_IP'] || 'ip'

/** Runs that ip in a namespace. */
function newIp(args: string, netns: string): string {
  return execFileSync(IP, ['-n', netns, ...args.split(' ')])
}

/** What it prints of the data of a link. */
function printed(name: string, netns: string): Printed {
  const [link] = JSON.parse(newIp(`-j -d link show dev ${name}`, netns)) as Printed[]
  return link!['linkinfo'].info_data as Printed
}

const CASES = [
  {
    options: { peer: { name: 'nk1' } },
    ip: '',
    told: { mode: 'l3', policy: 'forward', peer_policy: 'forward' },
  },
  {
    options: { peer: { name: 'nk1' }, mode: 'l2', policy: 'blackhole' },
    ip: 'mode l2 blackhole',
    told: { mode: 'l2', policy: 'blackhole', peer_policy: 'forward' },
  },
  {
    options: { peer: { name: 'nk1' }, mode: 'l3', peerPolicy: 'blackhole', scrub: 'none' },
    ip: 'mode l3 forward scrub none peer blackhole',
    told: { mode: 'l3', policy: 'forward', peer_policy: 'blackhole' },
  },
  {
    options: { peer: { name: 'nk1' }, peerScrub: 'none' },
    ip: 'peer scrub none',
    told: { policy: 'forward', peer_policy: 'forward' },
  },
] as const

if (!hasKind('netkit')) {
  describe.each(FACES)('a netkit pair of a kernel without them ($face)', ({ nl }) => {
    it.for(CASES)('is refused: $options', ({ options }) =>
      withNetns(async (netns) => {
        const link = { name: 'main0', kind: 'netkit', ...options, netns } as const
        await expectRefused(() => nl.createLink(link), noKind('netkit'))
        expect(namesIn(netns)).toEqual([])
      }),
    )
  })
} else {
  beforeEach(({ skip }) => {
    const help = spawnSync(IP, ['link', 'help', 'netkit'])
    skip(!`${help.stdout}${help.stderr}`.includes('SCRUB'), 'not installed: iproute2 from 6.12 on')
  })

  describe.each(FACES)('a netkit pair ($face)', ({ nl }) => {
    it.for(CASES)('is to ip what ip makes itself: "$ip"', ({ options, ip, told }) =>
      // ip leaves the name of the peer to the kernel: nk0.
      withNetns((ours) =>
        withNetns(async (theirs) => {
          await nl.createLink({ name: 'main0', kind: 'netkit', ...options, netns: ours })
          newIp(`link add main0 type netkit ${ip}`.trim(), theirs)
          expect(printed('main0', ours)).toMatchObject({ type: 'primary', ...told })
          for (const [mine, its] of [
            ['main0', 'main0'],
            ['nk1', 'nk0'],
          ] as const) {
            expect(printed(mine, ours)).toEqual(printed(its, theirs))
            for (const [name, netns] of [
              [mine, ours],
              [its, theirs],
            ] as const) {
              const link = await nl.getLink(name, { netns })
              expectDataLikeIp('netkit', link.data, printed(name, netns), () => undefined)
            }
          }
        }),
      ),
    )

    it('is changed: ip prints it', () =>
      withNetns(async (netns) => {
        newIp('link add main0 type netkit peer name nk1', netns)
        await nl.setLink('main0', { kind: 'netkit', policy: 'blackhole', netns })
        expect(printed('main0', netns)).toMatchObject({ policy: 'blackhole', peer_policy: 'forward' })
        expect(printed('nk1', netns)).toMatchObject({
          type: 'peer',
          policy: 'forward',
          peer_policy: 'blackhole',
        })
        newIp('link set main0 type netkit forward', netns)
        expect((await nl.getLink('main0', { netns })).data).toMatchObject({ policy: 'forward' })
      }))
  })
}
