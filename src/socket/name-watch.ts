/** Names that come and go in a directory of namespaces. */

import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { SystemError } from '../netlink/errors.js'
import type { Source } from './feed.js'

/** A name was made ('new') or has gone. */
export interface NameChange {
  readonly type: 'name'
  readonly action: 'new' | 'delete'
  readonly name: string
}

/** A name is made as a file, on which the namespace is mounted next: how long is waited for that, in milliseconds, and at first. */
const MOUNT_TIME = 1000
const FIRST_LOOK = 1

/** What stands behind a name, and whether it is a namespace: whether something is mounted there. */
interface Entry {
  readonly identity: string
  readonly mounted: boolean
}

/** By these a name is no namespace, or is none yet: it has gone, or leads to where nothing is or nobody may look. */
const NO_ENTRY: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES']

/**
 * Watches a directory (inotify(7)), and the one above it, in which it comes and goes. A name is told when its namespace can be opened; one that
 * never becomes a namespace is told nevertheless, after a second. One that goes before it was looked at is not told.
 *
 * inotify tells of an unmount only where the file system ends with it, and never of a mount: that something is mounted over the directory
 * later, or is unmounted from it that lives on in another mount namespace, is not seen.
 */
export class NameWatch implements Source<NameChange> {
  wake: (() => void) | null = null
  readonly #directory: string
  readonly #known = new Map<string, string>()
  readonly #waiting = new Map<string, NodeJS.Timeout>()
  #changes: NameChange[] = []
  #above: FSWatcher | null = null
  #inside: FSWatcher | null = null
  #error: Error | null = null

  /** Throws SystemError where nothing can be watched. */
  constructor(directory: string) {
    this.#directory = directory
    try {
      this.#above = this.#watch(dirname(directory), (name) => {
        if (name === basename(directory)) this.#enter()
      })
      for (const name of this.#names()) {
        const entry = this.#entry(name)
        if (entry !== null) this.#known.set(name, entry.identity)
      }
    } catch (error) {
      this.close()
      throw systemError(error)
    }
  }

  take(): NameChange | null {
    const change = this.#changes.shift()
    if (change !== undefined) return change
    if (this.#error !== null) throw this.#error
    return null
  }

  close(): void {
    this.#above?.close()
    this.#inside?.close()
    this.#above = this.#inside = null
    for (const timer of this.#waiting.values()) clearTimeout(timer)
    this.#waiting.clear()
    this.#changes = []
  }

  /** The directory has come, has gone, or is another one now. */
  #enter(): void {
    for (const name of new Set([...this.#known.keys(), ...this.#names()])) this.#look(name, FIRST_LOOK)
  }

  /** What is in the directory, which is watched from now on. */
  #names(): string[] {
    this.#inside?.close()
    this.#inside = null
    try {
      this.#inside = this.#watch(this.#directory, (name) => {
        // Its own name: it is moved, deleted, or unmounted, which the one above does not tell. Or that of a namespace.
        if (name === basename(this.#directory)) this.#enter()
        else this.#look(name, FIRST_LOOK)
      })
      return readdirSync(this.#directory)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  #watch(directory: string, changed: (name: string) => void): FSWatcher {
    const watcher = watch(directory, (_event, name) => {
      if (name !== null) this.#guarded(() => changed(name))
    })
    watcher.on('error', (error) => this.#fail(error))
    return watcher
  }

  #look(name: string, delay: number): void {
    clearTimeout(this.#waiting.get(name))
    this.#waiting.delete(name)
    const entry = this.#entry(name)
    const known = this.#known.get(name)
    if (known !== undefined && known !== entry?.identity) {
      this.#known.delete(name)
      this.#tell('delete', name)
    }
    if (entry === null || known === entry.identity) return
    if (!entry.mounted && delay < MOUNT_TIME) {
      const again = () => this.#guarded(() => this.#look(name, delay * 2))
      this.#waiting.set(name, setTimeout(again, delay))
      return
    }
    this.#known.set(name, entry.identity)
    this.#tell('new', name)
  }

  #entry(name: string): Entry | null {
    try {
      const { dev, ino, ctimeNs } = statSync(join(this.#directory, name), { bigint: true })
      const mounted = dev !== statSync(this.#directory, { bigint: true }).dev
      // A namespace may have the inode number of one that has ended, but not its age.
      return { identity: `${dev}:${ino}:${mounted ? ctimeNs : ''}`, mounted }
    } catch (error) {
      if (NO_ENTRY.includes((error as NodeJS.ErrnoException).code)) return null
      throw error
    }
  }

  #tell(action: NameChange['action'], name: string): void {
    this.#changes.push({ type: 'name', action, name })
    this.wake?.()
  }

  /** Nobody would catch what a callback throws. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#error ??= systemError(error)
    this.wake?.()
  }
}

/** What node:fs threw, as an error of this library; any other as it is. */
function systemError(error: unknown): Error {
  const { errno, syscall = 'watch', path } = error as NodeJS.ErrnoException
  if (errno === undefined) return error as Error
  return new SystemError({ errno: Math.abs(errno), syscall, subject: path })
}
