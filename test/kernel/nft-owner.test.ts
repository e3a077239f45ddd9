/** Tables that belong to a socket: nft(8) shows them, nobody else changes them, and they go with it. */

import { describe, expect, it } from 'vitest'
import * as promises from '../../src/nftables.js'
import { expectRefused, needNftables, since } from './needs.js'
import { NFT_FACES, nftIn } from './nft-support.js'
import { library, lines, program, start } from './program.js'
import { withNetns } from './support.js'
import { failure, thrown } from './thrown.js'

needNftables()

const MINE = { family: 'inet', name: 'mine', flags: ['owner'] } as const
const IN = { family: 'inet', table: 'mine' } as const
const CLOSED = { code: 'EBADF', advice: expect.stringMatching(/^the socket, or .* has been closed$/) }
const NO_PERSIST = { code: 'EOPNOTSUPP', advice: "'persist' (6.9)" }
const tables = (netns: string) => nftIn(netns, 'list tables').trim()

describe.each(NFT_FACES as readonly { face: string; nft: typeof promises }[])('$face', ({ nft }) => {
  it('are changed by their socket alone, and go with it', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table inet other')
      const mine = await nft.openNftables({ netns })
      const { handles } = await mine.transaction((tx) => tx.addTable(MINE), { echo: true })
      const [table] = await nft.listTables({ family: 'inet', name: 'mine', netns })
      expect(table).toMatchObject({ flags: ['owner'], owner: expect.any(Number), handle: handles[0] })
      expect(nftIn(netns, 'list table inet mine')).toMatch(/flags owner/)

      const refused = { code: 'EPERM', advice: expect.stringContaining('a table with an owner') }
      for (const change of [
        (tx: promises.Transaction) => tx.addChain({ ...IN, name: 'c' }),
        (tx: promises.Transaction) => tx.deleteTable(MINE),
      ])
        expect(await failure(() => nft.transaction(change, { netns }))).toMatchObject(refused)
      expect(() => nftIn(netns, 'delete table inet mine')).toThrow(/Operation not permitted/)

      await mine.transaction((tx) => {
        tx.addTable(MINE)
        tx.addChain({ ...IN, name: 'c', type: 'filter', hook: 'input', priority: 'filter' })
        tx.addRule({ ...IN, chain: 'c', rule: nft.rule(nft.tcp.dport(22), nft.accept()) })
        tx.addChain({ family: 'inet', table: 'other', name: 'd' })
        tx.addSet({ ...IN, name: 's', type: 'inet_service' }, [80])
      })
      const set = { ...IN, set: 's', netns } as const
      expect(await nft.listElements(set)).toMatchObject([{ key: 80 }])
      expect(await nft.getElement({ ...set, key: 80 })).toMatchObject({ key: 80 })
      expect(nftIn(netns, 'list set inet mine s')).toContain('elements = { 80 }')
      expect(nftIn(netns, 'list table inet mine')).toContain('tcp dport 22 accept')
      expect(nftIn(netns, 'list table inet other')).toContain('chain d')
      mine.close()
      mine.close()
      expect(tables(netns)).toBe('table inet other')
      const late = await thrown(() => mine.transaction((tx) => tx.addTable(MINE)))
      expect(late).toMatchObject({ code: 'EBADF', message: expect.stringContaining('openNftables()') })
    }))

  it('are of one socket each, and stay where they are to persist', () =>
    withNetns(async (netns) => {
      using one = await nft.openNftables({ netns })
      using other = await nft.openNftables({ netns })
      await one.transaction((tx) => tx.addTable(MINE))
      expect(await failure(() => other.transaction((tx) => tx.deleteTable(MINE)))).toMatchObject({
        code: 'EPERM',
      })
      const kept = { family: 'ip', name: 'kept', flags: ['owner', 'persist'] } as const
      const keeping = async () => other.transaction((tx) => tx.addTable(kept))
      if (!since(6, 9)) return void (await expectRefused(keeping, NO_PERSIST))
      await keeping()
      other.close()
      expect(tables(netns).split('\n').sort()).toEqual(['table inet mine', 'table ip kept'])
      nftIn(netns, 'delete table ip kept')
    }))

  it('have their flags from the beginning', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table inet other')
      const left = { family: 'inet', name: 'left' } as const
      const leaving = async () =>
        nft.transaction((tx) => tx.addTable({ ...left, flags: ['persist'] }), { netns })
      if (since(6, 9)) await leaving()
      else await expectRefused(leaving, NO_PERSIST)
      using mine = await nft.openNftables({ netns })
      await mine.transaction((tx) => tx.addTable(MINE))
      const refused = {
        code: 'EOPNOTSUPP',
        advice: expect.stringContaining('given to a table when it is made'),
      }
      for (const table of [
        { ...MINE, name: 'other' },
        { ...MINE, flags: ['dormant'] },
        { ...MINE, flags: ['owner', 'persist'] },
      ] as const)
        expect(await failure(() => mine.transaction((tx) => tx.addTable(table)))).toMatchObject(refused)
      if (!since(6, 9)) return
      await mine.transaction((tx) => tx.addTable({ ...left, flags: ['owner', 'persist'] }))
      expect(() => nftIn(netns, 'delete table inet left')).toThrow(/Operation not permitted/)
    }))

  it('are not there for who closes the socket while the calls are made', () =>
    withNetns(async (netns) => {
      const mine = await nft.openNftables({ netns })
      const call = () =>
        mine.transaction((tx) => {
          tx.addTable(MINE)
          mine.close()
        })
      expect(await thrown(call)).toMatchObject(CLOSED)
      expect(tables(netns)).toBe('')
    }))

  it('take transactions of any size, or say why not', () =>
    withNetns(async (netns) => {
      using mine = await nft.openNftables({ netns })
      const elements = Array.from({ length: 40_000 }, (_, i) => `10.0.${i >> 8}.${i & 0xff}`)
      const large = () =>
        mine.transaction((tx) => {
          tx.addTable(MINE)
          tx.addSet({ ...IN, name: 's', type: 'ipv4_addr' }, elements)
        })
      try {
        await large()
      } catch (error) {
        // An ordinary user may send no more than net.core.wmem_max at once.
        expect(error).toMatchObject({
          code: 'EMSGSIZE',
          advice: expect.stringContaining('net.core.wmem_max'),
        })
        return
      }
      expect(nftIn(netns, 'list set inet mine s')).toContain('10.0.156.63')
    }))
})

