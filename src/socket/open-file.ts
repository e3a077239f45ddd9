import type { OpenFile } from '../netlink/primitives.js'
import { addon } from './addon.js'

/** A descriptor of the addon's, held by who opened it; with the last that lets go of it it is closed. */
export class HeldFile implements OpenFile {
  #holds = 1

  constructor(readonly fd: number) {}

  retain(): void {
    this.#holds++
  }

  release(): void {
    this.#holds--
    if (this.#holds === 0) addon().close(this.fd)
  }
}
