/** What fake kernels read requests by: every message that src/rtnetlink defines, by its number and its family. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { Message } from '../../src/codec/index.js'
import { NETLINK_ROUTE } from '../../src/netlink/constants.js'
import { messageOf, messages } from '../../src/testing/messages.js'

const FAMILIES = Array.from({ length: 256 }, (_, family) => family)
const folder = fileURLToPath(new URL('../../src/rtnetlink', import.meta.url))
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)
const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'))
const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && 'number' in value && 'header' in value && 'table' in value

it('are all that there are', async () => {
  const tables = files.filter((file) => /table\.ts$/.test(file))
  const modules = await Promise.all(tables.map((file) => import(join(folder, file)) as Promise<object>))
  const defined = modules.flatMap((module) => Object.values(module).filter(isMessage))
  const calls = texts.flatMap((text) => [...text.matchAll(/\bmessage\(\s*'(RTM_\w+)'/g)])
  expect(defined.map(({ name }) => name).sort()).toEqual(calls.map(([, name]) => name).sort())
  const read = new Set(
    defined.flatMap(({ number }) => FAMILIES.map((family) => messageOf(NETLINK_ROUTE, number, family))),
  )
  expect(defined.filter((message) => !read.has(message)).map(({ name }) => name)).toEqual([])
  expect(Object.keys(messages)).toEqual(expect.arrayContaining(defined.map(({ name }) => name)))
})
