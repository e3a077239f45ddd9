/** Runs operations on the calling thread. */

import { signalOf } from '../netlink/call.js'
import { NETLINK_ROUTE } from '../netlink/constants.js'
import type {
  Channel,
  Effect,
  NetnsHandle,
  NetnsLike,
  OpenNetns,
  Operation,
  Turn,
} from '../netlink/operation.js'
import { addon } from './addon.js'
import { check } from './failure.js'
import type { NetnsCore } from './netns-core.js'
import { hold, holdPlace, placeOf } from './place.js'
import { primitives } from './primitives.js'
import { requestSettings } from './settings.js'
import { leadToCaller } from './stack.js'
import { SyncChannel } from './sync-channel.js'

type System = ReturnType<typeof primitives>
let system: System | undefined
/** Of the process's own namespace, by protocol. */
const home = new Map<number, SyncChannel>()

/** Opens a channel; the caller closes it. */
export function openChannel(
  protocol: number,
  core: NetnsCore | null,
  onRelease?: () => void,
  sendBuffer?: number,
): SyncChannel {
  const system = core?.system ?? addon()
  const settings = requestSettings(sendBuffer)
  const socket = check(system.openNetlink(core?.fd ?? -1, protocol, settings), core?.label)
  return new SyncChannel(socket, core === null ? '' : `in ${core.label}`, protocol, onRelease)
}

function channel(
  netns: NetnsLike | OpenNetns | undefined,
  protocol: number,
  sendBuffer: number | undefined,
): Channel {
  if (netns === undefined) {
    if (sendBuffer === undefined) return kept(home, protocol, () => openChannel(protocol, null))
    const made: SyncChannel = openChannel(protocol, null, () => made.close(), sendBuffer)
    return made
  }
  const core = hold(netns)
  try {
    if (sendBuffer === undefined)
      return kept(core.channels.sync, protocol, () => openChannel(protocol, core, () => core.release()))
    const release = () => {
      made.close()
      core.release()
    }
    const made: SyncChannel = openChannel(protocol, core, release, sendBuffer)
    return made
  } catch (error) {
    core.release()
    throw error
  }
}

function kept<C extends Channel>(channels: Map<number, C>, protocol: number, open: () => C): C {
  let channel = channels.get(protocol)
  if (channel === undefined) {
    channel = open()
    channels.set(protocol, channel)
  }
  return channel
}

/** A blocking call ends before another begins. */
const ALONE: Turn = { end() {} }

function perform(effect: Effect, here: NetnsHandle | undefined): unknown {
  switch (effect.kind) {
    case 'exchange':
      return (effect.channel as SyncChannel).perform(effect.requests)
    case 'single': {
      const used = channel(placeOf(effect, here), NETLINK_ROUTE, undefined) as SyncChannel
      try {
        const [outcome] = used.perform([effect.build(used)])
        if (outcome!.error !== null) throw outcome!.error
        return outcome!.values
      } finally {
        used.release()
      }
    }
    case 'begin':
      return { outcomes: (effect.channel as SyncChannel).perform(effect.requests) }
    case 'finish':
      return effect.pending.outcomes
    case 'channel':
      return channel(placeOf(effect, here), effect.protocol, effect.sendBuffer)
    case 'netns':
      return holdPlace(placeOf(effect, here))
    case 'turn':
      return ALONE
    case 'checkpoint':
    case 'shield':
      return undefined
    case 'primitive':
      system ??= primitives(
        (start, then) => then(start() as never),
        (core, socket) => new SyncChannel(socket, `in ${core.label}`, NETLINK_ROUTE, () => core.release()),
        'sync',
      )
      return (system[effect.name as keyof System] as (...args: readonly unknown[]) => unknown)(...effect.args)
  }
}

/** Runs a call. Throws TypeError for a signal among its arguments. */
export function runSyncCall<T>(
  operation: Operation<T>,
  here: NetnsHandle | undefined,
  args: readonly unknown[],
): T {
  if (signalOf(args) !== undefined)
    throw new TypeError('signal: a blocking call cannot be stopped; use the promises')
  return runSync(operation, here)
}

/** `here` is the namespace of a handle whose method was called. */
export function runSync<T>(operation: Operation<T>, here?: NetnsHandle): T {
  try {
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
  } catch (error) {
    throw leadToCaller(error)
  }
}
