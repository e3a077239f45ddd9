/**
 * Which container has which address: a file for each, as host-local keeps them (DATADIR/NETWORK/ADDRESS, with the container's id and the
 * interface in it), so that both can be used side by side.
 */
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Attachment } from './input.js'

const DATA_DIRECTORY = '/var/lib/cni/networks'
const ADDRESS = /^[\d.]+$|^[\da-f:.]*:[\da-f:.]*$/
/** A file that becomes an address's, by whose it is: neither has a colon. */
const STAGED = /^\.([^:]+):([^:]+)$/

export interface Entry {
  readonly address: string
  readonly owner: Attachment
}

export class Store {
  private constructor(private readonly directory: string) {}

  static async open(network: string, dataDirectory = DATA_DIRECTORY): Promise<Store> {
    const directory = join(dataDirectory, network)
    await mkdir(directory, { recursive: true })
    return new Store(directory)
  }

  /**
   * Takes an address; false where it is taken. The link is the lock: the kernel makes one of two that come at once, and the file is whole
   * from the start, whenever a process is killed.
   */
  async claim(address: string, owner: Attachment): Promise<boolean> {
    const staged = this.#staged(owner)
    await writeFile(staged, `${owner.containerID}\r\n${owner.ifname}`)
    try {
      await link(staged, join(this.directory, address))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    } finally {
      await rm(staged, { force: true })
    }
  }

  async entries(): Promise<Entry[]> {
    const entries: Entry[] = []
    for (const address of await this.addresses()) {
      const text = await readFile(join(this.directory, address), 'utf8').catch(() => '')
      const [containerID = '', ifname = ''] = text.trim().split(/\r?\n/)
      if (containerID !== '') entries.push({ address, owner: { containerID, ifname } })
    }
    return entries
  }

  /** Who has an address, or was killed while taking one. */
  async owners(): Promise<Attachment[]> {
    const staged = (await readdir(this.directory)).flatMap((name) => {
      const [, containerID, ifname] = STAGED.exec(name) ?? []
      return containerID === undefined || ifname === undefined ? [] : [{ containerID, ifname }]
    })
    return [...(await this.entries()).map(({ owner }) => owner), ...staged]
  }

  async addresses(): Promise<string[]> {
    return (await readdir(this.directory)).filter((name) => ADDRESS.test(name))
  }

  /** A file of an old host-local says nothing of interfaces: it counts where none says this one. */
  async addressesOf({ containerID, ifname }: Attachment): Promise<string[]> {
    const ofContainer = (await this.entries()).filter(({ owner }) => owner.containerID === containerID)
    const ofInterface = (name: string) => ofContainer.filter(({ owner }) => owner.ifname === name)
    const own = ofInterface(ifname)
    return (own.length > 0 ? own : ofInterface('')).map(({ address }) => address)
  }

  /** Gives back all addresses of an interface; none is no error. */
  async release(owner: Attachment): Promise<void> {
    for (const address of await this.addressesOf(owner))
      await rm(join(this.directory, address), { force: true })
    await rm(this.#staged(owner), { force: true })
  }

  /** The address of a set of ranges that was given last: only a hint where to begin. */
  async last(set: number): Promise<string | null> {
    const text = await readFile(this.#last(set), 'utf8').catch(() => '')
    return ADDRESS.test(text.trim()) ? text.trim() : null
  }

  async setLast(set: number, address: string): Promise<void> {
    await writeFile(this.#last(set), address)
  }

  #last(set: number): string {
    return join(this.directory, `last_reserved_ip.${set}`)
  }

  #staged({ containerID, ifname }: Attachment): string {
    return join(this.directory, `.${containerID}:${ifname}`)
  }
}
