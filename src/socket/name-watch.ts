/** Names that come and go in a directory of namespaces. */

import { existsSync, type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { dirname, join } from 'node:path'
import { ENOENT } from '../netlink/errno.js'
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

/**
 * Watches a directory (inotify(7)), or where it will be. A name is told when its namespace can be opened; one that never becomes a namespace is
 * told nevertheless, after a second. One that goes before it was looked at is not told.
 */
export class NameWatch implements Source<NameChange> {
  wake: (() => void) | null = null
  readonly #directory: string
  readonly #known = new Map<string, string>()
  readonly #waiting = new Map<string, NodeJS.Timeout>()
  #changes: NameChange[] = []
  #watcher: FSWatcher | null = null
  #error: SystemError | null = null

  /** Throws SystemError where nothing can be watched. */
  constructor(directory: string) {
    this.#directory = directory
    if (this.#start()) for (const name of readdirSync(directory)) this.#know(name)
  }

  take(): NameChange | null {
    const change = this.#changes.shift()
    if (change !== undefined) return change
    if (this.#error !== null) throw this.#error
    return null
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = null
    for (const timer of this.#waiting.values()) clearTimeout(timer)
    this.#waiting.clear()
    this.#changes = []
  }

  /** Whether the directory itself is watched. */
  #start(): boolean {
    try {
      this.#watcher = this.#watch(this.#directory, (name) => this.#look(name, FIRST_LOOK))
      return true
    } catch (error) {
      if (!(error instanceof SystemError && error.errno === ENOENT)) throw error
    }
    this.#watcher = this.#watch(dirname(this.#directory), () => this.#restart())
    // It may have come meanwhile.
    this.#restart()
    return false
  }

  #restart(): void {
    if (!existsSync(this.#directory)) return
    this.#watcher?.close()
    if (this.#start()) for (const name of readdirSync(this.#directory)) this.#look(name, FIRST_LOOK)
  }

  #watch(directory: string, changed: (name: string) => void): FSWatcher {
    try {
      const watcher = watch(directory, (_event, name) => {
        if (name !== null && this.#watcher === watcher) changed(name)
      })
      watcher.on('error', (error) => this.#fail(error, directory))
      return watcher
    } catch (error) {
      throw systemError(error, directory)
    }
  }

  #know(name: string): void {
    const entry = this.#entry(name)
    if (entry !== null) this.#known.set(name, entry.identity)
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
      this.#waiting.set(
        name,
        setTimeout(() => this.#look(name, delay * 2), delay),
      )
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
      // Gone, or about to be mounted: then nobody but root may look.
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return null
      throw systemError(error, join(this.#directory, name))
    }
  }

  #tell(action: NameChange['action'], name: string): void {
    this.#changes.push({ type: 'name', action, name })
    this.wake?.()
  }

  #fail(error: unknown, directory: string): void {
    this.#error = systemError(error, directory)
    this.wake?.()
  }
}

function systemError(error: unknown, subject: string): SystemError {
  const { errno = 0, syscall = 'watch' } = error as NodeJS.ErrnoException
  return new SystemError({ errno: Math.abs(errno), syscall, subject })
}
