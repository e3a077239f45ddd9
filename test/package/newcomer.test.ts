import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { run, runNode, succeed } from './program.js'

const project = inject('project')
const TSC = join(import.meta.dirname, '../../node_modules/.bin/tsc')
const PRINTED = `red veth-red true 192.168.15.1/24
blue veth-blue true 192.168.15.2/24
`

async function compile(file: string, options: string[]): Promise<void> {
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--types', 'node']
  await succeed(
    run(TSC, [file, '--outDir', 'out', '--target', 'es2022', ...strict, ...options], { cwd: project }),
  )
}

describe('a first program of twenty lines', () => {
  beforeAll(() => copyFileSync(join(project, 'newcomer.mts'), join(project, 'newcomer.ts')))

  test.each(['newcomer.mjs', 'newcomer.cjs'])('in JavaScript: %s', async (program) => {
    expect((await succeed(runNode(project, [program]))).stdout).toBe(PRINTED)
  })

  // The declarations are checked too: skipLibCheck is off.
  test.each([
    ['CommonJS', 'newcomer.ts', ['--module', 'nodenext'], 'out/newcomer.js'],
    ['ES modules', 'newcomer.mts', ['--module', 'nodenext'], 'out/newcomer.mjs'],
    [
      'the older resolution',
      'newcomer.ts',
      ['--module', 'commonjs', '--moduleResolution', 'node10'],
      'out/newcomer.js',
    ],
  ])('in TypeScript: %s', async (_, source, options, program) => {
    await compile(source, options)
    expect((await succeed(runNode(project, [program]))).stdout).toBe(`${PRINTED}gone\n`)
  })

  test('in TypeScript for a bundler', async () => {
    await compile('newcomer.mts', ['--module', 'esnext', '--moduleResolution', 'bundler'])
  })
})
