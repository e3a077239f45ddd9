import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { type Result, run } from './program.js'

const unbuilt = inject('unbuilt')
const PACKAGE = join(unbuilt, 'node_modules/netlink-ts')
const PREFIX = dirname(dirname(process.execPath))

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netlink-ts-build-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Runs the install script with nothing else on the PATH than what the test has put into `directory`. */
function build(env: NodeJS.ProcessEnv = {}, nodeOptions: string[] = []): Promise<Result> {
  return run(process.execPath, [...nodeOptions, 'native/build.mjs'], {
    cwd: PACKAGE,
    env: { PATH: directory, ...env },
  })
}

/** A node-gyp that prints what it was asked and ends with a status. */
function fakeNodeGyp(status: number): void {
  const source = `#!${process.execPath}
    console.log(JSON.stringify([process.argv.slice(2), process.env.npm_config_nodedir ?? null]))
    process.exit(${status})`
  writeFileSync(join(directory, 'node-gyp'), source, { mode: 0o755 })
}

describe('the install script', () => {
  test.skipIf(!existsSync(join(PREFIX, 'include/node/node_api.h')))(
    'takes the headers beside node, where nothing else is said',
    async () => {
      fakeNodeGyp(0)
      const { stdout, status } = await build()
      expect(status).toBe(0)
      expect(JSON.parse(stdout)).toEqual([['rebuild', '--jobs', 'max'], PREFIX])
    },
  )

  test('keeps the directory of headers that npm is configured with', async () => {
    fakeNodeGyp(0)
    const { stdout } = await build({ npm_config_nodedir: '/opt/node' })
    expect(JSON.parse(stdout)[1]).toBe('/opt/node')
  })

  test('says what a build needs when it fails, and fails', async () => {
    fakeNodeGyp(7)
    const { stderr, status } = await build()
    expect(status).toBe(7)
    expect(stderr).toMatch(
      /^netlink-ts: the addon could not be built; it needs a C\+\+ compiler, make and python3/,
    )
  })

  test('says so where there is no node-gyp', async () => {
    const { stderr, status } = await build()
    expect(status).toBe(1)
    expect(stderr).toMatch(/^netlink-ts: node-gyp cannot be started \(.*ENOENT\); run this by npm\n$/)
  })

  test.each(['darwin', 'win32'])('builds nothing on %s', async (platform) => {
    const preload = ['--require', join(unbuilt, 'platform.cjs')]
    expect(await build({ PLATFORM: platform }, preload)).toEqual({ stdout: '', stderr: '', status: 0 })
    expect(existsSync(join(PACKAGE, 'build'))).toBe(false)
  })
})
