/** Control groups by their paths, with nft(8) and packets of processes inside and outside. */

import { mkdirSync, rmdirSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accept, counter, meta, rule, socket } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn } from './nft-support.js'
import { execFileSync, spawnSync } from './programs.js'
import { hasTool, isRoot, withNetns } from './support.js'

needNftables()

const CGROUPS = '/sys/fs/cgroup'
const name = `netlink-ts-${process.pid}`
const inT = { family: 'inet', table: 't' } as const
const inC = { ...inT, chain: 'c' } as const

const mounted = spawnSync('mount', ['-t', 'cgroup2', 'cgroup2', CGROUPS])
const made = spawnSync('mkdir', ['-p', `${CGROUPS}/${name}/inner`])
const isPossible = made.status === 0
const refused = `${mounted.stderr}${made.stderr}`.trim()

beforeAll(() => {
  if (isPossible) mkdirSync(`${CGROUPS}/${name}/other`)
})
afterAll(() => {
  if (isPossible) for (const path of ['inner', 'other', '']) rmdirSync(`${CGROUPS}/${name}/${path}`)
  if (mounted.status === 0) spawnSync('umount', [CGROUPS])
})

/** Runs a command in a network namespace alone: `ip netns exec` would mount another /sys, without control groups. */
function inNetns(netns: string, ...command: string[]): string {
  return execFileSync('nsenter', [`--net=/run/netns/${netns}`, ...command])
}

/** Sends one UDP packet to the machine itself from within a control group. */
function sendFrom(netns: string, cgroup: string): void {
  const script = 'echo $$ >"$1/cgroup.procs" && exec bash -c "echo x >/dev/udp/127.0.0.1/9"'
  inNetns(netns, 'sh', '-c', script, 'sh', `${CGROUPS}/${cgroup}`)
}

/** What even root cannot help: a container with control groups that are not its own. */
const BEYOND_ROOT = /read-only file system|permission denied|operation not permitted/i

if (!isRoot())
  it('belong to the machine, so that an ordinary user may make none', () => {
    expect(isPossible).toBe(false)
    expect(refused).toMatch(/permission denied/i)
  })
else
  describe.each(NFT_FACES)('getCgroupId ($face)', ({ nft }) => {
    beforeEach(({ skip }) => {
      skip(!isPossible && BEYOND_ROOT.test(refused), `no control group can be made: ${refused}`)
      expect(isPossible, refused).toBe(true)
    })

    it.skipIf(!hasTool('nft'))('is what nft takes from the path', () =>
      withNetns(async (netns) => {
        nftIn(netns, 'add table inet t; add chain inet t c')
        inNetns(netns, 'nft', `add rule inet t c socket cgroupv2 level 2 "${name}/inner" accept`)
        const shown = () => inNetns(netns, 'nft', 'list ruleset')
        expect(shown()).toContain(`socket cgroupv2 level 2 "${name}/inner" accept`)
        const before = shown()
        const id = await nft.getCgroupId(`${name}/inner`)
        expect(await nft.getCgroupId(`${CGROUPS}/${name}/inner`)).toBe(id)
        const [theirs] = await nft.listRules({ ...inC, netns })
        await nft.transaction(
          (tx) =>
            tx.replaceRule({ ...inC, handle: theirs!.handle, rule: rule(socket.cgroupv2(2)(id), accept()) }),
          { netns },
        )
        const [ours] = await nft.listRules({ ...inC, netns })
        expect(ours!.expressions).toEqual(theirs!.expressions)
        expect(shown()).toBe(before)
      }),
    )

    it('counts what the processes of a group send, and what those of the groups in it do', () =>
      withNetns(async (netns) => {
        const [whole, inner] = [await nft.getCgroupId(name), await nft.getCgroupId(`${name}/inner`)]
        await nft.transaction(
          (tx) => {
            tx.addTable({ family: 'inet', name: 't' })
            tx.addChain({ ...inT, name: 'c', type: 'filter', hook: 'output', priority: 'filter' })
            tx.addRule({ ...inC, rule: rule(meta.l4proto('udp'), socket.cgroupv2(1)(whole), counter()) })
            tx.addRule({ ...inC, rule: rule(meta.l4proto('udp'), socket.cgroupv2(2)(inner), counter()) })
          },
          { netns },
        )
        for (const from of [`${name}/inner`, `${name}/other`, '.']) sendFrom(netns, from)
        const rules = await nft.listRules({ ...inC, netns })
        const packets = rules.map(
          ({ expressions }) => expressions.find((one) => one.name === 'counter')?.data,
        )
        expect(packets).toMatchObject([{ packets: 2n }, { packets: 1n }])
      }))

    it('one that there is not', async () => {
      await expect(async () => nft.getCgroupId('none')).rejects.toMatchObject({
        code: 'ENOENT',
        message: expect.stringContaining(`${CGROUPS}/none`),
      })
      await expect(async () => nft.getCgroupId('/etc')).rejects.toMatchObject({ code: 'ENOENT' })
    })
  })
