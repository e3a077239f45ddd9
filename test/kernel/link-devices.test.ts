/** What is made by other means than netlink and set here: BPF programs. */

import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SetXdp } from '../../src/index.js'
import * as promises from '../../src/index.js'
import { xdpModes } from '../../src/rtnetlink/link/xdp.js'
import { printedLink } from './link-oracle.js'
import { expectRefused } from './needs.js'
import { openPrograms } from './open-descriptors.js'
import { lines, program } from './program.js'
import { FACES, hasTool, ip, isRoot, withVeth } from './support.js'

/**
 * Loads the smallest program (r0 = XDP_PASS; exit), of XDP or of the type PROG_TYPE, pins it at PROG_PIN where that is given, and runs a
 * command with its descriptor in PROG_FD.
 */
const LOADER = `
import ctypes, errno, os, platform, struct, sys
kind = int(os.environ.get('PROG_TYPE', '6'))
number = {'x86_64': 321, 'aarch64': 280}[platform.machine()]
code = ctypes.create_string_buffer(struct.pack('<BBhi', 0xb7, 0, 0, 2) + struct.pack('<BBhi', 0x95, 0, 0, 0))
license = ctypes.create_string_buffer(b'GPL')
attr = ctypes.create_string_buffer(struct.pack('<IIQQ', kind, 2, ctypes.addressof(code), ctypes.addressof(license)), 128)
def bpf(command, attr):
    answer = ctypes.CDLL(None, use_errno=True).syscall(number, command, attr, 128)
    if answer < 0: sys.exit(errno.errorcode[ctypes.get_errno()])
    return answer
fd = bpf(5, attr)
if 'PROG_PIN' in os.environ:
    path = ctypes.create_string_buffer(os.environ['PROG_PIN'].encode())
    bpf(6, ctypes.create_string_buffer(struct.pack('<QI', ctypes.addressof(path), fd), 128))
os.set_inheritable(fd, True)
os.environ['PROG_FD'] = str(fd)
os.execvp(sys.argv[1], sys.argv[1:])
`
const LOADED = ['python3', '-c', LOADER]

/** Why none can be loaded; empty where one can. */
function whyNot(environment: Readonly<Record<string, string>> = {}): string {
  const env = { ...process.env, ...environment }
  return spawnSync('python3', ['-c', LOADER, 'true'], { encoding: 'utf8', env })
    .stderr.trim()
    .split('\n')
    .at(-1)!
}

/** What even root cannot help: no bpf(2), a container without the capability, a processor that the loader does not know. */
const BEYOND_ROOT = /^(ENOSYS|EPERM|KeyError.*)$/

