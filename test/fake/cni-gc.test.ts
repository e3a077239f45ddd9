/** GC of docs/examples/cni where the kernel refuses some of it. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { handle } from '../../docs/examples/cni/handle.js'
import { networkTag, portName, tagOf } from '../../docs/examples/cni/tag.js'

const kernel = vi.hoisted(() => ({
  listLinks: vi.fn(),
  deleteLink: vi.fn(),
  listTables: vi.fn(),
  listChains: vi.fn(),
  listNat: vi.fn(),
}))
vi.mock('netlink-ts', async (original) => ({
  ...(await original<object>()),
  listLinks: kernel.listLinks,
  deleteLink: kernel.deleteLink,
}))
vi.mock('netlink-ts/nftables', async (original) => ({
  ...(await original<object>()),
  listTables: kernel.listTables,
  listChains: kernel.listChains,
  listNat: kernel.listNat,
}))

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-'))
  mkdirSync(join(dataDir, 'net1'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const gc = () => {
  const ipam = { type: 'host-local', dataDir, subnet: '10.22.0.0/24' }
  const config = { cniVersion: '1.1.0', name: 'net1', type: 'bridge', ipam, 'cni.dev/valid-attachments': [] }
  return handle({ CNI_COMMAND: 'GC' }, JSON.stringify(config))
}

it('what GC cannot take is told once, and keeps it from nothing else', async () => {
  const owner = { containerID: 'c1', ifname: 'eth0' }
  writeFileSync(join(dataDir, 'net1/10.22.0.2'), 'c1\r\neth0')
  writeFileSync(join(dataDir, 'net1/10.22.0.3'), 'c2\r\neth0')
  const port = { name: portName('net1', owner), alias: tagOf('net1', owner), master: 1 }
  kernel.listLinks.mockImplementation(({ kind }) => Promise.resolve(kind === 'veth' ? [port] : []))
  kernel.deleteLink.mockImplementation((name) =>
    name === port.name ? Promise.reject(new Error('the port stays')) : Promise.resolve(),
  )
  kernel.listTables.mockResolvedValue([])
  kernel.listChains.mockRejectedValue(new Error('no chains are told'))
  const withdraw = vi.fn()
  kernel.listNat.mockResolvedValue([{ verb: 'masquerade', name: `${networkTag('net1')}10.22.0.0`, withdraw }])
  expect((await gc()).output).toMatchObject({ code: 100, msg: 'the port stays; no chains are told' })
  expect(withdraw).toHaveBeenCalledOnce()
  // With the interface its address stays.
  expect(readdirSync(join(dataDir, 'net1'))).toEqual(['10.22.0.2'])
})

it('GC goes on where nothing is told of the packet filter', async () => {
  writeFileSync(join(dataDir, 'net1/10.22.0.2'), 'c1\r\neth0')
  kernel.listLinks.mockResolvedValue([])
  kernel.deleteLink.mockResolvedValue(undefined)
  kernel.listTables.mockRejectedValue(new Error('no tables are told'))
  expect((await gc()).output).toMatchObject({ code: 100, msg: 'no tables are told' })
  expect(readdirSync(join(dataDir, 'net1'))).toEqual([])
})
