import type {
  ChildProcess,
  ChildProcessWithoutNullStreams,
  SpawnOptions,
  SpawnSyncOptions,
} from 'node:child_process'
import type { Readable } from 'node:stream'
import { describe, expectTypeOf, test } from 'vitest'
import type { CallOptions, Link, NetnsLike } from '../../src/index.js'
import * as promises from '../../src/index.js'
import * as sync from '../../src/sync.js'

describe('one operation, three faces', () => {
  test('promises in the root entry, values in ./sync', () => {
    expectTypeOf(promises.getLink).returns.toEqualTypeOf<Promise<Link>>()
    expectTypeOf(sync.getLink).returns.toEqualTypeOf<Link>()
    expectTypeOf(promises.createVethPair).returns.resolves.toEqualTypeOf<[Link, Link]>()
    expectTypeOf(sync.createVethPair).returns.toEqualTypeOf<[Link, Link]>()
    expectTypeOf(promises.deleteLink).returns.toEqualTypeOf<Promise<void>>()
  })

  test('the same arguments everywhere', () => {
    expectTypeOf<Parameters<typeof promises.addAddress>>().toEqualTypeOf<
      Parameters<promises.Netns['addAddress']>
    >()
    expectTypeOf<Parameters<typeof sync.addAddress>[1]>().toEqualTypeOf<
      Parameters<typeof promises.addAddress>[1]
    >()
  })

  test('methods of a handle return as its face does', () => {
    expectTypeOf<promises.Netns['listLinks']>().returns.toEqualTypeOf<Promise<Link[]>>()
    expectTypeOf<sync.Netns['listLinks']>().returns.toEqualTypeOf<Link[]>()
  })

  test('a namespace that is made or opened is a handle of the face that was called', () => {
    expectTypeOf(promises.createNetns).returns.resolves.toEqualTypeOf<promises.Netns>()
    expectTypeOf(promises.openNetns).returns.resolves.toEqualTypeOf<promises.Netns>()
    expectTypeOf(sync.createNetns).returns.toEqualTypeOf<sync.Netns>()
    expectTypeOf(sync.openNetns).returns.toEqualTypeOf<sync.Netns>()
  })

  test('commands start at once in both, with the streams that Node would give them', () => {
    const options: SpawnOptions = {}
    for (const start of [promises.spawnInNetns, sync.spawnInNetns]) {
      expectTypeOf(start('red', 'ls')).toEqualTypeOf<ChildProcessWithoutNullStreams>()
      expectTypeOf(start('red', 'ls', [], { cwd: '/' }).stdout).toEqualTypeOf<Readable>()
      const piped = start('red', 'ls', [], { stdio: ['ignore', 'pipe', 'inherit'] })
      expectTypeOf(piped.stdin).toEqualTypeOf<null>()
      expectTypeOf(piped.stdout).toEqualTypeOf<Readable>()
      expectTypeOf(piped.stderr).toEqualTypeOf<null>()
      expectTypeOf(start('red', 'ls', [], { stdio: 'inherit' }).stdout).toEqualTypeOf<Readable | null>()
      expectTypeOf(start('red', 'ls', [], options)).toEqualTypeOf<ChildProcess>()
      expectTypeOf(start('red', 'ls', { cwd: '/' }).stdout).toEqualTypeOf<Readable>()
      expectTypeOf(start('red', 'ls', { stdio: ['pipe', 'pipe', 'ignore'] }).stderr).toEqualTypeOf<null>()
      expectTypeOf(start('red', 'ls', null, { stdio: 'inherit' }).stdout).toEqualTypeOf<Readable | null>()
      // @ts-expect-error: there is no such option
      start('red', 'ls', { cvd: '/' })
    }
  })

  test('commands of a handle are those of its namespace', () => {
    for (const handle of [{} as promises.Netns, {} as sync.Netns]) {
      expectTypeOf(handle.spawnInNetns('ls').stdout).toEqualTypeOf<Readable>()
      expectTypeOf(handle.spawnInNetns('ls', [], { stdio: ['pipe', 'pipe', 'ignore'] }).stderr).toBeNull()
      // @ts-expect-error: the namespace is the handle's
      handle.spawnInNetns('red', 'ls')
    }
    expectTypeOf(({} as sync.Netns).spawnSyncInNetns('ls', [], { encoding: 'utf8' }).stdout).toBeString()
  })

  test('what a command prints is text where an encoding is given', () => {
    const options: SpawnSyncOptions = {}
    expectTypeOf(sync.spawnSyncInNetns('red', 'ls', [], { encoding: 'utf8' }).stdout).toBeString()
    expectTypeOf(sync.spawnSyncInNetns('red', 'ls').stdout).toEqualTypeOf<Buffer>()
    expectTypeOf(sync.spawnSyncInNetns('red', 'ls', { encoding: 'utf8' }).stdout).toBeString()
    expectTypeOf(({} as sync.Netns).spawnSyncInNetns('ls', { encoding: 'utf8' }).stdout).toBeString()
    expectTypeOf(sync.spawnSyncInNetns('red', 'ls', [], options).stdout).toEqualTypeOf<string | Buffer>()
  })
})

