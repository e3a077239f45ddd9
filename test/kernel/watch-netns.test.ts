/** Names and ids of namespaces as they come and go, made by `ip netns` and by the library. */

import { unlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  createNetns,
  deleteNetns,
  type NetnsEvent,
  type NetnsWatch,
  openNetns,
  setNsid,
  watchNetns,
} from '../../src/index.js'
import { FRESH_RUN, lines, program } from './program.js'
import { ip, withNetns } from './support.js'

const named = (name: string) => `watched-${process.pid}-${name}`
const asText = (event: NetnsEvent) =>
  event.type === 'name'
    ? `${event.action} ${event.name}`
    : event.type === 'nsid'
      ? `${event.action} ${event.nsid}`
      : 'resync'

/** The next events about names of this test, as text. */
async function next(events: NetnsWatch, count: number): Promise<string[]> {
  const seen: string[] = []
  while (seen.length < count) {
    const { value } = await events.next()
    if (value === undefined) throw new Error(`the watch ended; it told ${seen.join(', ')}`)
    if (value.type !== 'name' || value.name.startsWith(named(''))) seen.push(asText(value))
  }
  return seen
}

describe('watchNetns', () => {
  it('tells names that ip makes and deletes, once they can be opened', async () => {
    const [a, b] = [named('a'), named('b')]
    ip(`netns add ${a}`)
    await using events = await watchNetns()
    ip(`netns add ${b}`)
    expect(await next(events, 1)).toEqual([`new ${b}`])
    const opened = await openNetns(b)
    opened.close()
    ip(`netns delete ${a}`)
    ip(`netns delete ${b}`)
    expect(await next(events, 2)).toEqual([`delete ${a}`, `delete ${b}`])
  })

  it('tells names that the library makes and deletes', async () => {
    const name = named('own')
    await using events = await watchNetns()
    const netns = await createNetns(name)
    expect(await next(events, 1)).toEqual([`new ${name}`])
    netns.close()
    await deleteNetns(name)
    expect(await next(events, 1)).toEqual([`delete ${name}`])
  })

  it('tells that a name stands for another namespace now', async () => {
    const name = named('again')
    ip(`netns add ${name}`)
    await using events = await watchNetns()
    ip(`netns delete ${name}`)
    ip(`netns add ${name}`)
    expect(await next(events, 2)).toEqual([`delete ${name}`, `new ${name}`])
    ip(`netns delete ${name}`)
  })

  it('tells a file on which no namespace is ever mounted, as listNetns() lists it', async () => {
    const name = named('file')
    await using events = await watchNetns()
    writeFileSync(`/run/netns/${name}`, '')
    expect(await next(events, 1)).toEqual([`new ${name}`])
    unlinkSync(`/run/netns/${name}`)
    expect(await next(events, 1)).toEqual([`delete ${name}`])
  })

  it('tells ids that a namespace gives to others and takes back, and names besides', () =>
    withNetns(async (netns) => {
      await using events = await watchNetns({ netns })
      const name = named('id')
      ip(`netns add ${name}`)
      expect(await next(events, 1)).toEqual([`new ${name}`])
      await setNsid(name, 77, { netns })
      expect(await next(events, 1)).toEqual(['new 77'])
      ip(`netns delete ${name}`)
      expect((await next(events, 2)).sort()).toEqual([`delete ${name}`, 'delete 77'].sort())
    }))

  it('is a method of a handle, and ends with its signal, with return() and with close()', () =>
    withNetns(async (name) => {
      using netns = await openNetns(name)
      const stop = new AbortController()
      const aborted = await netns.watchNetns({ signal: stop.signal })
      const waiting = aborted.next()
      stop.abort(new Error('enough'))
      await expect(waiting).rejects.toThrow('enough')
      const events = await netns.watchNetns()
      expect(await events.return()).toEqual({ done: true, value: undefined })
      expect(await events.next()).toEqual({ done: true, value: undefined })
    }))

  it('refuses what is no option, and a namespace that is not there', async () => {
    await expect(watchNetns({ names: true } as never)).rejects.toThrow("watchNetns: unknown option 'names'")
    await expect(watchNetns({ netns: named('absent') })).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('waits for a directory that is not there yet', async () => {
    const source = `
      const events = await nl.watchNetns()
      const first = events.next()
      const netns = await nl.createNetns('first')
      print((await first).value)
      await netns.delete()
      print((await events.next()).value)
      events.close()
      print(fs.existsSync('/run/netns'))
    `
    expect(await lines(program(source, { wrapper: FRESH_RUN }))).toEqual([
      { type: 'name', action: 'new', name: 'first' },
      { type: 'name', action: 'delete', name: 'first' },
      true,
    ])
  })

  it('goes on where the directory is removed and made again', async () => {
    const source = `
      const { execSync: sh } = await import('node:child_process')
      sh('ip netns add a')
      const events = await nl.watchNetns()
      sh('umount /run/netns/a && umount /run/netns && rm /run/netns/a && rmdir /run/netns && ip netns add b')
      for (let i = 0; i < 2; i++) print((await events.next()).value)
      sh('umount -l /run/netns && mv /run/netns /run/elsewhere')
      print((await events.next()).value)
      sh('ip netns add c')
      print((await events.next()).value)
      events.close()
    `
    expect(await lines(program(source, { wrapper: FRESH_RUN }))).toEqual([
      { type: 'name', action: 'delete', name: 'a' },
      { type: 'name', action: 'new', name: 'b' },
      { type: 'name', action: 'delete', name: 'b' },
      { type: 'name', action: 'new', name: 'c' },
    ])
  })

  it('goes on where the directory is unmounted that was a file system of its own', async () => {
    const source = `
      const { execSync: sh } = await import('node:child_process')
      sh('mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns')
      const events = await nl.watchNetns()
      sh('ip netns add a')
      print((await events.next()).value)
      sh('umount -l /run/netns')
      print((await events.next()).value)
      sh('ip netns add netns')
      print((await events.next()).value)
      sh('ip netns delete netns')
      print((await events.next()).value)
      events.close()
    `
    expect(await lines(program(source, { wrapper: FRESH_RUN }))).toEqual([
      { type: 'name', action: 'new', name: 'a' },
      { type: 'name', action: 'delete', name: 'a' },
      { type: 'name', action: 'new', name: 'netns' },
      { type: 'name', action: 'delete', name: 'netns' },
    ])
  })

  it('passes over a name that leads nowhere', async () => {
    const source = `
      fs.mkdirSync('/run/netns')
      const loop = (name) => fs.symlinkSync(name, '/run/netns/' + name)
      loop('before')
      const events = await nl.watchNetns()
      loop('loop')
      const netns = await nl.createNetns('after')
      print((await events.next()).value)
      events.close()
      netns.close()
    `
    expect(await lines(program(source, { wrapper: FRESH_RUN }))).toEqual([
      { type: 'name', action: 'new', name: 'after' },
    ])
  })

  it('ends with what goes wrong, and lets the process end', async () => {
    const source = `
      const { execSync: sh } = await import('node:child_process')
      fs.writeFileSync('/run/netns', '')
      print(await caught(() => nl.watchNetns()))
      fs.unlinkSync('/run/netns')
      const events = await nl.watchNetns()
      const first = caught(() => events.next())
      fs.writeFileSync('/run/netns', '')
      print((await first).code)
      print(await events.next())
    `
    expect(await lines(program(source, { wrapper: FRESH_RUN }))).toEqual([
      { code: 'ENOTDIR', message: expect.stringContaining('/run/netns') },
      'ENOTDIR',
      { done: true },
    ])
  })

  it('keeps the process running until it is closed', async () => {
    const source = `
      const events = await nl.watchNetns()
      setTimeout(() => { print('still here'); events.close() }, 200).unref()
    `
    expect(await lines(program(source))).toEqual(['still here'])
  })
})
