/** The two faces of an operation, promises and plain values, made of the one definition. */

import type { Made } from './nat/made.js'
import type { NetnsHandle, NetnsLike, OpenNetns, Operation } from './netlink/operation.js'
import { NETNS } from './netlink/operation.js'
import type { NetnsCore } from './socket/netns-core.js'

// biome-ignore lint/suspicious/noExplicitAny: operations take arguments of every type; the faces keep each one's own
type AnyOperation = (...args: any[]) => Operation<unknown>

/** A namespace that an operation opened becomes a handle of the face that was called, and so does what a verb made. */
type Handled<T, H, Done> = T extends OpenNetns
  ? H
  : T extends Made<infer V>
    ? Handle<V, Done>
    : T extends readonly Made<infer V>[]
      ? Each<V, Done>[]
      : T

type Each<V, Done> = V extends unknown ? Handle<V, Done> : never

/** What a verb made, to be withdrawn: by a promise, or (`Done` is void) at once. */
export type Handle<V, Done = Promise<void>> = V & {
  /** Takes away what was made, exactly that; where it is gone already nothing happens. */
  withdraw(): Done
}

/** An operation as a promise. */
export type Promised<F, H> = F extends (...args: infer P) => Operation<infer T>
  ? (...args: P) => Promise<Handled<T, H, Promise<void>>>
  : never

/** An operation as a plain call. It has no signal: nothing can stop a blocking call. */
export type Immediate<F, H> = F extends (...args: infer P) => Operation<infer T>
  ? (...args: WithoutSignal<P>) => Handled<T, H, void>
  : never

type WithoutSignal<P extends readonly unknown[]> = {
  [I in keyof P]: 'signal' extends keyof NonNullable<P[I]> ? P[I] & { signal?: undefined } : P[I]
}

/** A property for each operation of a module. */
export type Face<Operations, Kind extends 'promised' | 'immediate', H> = {
  [K in keyof Operations]: Kind extends 'promised' ? Promised<Operations[K], H> : Immediate<Operations[K], H>
}

/** Runs an operation; `here` is the namespace of the handle whose method was called. */
export type Runner = (
  operation: Operation<unknown>,
  here: NetnsHandle | undefined,
  args: readonly unknown[],
) => unknown

// The modules below are asked for a function when it is called for the first time and not before: that is what loads it in the built
// package.

/** Wraps each operation of a module. */
export function makeFace<F>(operations: object, run: Runner): F {
  const face: Record<string, unknown> = {}
  for (const name of Object.keys(operations)) {
    let operation: AnyOperation | undefined
    // As with addMethod().
    face[name] = {
      [name]: (...args: unknown[]) => {
        operation ??= (operations as Record<string, AnyOperation>)[name]!
        return run(operation(...args), undefined, args)
      },
    }[name]
  }
  return face as F
}

/** Puts each operation of a module on a prototype of handles. */
export function addMethods(prototype: object, operations: object, run: Runner): void {
  expectMany(prototype)
  for (const name of Object.keys(operations)) {
    let operation: AnyOperation | undefined
    addMethod(prototype, name, {
      [name](this: NetnsHandle, ...args) {
        operation ??= (operations as Record<string, AnyOperation>)[name]!
        return run(operation(...args), this, args)
      },
    })
  }
}

/** Functions of a namespace as methods of its handle, which takes the place of the first argument. */
export type Own<Functions> = {
  [K in keyof Functions]: Functions[K] extends (netns: never, ...rest: infer P) => infer R
    ? (...rest: P) => R
    : never
}

/** Puts functions of a namespace on a prototype of handles. */
export function addOwnMethods(prototype: object, functions: object): void {
  for (const name of Object.keys(functions)) {
    addMethod(prototype, name, {
      [name](this: NetnsHandle, ...args) {
        return (functions as Functions)[name]!(this, ...args)
      },
    })
  }
}

/**
 * Puts functions that end with an object of options on a prototype of handles, which become their `netns` unless the options name
 * another. The options are optional, so that `length` is their index.
 */
export function addWatchers(prototype: object, functions: object): void {
  for (const name of Object.keys(functions)) {
    addMethod(prototype, name, {
      [name](this: NetnsHandle, ...args) {
        const target = (functions as Functions)[name]!
        const options = args[target.length] as { netns?: NetnsLike } | undefined
        args[target.length] = { ...options, netns: options?.netns === undefined ? this : options.netns }
        return target(...args)
      },
    })
  }
}

type Functions = Record<string, (...args: unknown[]) => unknown>

type Methods = Record<string, (this: NetnsHandle, ...args: unknown[]) => unknown>

/** The method comes as the property of an object, which gives it its name: to define the name of a function takes V8 longer, and 300 bytes. */
function addMethod(prototype: object, name: string, methods: Methods): void {
  Object.defineProperty(prototype, name, { value: methods[name], writable: true, configurable: true })
}

/**
 * V8 copies the list of a prototype's properties with each one that is added (docs/performance.md, *Starting*). One from which a property was
 * deleted has a hash table instead, until it is used.
 */
function expectMany(prototype: { deleted?: true }): void {
  prototype.deleted = true
  delete prototype.deleted
}

const unclosed = /* @__PURE__ */ new FinalizationRegistry<NetnsCore>((core) => {
  if (core.closed) return
  if (core.name === null) {
    process.emitWarning(`${core.label} was collected without close(): it is closed now`, {
      type: 'NetlinkWarning',
    })
  }
  core.close()
})

/** What a handle of either face has besides the operations. */
export abstract class NetnsBase implements NetnsHandle, Disposable {
  /** Private: who prints a handle wants its name, not what it is made of. */
  readonly #core: NetnsCore
  /** The name under /run/netns; null for a namespace without one. */
  readonly name: string | null

  constructor(core: OpenNetns) {
    this.#core = core as NetnsCore
    this.name = core.name
    unclosed.register(this, this.#core)
  }

  /** @internal */
  get [NETNS](): NetnsCore {
    return this.#core
  }

  /** The namespace's descriptor, which belongs to the handle: valid until it is closed. */
  get fd(): number {
    return this.#core.fd
  }

  /** Lets go of the namespace; idempotent. A namespace without a name ends with its last handle. */
  close(): void {
    this.#core.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
