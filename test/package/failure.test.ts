import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { runNode, succeed } from './program.js'

const project = inject('project')
const unbuilt = inject('unbuilt')
const broken = join(project, '../broken')
const PROGRAMS = ['failure.mjs', 'failure.cjs']

afterEach(() => rmSync(broken, { recursive: true, force: true }))

/** What both faces say; an import that fails shows as an exit status. */
async function messages(where: string, args: string[], env?: NodeJS.ProcessEnv): Promise<string[]> {
  return JSON.parse((await succeed(runNode(where, args, env))).stdout)
}

function breakAddon(content: string): void {
  cpSync(project, broken, { recursive: true, filter: (file) => !file.endsWith('@types') })
  writeFileSync(join(broken, 'node_modules/netlink-ts/build/Release/netlink.node'), content)
}

describe.each(PROGRAMS)('%s', (program) => {
  test.each(['darwin', 'win32'])(
    'imports on %s, and a call says in one sentence why it fails',
    async (platform) => {
      const said = await messages(project, ['--require', './platform.cjs', program], { PLATFORM: platform })
      const sentence = `netlink-ts: netlink exists on Linux only; on ${platform} the package can be imported but not used`
      expect(said).toEqual([sentence, sentence])
    },
  )

  test('an addon that was not built is named with the commands that build it', async () => {
    for (const message of await messages(unbuilt, [program])) {
      expect(message).toMatch(/^netlink-ts: the native addon cannot be loaded: it has not been built\./)
      expect(message).toContain('npm install-scripts approve netlink-ts && npm rebuild netlink-ts')
      expect(message).toContain('apt-get install g++ make python3')
      expect(message).not.toContain('\n')
    }
  })

  test('an addon of another machine says so', async () => {
    breakAddon('this is no shared object, but long enough for the loader to look at its first bytes')
    for (const message of await messages(broken, [program])) {
      expect(message).toMatch(
        /built for another C library or machine \(.*netlink\.node: invalid ELF header\)/,
      )
      expect(message).toContain('npm rebuild netlink-ts')
      expect(message).not.toContain('\n')
    }
  })

  test('what the loader says of other faults is passed on', async () => {
    breakAddon('short')
    for (const message of await messages(broken, [program])) {
      expect(message).toMatch(
        /^netlink-ts: the native addon cannot be loaded: .*netlink\.node: file too short\. /,
      )
      expect(message).not.toContain('\n')
    }
  })
})