it('go where the socket is closed during a transaction, and stay where one is given up', () =>
  withNetns(async (netns) => {
    const mine = await promises.openNftables({ netns })
    const stop = new AbortController()
    const given = mine.transaction((tx) => tx.addTable(MINE), { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    await mine.transaction((tx) => tx.addTable(MINE))
    expect(tables(netns)).toBe('table inet mine')
    const closed = thrown(() => mine.transaction((tx) => tx.addChain({ ...IN, name: 'c' })))
    mine.close()
    expect(await closed).toMatchObject(CLOSED)
    await expect.poll(() => tables(netns)).toBe('')
  }))

it.each(['nftables', 'nftables-sync'])('stay where nothing but the kernel has the socket (%s)', (module) =>
  withNetns(async (netns) => {
    const source = `
      import { openNftables, listTables } from ${library(module)}
      const netns = ${JSON.stringify(netns)}
      const collected = new Promise((resolve) => {
        globalThis.registry = new FinalizationRegistry(resolve)
      })
      await (async () => {
        const mine = await openNftables({ netns })
        registry.register(mine)
        await mine.transaction((tx) => tx.addTable(${JSON.stringify(MINE)}))
      })()
      const collect = setInterval(() => gc(), 5)
      await collected
      for (let turns = 5; turns > 0; turns--) {
        gc()
        await new Promise(setImmediate)
      }
      clearInterval(collect)
      print((await listTables({ netns })).length)
    `
    expect(await lines(program(source, { nodeOptions: ['--expose-gc'] }))).toEqual([1])
  }),
)

it('go with their process, however it ends', () =>
  withNetns(async (netns) => {
    const source = `
      import { openNftables } from ${library('nftables')}
      const mine = await openNftables({ netns: ${JSON.stringify(netns)} })
      await mine.transaction((tx) => tx.addTable(${JSON.stringify(MINE)}))
      await wait()
      process.kill(process.pid, 'SIGKILL')
    `
    const started = start(program(source))
    await started.ready
    expect(tables(netns)).toBe('table inet mine')
    started.go()
    expect((await started.ended).status).not.toBe(0)
    expect(tables(netns)).toBe('')
  }))
