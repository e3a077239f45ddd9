/** Runs operations without blocking the event loop. */

import { NetlinkError, SystemError } from '../netlink/errors.js'
import type { Effect, NetnsHandle, NetnsLike, Operation } from '../netlink/operation.js'
import { NETNS } from '../netlink/operation.js'
import { addon } from './addon.js'
import { AsyncChannel } from './async-channel.js'
import { check } from './failure.js'
import type { Failure, NativeSocket } from './native.js'
import type { NetnsCore } from './netns-core.js'
import { isHandle, openCore } from './place.js'
import { primitives } from './primitives.js'
import { REQUEST_SETTINGS } from './settings.js'
import { held } from './sync-driver.js'

type System = ReturnType<typeof primitives>
let system: System | undefined
let home: AsyncChannel | undefined

/** A socket of the process's own namespace costs one system call; another namespace is a thread's work. */
function open(
  protocol: number,
  core: NetnsCore | null,
  onRelease?: () => void,
): AsyncChannel | Promise<AsyncChannel> {
  const where = core === null ? '' : `in ${core.label}`
  if (core === null) {
    return new AsyncChannel(
      check(addon().openNetlink(-1, protocol, REQUEST_SETTINGS, false)),
      where,
      onRelease,
    )
  }
  core.retain()
  return new Promise<NativeSocket>((resolve, reject) => {
    addon().openNetlink(core.fd, protocol, REQUEST_SETTINGS, false, (answer: NativeSocket | Failure) => {
      core.release()
      try {
        resolve(check(answer, core.label))
      } catch (error) {
        reject(error)
      }
    })
  }).then((socket) => new AsyncChannel(socket, where, onRelease))
}

function channel(netns: NetnsLike | undefined, protocol: number): AsyncChannel | Promise<AsyncChannel> {
  if (netns === undefined && protocol === 0) {
    home ??= open(0, null) as AsyncChannel
    return home
  }
  if (isHandle(netns) && protocol === 0) return channelOfHandle(netns[NETNS])
  const core = netns === undefined ? null : openCore(netns)
  return openForOneCall(protocol, core)
}

/** The handle's own channel, opened once however many calls want it at the same time. */
function channelOfHandle(core: NetnsCore): AsyncChannel | Promise<AsyncChannel> {
  core.assertOpen()
  const { channels } = core
  if (channels.async !== null) return channels.async as AsyncChannel
  channels.opening ??= Promise.resolve(open(0, core)).then(
    (opened) => {
      channels.opening = null
      channels.async = opened
      if (core.closed) opened.close()
      return opened
    },
    (error) => {
      channels.opening = null
      throw error
    },
  )
  return channels.opening as Promise<AsyncChannel>
}

async function openForOneCall(protocol: number, core: NetnsCore | null): Promise<AsyncChannel> {
  try {
    const made: AsyncChannel = await open(protocol, core, () => {
      made.close()
      core?.close()
    })
    return made
  } catch (error) {
    core?.close()
    throw error
  }
}

function perform(effect: Effect, here: NetnsHandle | undefined, signal: AbortSignal | undefined): unknown {
  switch (effect.kind) {
    case 'exchange':
      return (effect.channel as AsyncChannel).perform(effect.requests, effect.abortable ? signal : undefined)
    case 'channel':
      return channel(effect.netns ?? here, effect.protocol)
    case 'netns':
      return held(effect.netns)
    case 'primitive':
      system ??= primitives(
        (start, then) =>
          new Promise((resolve, reject) => {
            start((answer) => {
              try {
                resolve(then(answer))
              } catch (error) {
                reject(error)
              }
            })
          }),
        (core, socket) => new AsyncChannel(socket, `in ${core.label}`),
        'async',
      )
      return (system[effect.name as keyof System] as (...args: readonly unknown[]) => unknown)(...effect.args)
  }
}

/**
 * `here` is the namespace of a handle whose method was called. An abort is thrown into the operation, at once while it waits for
 * a single request and otherwise when the step under way has ended; what the operation does to undo its steps runs to its end.
 */
export async function runAsync<T>(
  operation: Operation<T>,
  here?: NetnsHandle,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted()
  let undoing = false
  try {
    let step = operation.next()
    while (!step.done) {
      let answer: unknown
      try {
        // Looked at before a step, so that what the last one made is in the operation's hands and will be undone.
        if (signal?.aborted && !undoing) throw signal.reason
        answer = perform(step.value, here, undoing ? undefined : signal)
        if (answer instanceof Promise) answer = await answer
      } catch (error) {
        if (signal?.aborted) undoing = true
        step = operation.throw(error)
        continue
      }
      step = operation.next(answer)
    }
    return step.value
  } catch (error) {
    // Made where the answer arrived, far from the caller: here the stack still leads to the `await`.
    if (error instanceof NetlinkError || error instanceof SystemError) Error.captureStackTrace(error)
    throw error
  }
}
