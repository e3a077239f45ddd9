import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { runNode, succeed } from './program.js'

const project = inject('project')

async function print(file: string, env?: NodeJS.ProcessEnv, where = project): Promise<string> {
  return (await succeed(runNode(where, [file], env))).stdout
}

describe.each(['mjs', 'cjs'])('as %s', (format) => {
  test('both faces make and list interfaces', async () => {
    const { promised, immediate } = JSON.parse(await print(`links.${format}`))
    expect(promised).toEqual(['far', 'lo', 'near'])
    expect(immediate).toEqual(promised)
  })

  test('nothing is loaded before the first call, and debug not at all', async () => {
    const { afterImport, afterCalls } = JSON.parse(await print(`loaded.${format}`))
    expect(afterImport).toEqual([])
    expect(afterCalls.map((file: string) => file.replace(/.*\/node_modules\//, '')).sort()).toEqual([
      'bindings/bindings.js',
      'file-uri-to-path/index.js',
      'netlink-ts/build/Release/netlink.node',
    ])
  })

  test('DEBUG=netlink:* prints the messages of both directions, decoded', async () => {
    const { stderr } = await succeed(runNode(project, [`loaded.${format}`], { DEBUG: 'netlink:*' }))
    const lines = stderr.trim().split('\n')
    for (const face of ['immediate', 'promised']) {
      const [sent, received, done] = lines.splice(0, 3)
      expect(sent, face).toMatch(/netlink:send RTM_GETLINK .*extMask=/)
      expect(received, face).toMatch(/netlink:receive RTM_NEWLINK .*ifname=lo .*mtu=65536/)
      expect(done, face).toMatch(/netlink:receive NLMSG_DONE /)
    }
    expect(lines).toEqual([])
  })

  test('it runs from a directory whose name is no plain URL', async () => {
    const odd = join(project, '../a b#c%41?ü')
    cpSync(project, odd, { recursive: true, filter: (file) => !file.endsWith('@types') })
    expect(JSON.parse(await print(`links.${format}`, {}, odd)).promised).toEqual(['far', 'lo', 'near'])
  })
})

describe('several copies in one process', async () => {
  const { twoCopies, oneClass, recognised, accepted } = JSON.parse(await print('identity.mjs'))

  test('the sub-paths of a format share one copy of each class', () => {
    expect(twoCopies).toBe(true)
    expect(oneClass).toEqual(Object.fromEntries(Object.keys(oneClass).map((name) => [name, true])))
    expect(Object.keys(oneClass)).toHaveLength(14)
  })

  test('instanceof recognises the errors of the other format', () => {
    expect(recognised).toEqual(Object.fromEntries(Object.keys(recognised).map((name) => [name, true])))
    expect(Object.keys(recognised)).toHaveLength(32)
  })

  test('each takes the handles of every other', () => {
    expect(accepted).toEqual(Object.fromEntries(Object.keys(accepted).map((name) => [name, true])))
    expect(Object.keys(accepted)).toHaveLength(32)
  })
})
