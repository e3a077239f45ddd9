/** What is set or made by other means than netlink and read here: TUN and TAP devices, BPF programs. */

import { accessSync, constants } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as promises from '../../src/index.js'
import { isKind } from '../../src/index.js'
import { noteFeature } from './feature.js'
import { expectAllLikeIp, printedLink } from './link-oracle.js'
import { lines, program } from './program.js'
import { ip, withNetns, withVeth } from './support.js'

function canOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

describe('TUN and TAP devices', () => {
  it('are read as ip made them', (context) => {
    noteFeature(context, { group: 'kind', name: 'tun', lacks: !canOpen('/dev/net/tun') })
    context.skip(!canOpen('/dev/net/tun'), 'cannot be installed: this user may not open /dev/net/tun')
    return withNetns(async (netns) => {
      ip('tuntap add dev tun0 mode tun user 54321 group 54322 pi', netns)
      ip('tuntap add dev tap0 mode tap multi_queue vnet_hdr', netns)
      const links = await expectAllLikeIp(
        async () => promises.listLinks({ include: ['afSpec'], netns }),
        netns,
      )
      const tun = links.find(({ name }) => name === 'tun0')!
      expect(isKind(tun, 'tun') && tun.data).toMatchObject({
        owner: 54321,
        group: 54322,
        type: 'tun',
        pi: true,
        persist: true,
      })
      await promises.deleteLink('tap0', { netns })
      await promises.deleteLink('tun0', { netns })
    })
  })
})

/** Loads the smallest XDP program (r0 = XDP_PASS; exit) and runs a command with its descriptor in PROG_FD; 77 where it may not. */
const LOADER = `
import ctypes, os, platform, struct, sys
number = {'x86_64': 321, 'aarch64': 280}[platform.machine()]
code = ctypes.create_string_buffer(struct.pack('<BBhi', 0xb7, 0, 0, 2) + struct.pack('<BBhi', 0x95, 0, 0, 0))
license = ctypes.create_string_buffer(b'GPL')
attr = ctypes.create_string_buffer(struct.pack('<IIQQ', 6, 2, ctypes.addressof(code), ctypes.addressof(license)), 128)
fd = ctypes.CDLL(None, use_errno=True).syscall(number, 5, attr, 128)
if fd < 0: sys.exit(77)
os.set_inheritable(fd, True)
os.environ['PROG_FD'] = str(fd)
os.execvp(sys.argv[1], sys.argv[1:])
`
const LOADED = ['python3', '-c', LOADER]

async function canLoad(): Promise<boolean> {
  return await lines([...LOADED, 'true']).then(
    () => true,
    () => false,
  )
}

describe('XDP programs', () => {
  it('are attached, replaced and taken away', async (context) => {
    context.skip(!(await canLoad()), 'cannot be installed: this user may not load BPF programs')
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
      `
      const [attached, busy, replaced] = (await lines(program(source, { wrapper: LOADED }))) as [
        { mode: string; progId: number },
        { code: string },
        unknown,
      ]
      expect(attached).toMatchObject({ mode: 'generic', progId: expect.any(Number) })
      expect(replaced).toEqual(attached)
      expect(busy.code).toBe('EBUSY')
      // IFLA_XDP outlives the program that attached it.
      expect(printedLink('eth0', netns)['xdp']).toMatchObject({ prog: { id: attached.progId } })
      await promises.setLink('eth0', { xdp: null, netns })
      expect((await promises.getLink('eth0', { netns })).xdp).toBeNull()
      expect(printedLink('eth0', netns)).not.toHaveProperty('xdp')
    })
  })
})
