/** Runs operations on the calling thread. */

import type { Effect, NetnsHandle, NetnsLike, Operation } from '../netlink/operation.js'
import { NETNS } from '../netlink/operation.js'
import { addon } from './addon.js'
import { check } from './failure.js'
import type { NetnsCore } from './netns-core.js'
import { isHandle, openCore } from './place.js'
import { primitives } from './primitives.js'
import { REQUEST_SETTINGS } from './settings.js'
import { SyncChannel } from './sync-channel.js'

type System = ReturnType<typeof primitives>
let system: System | undefined
let home: SyncChannel | undefined

function open(protocol: number, core: NetnsCore | null, onRelease?: () => void): SyncChannel {
  const socket = check(addon().openNetlink(core?.fd ?? -1, protocol, REQUEST_SETTINGS, false), core?.label)
  return new SyncChannel(socket, core === null ? '' : `in ${core.label}`, onRelease)
}

function channel(netns: NetnsLike | undefined, protocol: number): SyncChannel {
  if (netns === undefined && protocol === 0) {
    home ??= open(0, null)
    return home
  }
  if (isHandle(netns) && protocol === 0) {
    const core = netns[NETNS]
    core.assertOpen()
    core.channels.sync ??= open(0, core)
    return core.channels.sync as SyncChannel
  }
  const core = netns === undefined ? null : openCore(netns)
  try {
    const made: SyncChannel = open(protocol, core, () => {
      made.close()
      core?.close()
    })
    return made
  } catch (error) {
    core?.close()
    throw error
  }
}

function perform(effect: Effect, here: NetnsHandle | undefined): unknown {
  switch (effect.kind) {
    case 'exchange':
      return (effect.channel as SyncChannel).perform(effect.requests)
    case 'channel':
      return channel(effect.netns ?? here, effect.protocol)
    case 'netns':
      return held(effect.netns)
    case 'primitive':
      system ??= primitives(
        (start, then) => then(start() as never),
        (core, socket) => new SyncChannel(socket, `in ${core.label}`),
        'sync',
      )
      return (system[effect.name as keyof System] as (...args: readonly unknown[]) => unknown)(...effect.args)
  }
}

/** A namespace for the time of one call: a handle is held, anything else is opened. */
export function held(netns: NetnsLike): NetnsCore {
  if (isHandle(netns)) {
    const core = netns[NETNS]
    core.assertOpen()
    core.retain()
    return core
  }
  const core = openCore(netns)
  core.retain()
  // Closed as soon as nothing holds it any more.
  core.close()
  return core
}

/** `here` is the namespace of a handle whose method was called. */
export function runSync<T>(operation: Operation<T>, here?: NetnsHandle): T {
  let step = operation.next()
  while (!step.done) {
    let answer: unknown
    try {
      answer = perform(step.value, here)
    } catch (error) {
      step = operation.throw(error)
      continue
    }
    step = operation.next(answer)
  }
  return step.value
}
