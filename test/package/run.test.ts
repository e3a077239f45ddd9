import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { runNode, succeed } from './program.js'

const project = inject('project')
const built = join(project, 'node_modules/netlink-ts/dist/cjs')
const files = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))

function bytesOf(names: readonly string[]): number {
  return names.reduce((bytes, name) => bytes + statSync(join(built, name)).size, 0)
}

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

  test('of itself it loads what a call needs, when it is called', async () => {
    const { ownAfterImport, ownAfterCalls } = JSON.parse(await print(`loaded.${format}`))
    expect(bytesOf(ownAfterImport)).toBeLessThan(bytesOf(ownAfterCalls) / 2)
    expect(bytesOf(ownAfterCalls)).toBeLessThan(bytesOf(files) / 3)
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

  test('drawings need no other package, but for SVG, which names it; the schema is there', async () => {
    const { drawing, error, title } = JSON.parse(await print(`drawing.${format}`))
    expect(drawing).toMatch(/^flowchart LR\n {2}subgraph n0\["red"\]/)
    expect(error.code).toMatch(/MODULE_NOT_FOUND$/)
    expect(error.message).toMatch(/^drawTopologySvg: npm install @hpcc-js\/wasm-graphviz \(/)
    expect(title).toBe('Topology')
  })

  test('it runs from a directory whose name is no plain URL', async () => {
    const odd = join(project, '../a b#c%41?ü')
    cpSync(project, odd, { recursive: true, filter: (file) => !file.endsWith('@types') })
    expect(JSON.parse(await print(`links.${format}`, {}, odd)).promised).toEqual(['far', 'lo', 'near'])
  })
})

describe('several copies in one process', async () => {
  cpSync(join(project, 'node_modules'), join(project, 'other/node_modules'), {
    recursive: true,
    filter: (file) => !file.endsWith('@types'),
  })
  const { twoCopies, oneClass, recognised, accepted } = JSON.parse(await print('identity.mjs'))

  test('the sub-paths, and both formats, share one copy of each class', () => {
    expect(twoCopies).toBe(true)
    expect(oneClass).toEqual(Object.fromEntries(Object.keys(oneClass).map((name) => [name, true])))
    expect(Object.keys(oneClass)).toHaveLength(25)
  })

  test('instanceof recognises the errors of every other copy', () => {
    expect(recognised).toEqual(Object.fromEntries(Object.keys(recognised).map((name) => [name, true])))
    expect(Object.keys(recognised)).toHaveLength(72)
  })

  test('each takes the handles of every other', () => {
    expect(accepted).toEqual(Object.fromEntries(Object.keys(accepted).map((name) => [name, true])))
    expect(Object.keys(accepted)).toHaveLength(72)
  })
})

test('the table of a kind of link is loaded when a link of that kind is asked for, and no other', async () => {
  const { afterImport, afterList, afterCreate, refused } = JSON.parse(await print('kinds.cjs'))
  // An option that one kind alone has, in the file that has its table.
  const options = {
    vxlan: 'remcsumNopartial',
    bareudp: 'srcportMin',
    bond: 'arpValidate',
    macsec: 'replayProtect',
  }
  const kindsIn = (loaded: readonly string[]) => {
    const texts = loaded.map((file) => readFileSync(join(built, file), 'utf8'))
    return Object.entries(options).flatMap(([kind, option]) =>
      texts.some((it) => it.includes(option)) ? kind : [],
    )
  }
  expect(kindsIn(files)).toEqual(Object.keys(options))
  expect(kindsIn(afterImport)).toEqual([])
  expect(kindsIn(afterList)).toEqual([])
  expect(refused).toMatch(/^createLink: unknown option 'vni' .*remcsumNopartial/)
  expect(kindsIn(afterCreate)).toEqual(['vxlan'])
})
