/** What operations on namespaces ask of the system beyond netlink. Failures arrive as SystemError. */

import {
  checkpoint,
  type Effect,
  type Hold,
  type NetnsLike,
  type OpenNetns,
  type Operation,
  unabortable,
} from './operation.js'

/** A named namespace that is being made. */
export interface BegunNetns {
  readonly name: string
  /** Of the addon. */
  readonly number: number
}

/** A socket that is told what happens in a namespace. */
export interface Listener {
  close(): void
}

/** A descriptor that is closed when nothing holds it; who opened it holds it. */
export interface OpenFile extends Hold {
  readonly fd: number
}

export interface Primitives {
  /**
   * Makes a namespace; with a path it is mounted there (EEXIST if the file exists), with a failure leaving no file. The directory of the path
   * is prepared as iproute2 does.
   */
  createNetns(path: string | null, name: string | null, loopback: boolean): OpenNetns
  /** Begins what createNetns() does with a path. */
  beginNetns(path: string, name: string, loopback: boolean): BegunNetns
  /** Must be called, once, for each that was begun. */
  finishNetns(begun: BegunNetns): OpenNetns
  /** Mounts a namespace that is open as createNetns() does a new one. */
  nameNetns(netns: OpenNetns, path: string): void
  /** Unmounts and unlinks. */
  removeNetns(path: string): void
  /** Opens a namespace that stays open until the handle made of it is closed. */
  openNetns(netns: NetnsLike): OpenNetns
  /** Whether two descriptions are the same namespace is told by this text (device and inode). */
  identity(path: string): string
  listDirectory(path: string): string[]
  /** Those of some of its files that have one of the texts in them, or cannot be read. */
  filesWith(path: string, files: readonly string[], texts: readonly string[]): string[]
  readFile(netns: OpenNetns | null, path: string): string
  writeFile(netns: OpenNetns | null, path: string, text: string): void
  /**
   * Opens a socket of any kind in a namespace, bound to `address` (a struct sockaddr) unless that is empty. Its descriptor ends with the
   * thread until it is closed or released.
   */
  openSocket(netns: OpenNetns, family: number, type: number, protocol: number, address: Uint8Array): number
  closeSocket(fd: number): void
  /** What happens from then on, to groups of NETLINK_ROUTE, ends a wait. */
  listen(netns: OpenNetns | null, groups: readonly number[]): Listener
  /** Until something has happened since the last time. */
  wait(listener: Listener): void
  /** The descriptor is the caller's own from now on. */
  releaseSocket(fd: number): void
  /** Makes a TUN or TAP device that stays. `flags` are IFF_* of linux/if_tun.h; -1 for no `owner` and no `group`. */
  createTun(netns: OpenNetns | null, name: string, flags: number, owner: number, group: number): void
  /** Opens one, which is made where there is none. The descriptor is as that of a socket. */
  openTun(netns: OpenNetns | null, name: string, flags: number): number
  /** Opens what is pinned at a path of a BPF filesystem, as the process sees it. */
  openPinned(path: string): OpenFile
  /** What tells a file from one that has its name later: device, inode and the time of its last change. */
  stamp(path: string): string
  readText(path: string): string
  /** With those above it; none is an error. */
  makeDirectory(path: string): void
  /** A new file that has its text from the moment when it is there; EEXIST where there is one. */
  claimFile(path: string, text: string): void
  /** The same as a symbolic link whose target is the text: below 60 bytes it takes no room of a disk. */
  claimLink(path: string, text: string): void
  readLink(path: string): string
  /** A new file for appendFile(), readable by its owner alone; EEXIST where there is one. */
  createFile(path: string): number
  /** An existing file for appendFile(). */
  openFile(path: string): number
  appendFile(fd: number, text: string): void
  closeFile(fd: number): void
  renameFile(path: string, to: string): void
  /** None is no error. */
  removeFile(path: string): void
  /** Where programs of this user keep what ends with the machine: /run, or XDG_RUNTIME_DIR; null where it is not known. */
  runtimeDirectory(): string | null
}

/** Runs a primitive. */
export function* primitive<K extends keyof Primitives>(
  name: K,
  ...args: Parameters<Primitives[K]>
): Operation<ReturnType<Primitives[K]>> {
  const effect: Effect = { kind: 'primitive', name, args }
  return (yield effect) as ReturnType<Primitives[K]>
}

/** Gives a descriptor to the caller, or closes it where the call was aborted meanwhile or that fails. */
export function* handOver(fd: number): Operation<number> {
  try {
    yield* checkpoint()
    yield* primitive('releaseSocket', fd)
  } catch (error) {
    yield* unabortable(primitive('closeSocket', fd))
    throw error
  }
  return fd
}
