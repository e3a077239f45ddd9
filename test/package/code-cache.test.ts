import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { run, runNode, succeed } from './program.js'

const project = inject('project')

const OWN = 'node_modules/netlink-ts'

let copy: string
let built: string

/** Copies what a program needs of the project. */
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'netlink-ts-cache-'))
  built = join(copy, OWN, 'dist/cjs')
  const needed = [
    'cached.cjs',
    'node_modules/bindings',
    'node_modules/file-uri-to-path',
    `${OWN}/package.json`,
  ]
  const own = ['dist/cjs', 'native', 'build/Release/netlink.node'].map((path) => `${OWN}/${path}`)
  for (const path of [...needed, ...own])
    cpSync(join(project, path), join(copy, path), { recursive: true, preserveTimestamps: true })
})
afterEach(() => rmSync(copy, { recursive: true, force: true }))

/** Which packs a program runs from V8's cache, and whether V8 refused it. */
async function packsOf(where: string, flags: string[] = []): Promise<Record<string, boolean>> {
  const { stdout } = await succeed(runNode(where, [...flags, 'cached.cjs']))
  const { packs, links } = JSON.parse(stdout)
  expect(links).toEqual(['lo'])
  return packs
}

describe('what V8 compiled when the package was installed', () => {
  test('is what programs run', async () => {
    expect(await packsOf(project)).toEqual({ 'base.pack.js': false, 'start.pack.js': false })
  })

  test('is compiled again where V8 refuses it, as with other flags', async () => {
    expect(await packsOf(project, ['--no-lazy-feedback-allocation'])).toEqual({
      'base.pack.js': true,
      'start.pack.js': true,
    })
  })

  test('is not taken of a pack that was edited since', async () => {
    const pack = join(built, 'start.pack.js')
    const code = readFileSync(pack, 'utf8')
    const edited = code.replace('module.exports = load;', 'module.exports = 0xff;')
    expect(edited).toHaveLength(code.length)
    writeFileSync(pack, edited)
    const { stderr, status } = await runNode(copy, ['cached.cjs'])
    expect(status).not.toBe(0)
    expect(stderr).toContain('is not a function')
  })

  test('is not there where the install script has not run, and nothing else is otherwise', async () => {
    rmSync(join(built, 'base.pack.js.cache'))
    expect(await packsOf(copy)).toEqual({ 'start.pack.js': false })
    rmSync(join(built, 'start.pack.js.cache'))
    expect(await packsOf(copy)).toEqual({})
  })

  test('is kept all the same where no link can be listed, which is told', async () => {
    rmSync(join(copy, OWN, 'build'), { recursive: true })
    const cache = join(built, 'start.pack.js.cache')
    utimesSync(cache, 0, 0)
    const { stderr } = await succeed(run(process.execPath, [join(copy, OWN, 'native/code-cache.mjs')]))
    expect(stderr).toMatch(/^netlink-ts: .*the native addon cannot be loaded: it has not been built/)
    expect(statSync(cache).mtimeMs).toBeGreaterThan(0)
  })
})
