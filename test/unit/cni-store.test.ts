/** The files of docs/examples/cni, in which it is kept who has which address. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Store } from '../../docs/examples/cni/store.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netlink-ts-store-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

it('containers whose names are alike when they are put together each get an address of their own', async () => {
  const store = await Store.open('net', directory)
  const owners = [
    { containerID: 'a', ifname: 'b.c' },
    { containerID: 'a.b', ifname: 'c' },
  ]
  const wanted = Array.from({ length: 100 }, (_, i) => ({ address: `10.0.0.${i}`, owner: owners[i % 2]! }))
  for (const first of wanted.filter((_, i) => i % 2 === 0)) {
    const pair = wanted.slice(wanted.indexOf(first), wanted.indexOf(first) + 2)
    const claims = pair.map(({ address, owner }) => store.claim(address, owner))
    expect(await Promise.all(claims)).toEqual([true, true])
  }
  const key = ({ address }: { address: string }) => Number(address.split('.')[3])
  expect((await store.entries()).sort((a, b) => key(a) - key(b))).toEqual(wanted)
  for (const owner of owners) await store.release(owner)
  expect(readdirSync(join(directory, 'net'))).toEqual([])
})