describe('options', () => {
  test('handles of either face name a namespace, as do names, pids, paths and descriptors', () => {
    expectTypeOf<promises.Netns>().toExtend<NetnsLike>()
    expectTypeOf<sync.Netns>().toExtend<NetnsLike>()
    expectTypeOf<'red'>().toExtend<NetnsLike>()
    expectTypeOf<{ pid: number }>().toExtend<NetnsLike>()
    expectTypeOf<{ path: string }>().toExtend<NetnsLike>()
    expectTypeOf<{ fd: number }>().toExtend<NetnsLike>()
    expectTypeOf<number>().not.toExtend<NetnsLike>()
  })

  test('a signal for promises only', () => {
    type Options<F extends (...args: never[]) => unknown> = NonNullable<Parameters<F>[1]>
    expectTypeOf<{ signal: AbortSignal }>().toExtend<Options<typeof promises.getLink>>()
    expectTypeOf<{ signal: AbortSignal }>().not.toExtend<Options<typeof sync.getLink>>()
    expectTypeOf<{ signal: AbortSignal }>().not.toExtend<Options<sync.Netns['getLink']>>()
    expectTypeOf<Omit<CallOptions, 'signal'>>().toExtend<Options<typeof sync.getLink>>()
  })

  test('a batch says where and how long, its calls do not', () => {
    type Given = Parameters<promises.Batch['addRoute']>[0]
    expectTypeOf<{ to: string }>().toExtend<Given>()
    expectTypeOf<{ to: string; netns: string }>().not.toExtend<Given>()
    expectTypeOf<{ to: string; signal: AbortSignal }>().not.toExtend<Given>()
    expectTypeOf<Parameters<promises.Batch['deleteLink']>[0]>().toEqualTypeOf<string | number>()
  })

  test('a key that does not exist is an error', () => {
    // @ts-expect-error: nsname is no option
    expectTypeOf(promises.getLink).toBeCallableWith('eth0', { nsname: 'red' })
    // @ts-expect-error: mtuu is no option
    expectTypeOf(sync.setLink).toBeCallableWith('eth0', { mtuu: 1500 })
    // @ts-expect-error: text is no number of bytes
    expectTypeOf(sync.setLink).toBeCallableWith('eth0', { mtu: '1500' })
  })
})

describe('disposal', () => {
  test('using for both, await using for promises', () => {
    expectTypeOf<promises.Netns>().toExtend<AsyncDisposable & Disposable>()
    expectTypeOf<sync.Netns>().toExtend<Disposable>()
    expectTypeOf<sync.Netns>().not.toExtend<AsyncDisposable>()
  })
})
