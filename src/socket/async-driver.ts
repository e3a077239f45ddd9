/** Runs operations without blocking the event loop. */

import { signalOf } from '../netlink/call.js'
import { NETLINK_ROUTE } from '../netlink/constants.js'
import {
  Aborted,
  type Channel,
  type Effect,
  type NetnsHandle,
  type NetnsLike,
  type OpenNetns,
  type Operation,
} from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import { onAbort } from './abort.js'
import { addon } from './addon.js'
import { AsyncChannel } from './async-channel.js'
import { check } from './failure.js'
import type { Failure, NativeSocket } from './native.js'
import type { NetnsCore } from './netns-core.js'
import { hold, holdPlace, placeOf } from './place.js'
import { primitives } from './primitives.js'
import { requestSettings } from './settings.js'
import { leadToCaller } from './stack.js'
import { takeTurn } from './turns.js'

type System = ReturnType<typeof primitives>
let system: System | undefined
/** Of the process's own namespace, by protocol. */
const home = new Map<number, AsyncChannel>()

/** A socket of the process's own namespace costs one system call; one in another namespace is a thread's work. */
function openHere(protocol: number, onRelease?: () => void, sendBuffer?: number): AsyncChannel {
  const socket = addon().openNetlink(-1, protocol, requestSettings(sendBuffer))
  return new AsyncChannel(check(socket), '', protocol, onRelease)
}

/** `core` is held by the caller until the channel is released. */
function openThere(
  protocol: number,
  core: NetnsCore,
  onRelease: () => void,
  sendBuffer?: number,
): Promise<AsyncChannel> {
  const settings = requestSettings(sendBuffer)
  return new Promise((resolve, reject) => {
    core.system.openNetlink(core.fd, protocol, settings, (answer: NativeSocket | Failure) => {
      try {
        resolve(new AsyncChannel(check(answer, core.label), `in ${core.label}`, protocol, onRelease))
      } catch (error) {
        reject(error)
      }
    })
  })
}

function channel(
  netns: NetnsLike | OpenNetns | undefined,
  protocol: number,
  sendBuffer: number | undefined,
): AsyncChannel | Promise<AsyncChannel> {
  if (netns === undefined) {
    if (sendBuffer === undefined) {
      let channel = home.get(protocol)
      if (channel === undefined) {
        channel = openHere(protocol)
        home.set(protocol, channel)
      }
      return channel
    }
    const made: AsyncChannel = openHere(protocol, () => made.close(), sendBuffer)
    return made
  }
  const core = hold(netns)
  const found =
    sendBuffer === undefined ? sharedChannel(protocol, core) : ownChannel(protocol, core, sendBuffer)
  if (!(found instanceof Promise)) return found
  return found.catch((error) => {
    core.release()
    throw error
  })
}

async function ownChannel(protocol: number, core: NetnsCore, sendBuffer: number): Promise<AsyncChannel> {
  const release = () => {
    made.close()
    core.release()
  }
  const made: AsyncChannel = await openThere(protocol, core, release, sendBuffer)
  return made
}

/** The namespace's channel of a protocol, opened once however many calls want it at the same time. */
function sharedChannel(protocol: number, core: NetnsCore): AsyncChannel | Promise<AsyncChannel> {
  const channels = core.channels.async as Map<number, AsyncChannel | Promise<AsyncChannel>>
  const kept = channels.get(protocol)
  if (kept !== undefined) return kept
  const opening = openThere(protocol, core, () => core.release())
  channels.set(protocol, opening)
  opening.then(
    (made) => channels.set(protocol, made),
    () => channels.delete(protocol),
  )
  return opening
}

function single(
  used: AsyncChannel,
  build: (channel: Channel) => Request,
  signal: AbortSignal | undefined,
): Promise<readonly unknown[]> {
  try {
    // It may have been aborted while the channel was opened.
    if (signal?.aborted) throw new Aborted(signal.reason)
    return used.performOne(build(used), signal)
  } catch (error) {
    used.release()
    throw error
  }
}

function perform(effect: Effect, here: NetnsHandle | undefined, signal: AbortSignal | undefined): unknown {
  switch (effect.kind) {
    case 'exchange':
      return (effect.channel as AsyncChannel).perform(effect.requests, effect.abortable ? signal : undefined)
    case 'single': {
      const found = channel(placeOf(effect, here), NETLINK_ROUTE, undefined)
      const heeded = effect.abortable ? signal : undefined
      if (!(found instanceof Promise)) return single(found, effect.build, heeded)
      return found.then((opened) => single(opened, effect.build, heeded))
    }
    case 'begin': {
      const outcomes = (effect.channel as AsyncChannel).perform(effect.requests)
      // Who waits for it is told; an operation that ended before has nobody to tell.
      outcomes.catch(() => {})
      return { outcomes }
    }
    case 'finish':
      return effect.pending.outcomes
    case 'channel':
      return channel(placeOf(effect, here), effect.protocol, effect.sendBuffer)
    case 'netns':
      return holdPlace(placeOf(effect, here))
    case 'turn':
      return takeTurn(effect.channel, signal)
    case 'checkpoint':
    case 'shield':
      return undefined
    case 'primitive': {
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
        (core, socket) => new AsyncChannel(socket, `in ${core.label}`, NETLINK_ROUTE, () => core.release()),
        'async',
      )
      const { name, args } = effect
      const answer = (system[name as keyof System] as (...args: readonly unknown[]) => unknown)(...args)
      // Any other ends by itself, and what it did is known then.
      return name === 'wait' && signal !== undefined ? untilAborted(answer as Promise<void>, signal) : answer
    }
  }
}

function untilAborted(waiting: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => {
      forget()
      reject(new Aborted(signal.reason))
    })
    waiting.then(resolve, reject).finally(forget)
  })
}

function same<T>(result: T): T {
  return result
}

/**
 * `here` is the namespace of a handle whose method was called. An abort is thrown into the operation, at once while it waits for a single
 * request or for something to happen, and otherwise when the step under way has ended. That is once: what the operation does then runs to its end.
 */
export async function runAsync<T>(
  operation: Operation<T>,
  here?: NetnsHandle,
  signal?: AbortSignal,
  finish: (result: T) => T = same,
): Promise<T> {
  signal?.throwIfAborted()
  let shields = 0
  let aborted = false
  try {
    let step = operation.next()
    while (!step.done) {
      const effect = step.value
      if (effect.kind === 'shield') {
        shields += effect.up ? 1 : -1
        step = operation.next()
        continue
      }
      let answer: unknown
      try {
        const heeded = shields > 0 || aborted ? undefined : signal
        // Looked at before a step, so that what the last one made is in the operation's hands and will be undone.
        if (heeded?.aborted) throw new Aborted(heeded.reason)
        answer = perform(effect, here, heeded)
        if (answer instanceof Promise) answer = await answer
      } catch (error) {
        if (error instanceof Aborted) aborted = true
        step = operation.throw(error)
        continue
      }
      step = operation.next(answer)
    }
    return finish(step.value)
  } catch (error) {
    // Here the stack still leads to the `await`.
    throw error instanceof Aborted ? error.reason : leadToCaller(error)
  }
}

/** Runs a call: its signal is among its arguments, and a bad one is a rejection as any other mistake. */
export function runCall<T>(
  operation: Operation<T>,
  here: NetnsHandle | undefined,
  args: readonly unknown[],
  finish?: (result: T) => T,
): Promise<T> {
  let signal: AbortSignal | undefined
  try {
    signal = signalOf(args)
  } catch (error) {
    return Promise.reject(error)
  }
  return runAsync(operation, here, signal, finish)
}
