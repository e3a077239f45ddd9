/** The layers of docs/architecture.md: imports go downward only, and the protocol folders know nothing of Node or of sockets. */

import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../src/', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll('\\', '/'))

/** What a folder may import from, besides itself. */
const allowed: Record<string, readonly string[]> = {
  codec: [],
  netlink: ['codec'],
  rtnetlink: ['codec', 'netlink'],
  nftables: ['codec', 'netlink'],
  conntrack: ['codec', 'netlink'],
  netns: ['codec', 'netlink', 'rtnetlink'],
  topology: ['codec', 'netlink', 'rtnetlink', 'netns', 'nat', '@hpcc-js/wasm-graphviz'],
  nat: ['codec', 'netlink', 'rtnetlink', 'netns', 'nftables', 'conntrack'],
  socket: ['codec', 'netlink', 'node', 'bindings', 'debug'],
  raw: ['codec', 'netlink', 'socket'],
  monitor: ['codec', 'netlink', 'rtnetlink', 'conntrack', 'nftables', 'socket', 'topology'],
  testing: ['codec', 'netlink', 'rtnetlink', 'nftables', 'conntrack', 'socket'],
}

function importsOf(file: string): string[] {
  const text = readFileSync(root + file, 'utf8')
  return [
    ...text.matchAll(/^(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]/gm),
    ...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g),
    // For what it does alone.
    ...text.matchAll(/^import\s+['"]([^'"]+)['"]/gm),
    ...text.matchAll(/\brequire\(\s*['"]([^'"]+)['"]/g),
  ].map((match) => match[1]!)
}

function folderOf(file: string, specifier: string): string {
  if (specifier.startsWith('node:')) return 'node'
  if (!specifier.startsWith('.')) return specifier
  return posix.join(posix.dirname(file), specifier).split('/')[0]!
}

describe('imports', () => {
  it('of every folder are looked at', () => {
    const folders = files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]!)
    expect([...new Set(folders)].sort()).toEqual(Object.keys(allowed).sort())
  })

  for (const [folder, below] of Object.entries(allowed)) {
    it(`${folder}/ imports only from ${[...below, 'itself'].join(', ')}`, () => {
      const breaches = files
        .filter((file) => file.startsWith(`${folder}/`))
        .flatMap((file) => importsOf(file).map((specifier) => ({ file, specifier })))
        .filter(({ file, specifier }) => ![folder, ...below].includes(folderOf(file, specifier)))
        .map(({ file, specifier }) => `${file} imports ${specifier}`)
      expect(breaches).toEqual([])
    })
  }

  it('only socket/ loads the addon', () => {
    const others = files.filter((file) => !file.startsWith('socket/'))
    expect(
      others.filter((file) => importsOf(file).some((specifier) => /\/addon\.js$/.test(specifier))),
    ).toEqual([])
  })

  it('index files of folders only re-export', () => {
    const indexes = files.filter(
      (file) => /\/index\.ts$/.test(file) && !file.startsWith('rtnetlink/link/kinds/'),
    )
    for (const file of indexes) {
      const code = readFileSync(root + file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      expect(code.replace(/export\s*(?:type\s*)?(?:\{[^}]*\}|\*)\s*from\s*'[^']+'/g, '').trim()).toBe('')
    }
  })
})
