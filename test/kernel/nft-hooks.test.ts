/** listHooks() against `nft list hooks`; where the kernel does not tell its hooks nft prints nothing, and ours says why. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NftHookFunction } from '../../src/nftables.js'
import { expectRefused, hasHooks, NO_HOOKS, needNftables, since } from './needs.js'
import { acceptsNft, NFT_FACES, nftIn } from './nft-support.js'
import { execFileSync, spawnSync } from './programs.js'
import { hasTool, ip, withNetns } from './support.js'

needNftables()

const RULES = `add table inet t
  add chain inet t in { type filter hook input priority 7; }
  add chain inet t nat { type nat hook postrouting priority srcnat; }
  add table arp a
  add chain arp a in { type filter hook input priority -1; }
  add table bridge b
  add chain bridge b on { type filter hook forward priority -200; }
  add table netdev d
  add chain netdev d first { type filter hook ingress device "eth0" priority -5; }
  add chain inet t second { type filter hook ingress device "eth0" priority 5; }`
const FLOWTABLE = 'add flowtable inet t f { hook ingress priority 3; devices = { eth0 }; }'

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('hooks of the kernel ($face)', ({ nft }) => {
  it('are those that nft lists, of all families and of a device', () =>
    withNetns(async (netns) => {
      ip('link add eth0 type veth peer name eth1', netns)
      nftIn(netns, RULES)
      const flows = acceptsNft(netns, FLOWTABLE) ? [[3, 'eth0']] : []
      if (!hasHooks()) return await expectRefused(() => nft.listHooks({ netns }), NO_HOOKS)

      const all = await nft.listHooks({ netns })
      expect(all.length).toBeGreaterThan(4)
      for (const family of ['ip', 'ip6', 'arp', 'bridge'])
        expectListed(
          all.filter((one) => one.family === family),
          nftIn(netns, `list hooks ${family}`),
        )
      const ofDevice = await nft.listHooks({ device: 'eth0', hook: 'ingress', netns })
      expectListed(ofDevice, nftIn(netns, 'list hooks netdev device eth0'))
      expect(ofDevice.map(({ priority, device }) => [priority, device])).toEqual([
        [-5, 'eth0'],
        ...flows,
        [5, 'eth0'],
      ])
      const ofFlows = ofDevice.filter(({ priority }) => priority === 3)
      const flowtable = since(6, 17) ? { family: 'inet', table: 't', name: 'f' } : null
      expect(ofFlows.map((one) => one.flowtable)).toEqual(flows.map(() => flowtable))
      expect(ofDevice.at(-1)).toMatchObject({
        ...{ family: 'netdev', hook: 'ingress', flowtable: null, bpf: null },
        chain: { family: 'inet', table: 't', name: 'second' },
      })
      for (const family of ['ip', 'ip6'] as const)
        expect(await nft.listHooks({ family, hook: 'input', netns })).toEqual(
          all.filter((one) => one.family === family && one.hook === 'input'),
        )
      expect(await nft.listHooks({ device: 'eth1', netns })).toEqual([])
      await expect(async () => nft.listHooks({ device: 'none', netns })).rejects.toMatchObject({
        code: 'ENODEV',
        advice: "there is no interface 'none'",
      })
      nftIn(netns, 'flush ruleset')
      expect((await nft.listHooks({ netns })).filter(({ chain }) => chain !== null)).toEqual([])
    }))
})

describe.each(NFT_FACES)('BPF programs at hooks ($face)', ({ nft }) => {
  let directory: string
  let attach: string
  beforeAll(() => {
    if (!hasTool('cc')) return
    directory = mkdtempSync(join(tmpdir(), 'netlink-ts-bpf-'))
    attach = join(directory, 'netfilter-bpf')
    execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-o', attach, 'test/kernel/netfilter-bpf.c'])
  })
  afterAll(() => directory && rmSync(directory, { recursive: true }))

  it('are told by their number, as long as they are attached', ({ skip }) => {
    skip(!hasTool('cc'), 'not installed: a C compiler')
    skip(!hasHooks(), 'cannot be installed: this kernel does not tell its hooks')
    const { status } = spawnSync('unshare', ['-n', attach])
    skip(
      status === LACKS_BPF,
      'cannot be installed: no BPF programs at hooks of this kernel, or not from this user',
    )
    return withNetns(async (netns) => {
      const program = spawn('ip', ['netns', 'exec', netns, attach], { stdio: ['pipe', 'pipe', 'inherit'] })
      const ended = once(program, 'close')
      const attached = async () =>
        (await nft.listHooks({ family: 'ip', hook: 'input', netns })).filter(({ bpf }) => bpf !== null)
      try {
        const [id] = await once(program.stdout, 'data')
        expect(await attached()).toMatchObject([
          { family: 'ip', hook: 'input', priority: -5, bpf: Number(id), chain: null, flowtable: null },
        ])
      } finally {
        program.stdin.end()
      }
      expect(await ended).toEqual([0, null])
      expect(await attached()).toEqual([])
    })
  })
})

/** What netfilter-bpf.c ends with where the kernel has none. */
const LACKS_BPF = 77

function expectListed(functions: readonly NftHookFunction[], printed: string): void {
  expect(linesOf(functions, printed.includes(' flowtable '))).toEqual(inLines(printed))
}

/** Each as nft prints it, below its family and hook; where it knows no flowtables it prints their function. */
function linesOf(functions: readonly NftHookFunction[], knowsFlowtables: boolean): string[] {
  return functions
    .map(({ family, hook, priority, chain, flowtable, ...one }) => {
      const what = chain
        ? `chain ${chain.family} ${chain.table} ${chain.name}`
        : flowtable && knowsFlowtables
          ? `flowtable ${flowtable.family} ${flowtable.table} ${flowtable.name}`
          : one.function
      // A kernel with nf_tables built in names no module for chains either.
      const where = one.module === null ? '' : ` [${one.module}]`
      return `${family} ${hook} ${priority} ${what}${where}`
    })
    .sort()
}

function inLines(printed: string): string[] {
  let family = ''
  let hook = ''
  const lines: string[] = []
  for (const line of printed.split('\n')) {
    const [, head, name] = /^\s*(family|hook) (\w+)/.exec(line) ?? []
    const [, sign, number, what] = /^\s*([-+ ]?)(\d{10}) (.*)$/.exec(line) ?? []
    if (head === 'family') family = name!
    else if (head === 'hook') hook = name!
    else if (what !== undefined) lines.push(`${family} ${hook} ${Number(`${sign}${number}`)} ${what}`)
  }
  return lines.sort()
}