describe('XDP programs', () => {
  if (!isRoot())
    // kernel.unprivileged_bpf_disabled
    it('are not loaded by an ordinary user', (context) => {
      context.skip(!hasTool('python3'), 'not installed: python3')
      expect(whyNot()).toBe('EPERM')
    })
  else
    it('are attached, replaced and taken away', async (context) => {
      context.skip(!hasTool('python3'), 'not installed: python3')
      const why = whyNot()
      context.skip(BEYOND_ROOT.test(why), `no XDP program can be loaded: ${why}`)
      expect(why).toBe('')
      await withVeth(async (netns) => {
        const source = `
        const fd = Number(process.env.PROG_FD)
        const netns = '${netns}'
        const xdp = { fd, flags: ['generic'] }
        await nl.setLink('eth0', { xdp, netns })
        print((await nl.getLink('eth0', { netns })).xdp)
        print(await caught(() => nl.setLink('eth0', { xdp: { fd, flags: ['generic', 'update_if_noexist'] }, netns })))
        sync.setLink('eth0', { xdp: { fd, flags: ['generic', 'replace'], expectedFd: fd }, netns })
        print(sync.getLink('eth0', { netns }).xdp)
        const expectedFd = fs.openSync('/dev/null')
        print(await caught(() => nl.setLink('eth0', { xdp: { fd, flags: ['generic', 'replace'], expectedFd }, netns })))
      `
        const [attached, busy, replaced, unexpected] = (await lines(
          program(source, { wrapper: LOADED }),
        )) as [promises.LinkXdp, { code: string }, unknown, { code: string; message: string }]
        expect(attached).toMatchObject({ mode: 'generic', progId: expect.any(Number) })
        expect(replaced).toEqual(attached)
        expect(busy.code).toBe('EBUSY')
        expect(unexpected.code).toBe('EINVAL')
        expect(unexpected.message).toMatch(
          /perhaps xdp.fd: \d+ or xdp.expectedFd: \d+ is no descriptor of an XDP/,
        )
        // IFLA_XDP outlives the program that attached it.
        const printed = printedLink('eth0', netns)['xdp'] as {
          attached: { mode: number; prog: { id: number } }[]
        }
        expect(printed).toMatchObject({ prog: { id: attached.progId } })
        expect(
          attached.attached.map(({ mode, progId }) => ({ mode: xdpModes.toNumber(mode), id: progId })),
        ).toEqual(printed.attached.map(({ mode, prog }) => ({ mode, id: prog.id })))
        await promises.setLink('eth0', { xdp: null, netns })
        expect((await promises.getLink('eth0', { netns })).xdp).toBeNull()
        expect(printedLink('eth0', netns)).not.toHaveProperty('xdp')
      })
    })

  if (isRoot())
    it.for(FACES)('that are pinned are attached by their path, $face', async ({ nl }, context) => {
      context.skip(!hasTool('python3'), 'not installed: python3')
      const directory = mkdtempSync('/run/bpf-')
      execFileSync('mount', ['-t', 'bpf', 'none', directory])
      const pinned = `${directory}/program`
      try {
        const why = whyNot({ PROG_PIN: pinned })
        context.skip(BEYOND_ROOT.test(why), `no XDP program can be loaded: ${why}`)
        expect([why, whyNot({ PROG_PIN: `${directory}/filter`, PROG_TYPE: '1' })]).toEqual(['', ''])
        await withVeth(async (netns) => {
          expect(openPrograms()).toBe(0)
          await nl.setLink('eth0', { xdp: { pinned, flags: ['generic'] }, netns })
          ip(`link set eth1 xdpgeneric pinned ${pinned}`, netns)
          const [ours, theirs] = ['eth0', 'eth1'].map((dev) => printedLink(dev, netns)['xdp'])
          expect(ours).toMatchObject({ prog: { id: expect.any(Number) } })
          expect(ours).toEqual(theirs)
          const busy = { xdp: { pinned, flags: ['generic', 'update_if_noexist'] as const }, netns }
          await expect(async () => nl.setLink('eth0', busy)).rejects.toMatchObject({ code: 'EBUSY' })
          const [result] = await nl.batch((b) => b.setLink('eth0', { xdp: { pinned, flags: ['generic'] } }), {
            netns,
          })
          expect(result).toMatchObject({ status: 'fulfilled' })
          for (const [path, code, advice] of [
            [`${directory}/nothing`, 'ENOENT', 'nothing is pinned there'],
            ['/dev/null', 'EACCES', 'it is no object of a BPF filesystem'],
            [`${directory}/filter`, 'EINVAL', `perhaps xdp.pinned: '${directory}/filter' is no XDP program`],
          ] as const)
            await expectRefused(
              () => nl.setLink('eth0', { xdp: { pinned: path, flags: ['generic'] }, netns }),
              {
                code,
                advice,
              },
            )
          expect(printedLink('eth0', netns)['xdp']).toEqual(ours)
          expect(openPrograms()).toBe(0)
        })
      } finally {
        execFileSync('umount', [directory])
        rmdirSync(directory)
      }
    })

  it.each(FACES)('are told from other descriptors, $face', ({ nl }) =>
    withVeth(async (netns) => {
      const file = openSync('/dev/null', 'r')
      try {
        for (const [fd, code] of [
          [file, 'EINVAL'],
          [1_000_000, 'EBADF'],
        ] as const) {
          const xdp = { fd, flags: ['generic'] as const }
          const set = (changes: { xdp: SetXdp; master?: number }) => () =>
            nl.setLink('eth0', { ...changes, netns })
          await expectRefused(set({ xdp }), {
            code,
            advice: `perhaps xdp.fd: ${fd} is no descriptor of an XDP program`,
          })
          await expectRefused(set({ xdp: { fd, flags: ['generic', 'replace'], expectedFd: file } }), {
            code,
            advice: `perhaps xdp.fd: ${fd} or xdp.expectedFd: ${file} is no descriptor of an XDP program`,
          })
          await expectRefused(set({ xdp, master: 4242 }), {
            code: 'EINVAL',
            advice: 'found by looking: interface 4242 is not there',
          })
        }
      } finally {
        closeSync(file)
      }
      expect(printedLink('eth0', netns)).not.toHaveProperty('xdp')
    }),
  )
})
