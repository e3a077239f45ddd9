/** The program in docs/nat.md is run as it stands there. */

import { expect, it } from 'vitest'
import { blocks, promised, runCode } from './documents.js'
import { needNftables } from './needs.js'

needNftables()

it('docs/nat.md: a program prints what its comments say', async () => {
  const [program = '', ...more] = blocks('docs/nat.md')
  expect([promised(program), more]).toEqual(['tcp/8080 v-net-0\nmasquerade 192.168.15.0/24\n', []])
  expect(await runCode(program)).toBe(promised(program))
})
