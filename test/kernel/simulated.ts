/** Hardware that kernels simulate for tests: network cards with virtual functions (netdevsim), which their bus makes, and modems. */

import { existsSync, readdirSync } from 'node:fs'
import type { TestContext } from 'vitest'
import { execIn, withNetns } from './support.js'

/** Where such cards are made. Guests load its module (test/kernels/guest.sh). */
export const BUS = '/sys/bus/netdevsim'

/** Skips a test, visibly, where the kernel simulates no cards. */
export function skipWithoutCards({ skip }: TestContext): void {
  skip(!existsSync(BUS), 'cannot be installed: this kernel has no netdevsim')
}

/** A card: its number on the bus, and its ports eth0, eth1 … in a namespace. */
export interface Card {
  readonly netns: string
  readonly id: number
  /** How many virtual functions it has from now on. */
  setVfs(count: number): void
}

let made = 0

/** Runs `work` beside a card that has so many ports; their ifindexes are the namespace's own. */
export function withCard<T>(ports: number, work: (card: Card) => Promise<T>): Promise<T> {
  return withNetns(async (netns) => {
    // Numbers are the kernel's, not a namespace's.
    const id = process.pid * 10 + made++
    // The bus makes a card in the namespace of who asks for it.
    const write = (value: string, file: string) => execIn(netns, 'sh', '-c', `echo ${value} >${file}`)
    write(`"${id} ${ports}"`, `${BUS}/new_device`)
    try {
      return await work({
        netns,
        id,
        setVfs: (count) => write(`${count}`, `${BUS}/devices/netdevsim${id}/sriov_numvfs`),
      })
    } finally {
      // Before its namespace, which would hand it to the first one.
      write(`${id}`, `${BUS}/del_device`)
    }
  })
}

const MODEMS = '/sys/class/wwan'

/** A modem that channels can be made on, by its name; undefined where there is none. */
export const someModem = (): string | undefined =>
  existsSync(MODEMS) ? readdirSync(MODEMS).find((name) => /^wwan\d+$/.test(name)) : undefined
