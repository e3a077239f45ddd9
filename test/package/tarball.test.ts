import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { beforeAll, expect, inject, test } from 'vitest'
import { run, succeed } from './program.js'

const ROOT = join(import.meta.dirname, '../..')
const tarball = inject('tarball')

let files: string[]

beforeAll(async () => {
  const { stdout } = await succeed(run('tar', ['-tzf', tarball]))
  files = stdout
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''))
})

const SHIPPED = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|binding\.gyp)$/,
  /^native\/[a-z-]+\.(cc|h|mjs)$/,
  /^docs\/([a-z\d-]+\.md|examples\/(cni\/)?[a-z-]+\.(ts|c)|charts\/[a-z-]+\.svg)$/,
  /^dist\/(esm|cjs)\/(?!.*\.tsbuildinfo).*\.(js|d\.ts)$/,
  /^dist\/esm\/([a-z]+\/)?[a-z-]+\.cjs$/,
  /^dist\/(esm|cjs)\/package\.json$/,
  /^dist\/topology\.schema\.json$/,
]

test('the tarball holds the build, the addon’s sources and the documents, and nothing else', () => {
  expect(files.filter((file) => !SHIPPED.some((pattern) => pattern.test(file)))).toEqual([])
  expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'CHANGELOG.md', 'binding.gyp']))
})

test('every file that package.json and binding.gyp name is there', () => {
  const { exports, typesVersions, main, types } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const named =
    JSON.stringify([exports, typesVersions, main, types]).match(/(dist\/|package\.json)[^"]*/g) ?? []
  const sources = readFileSync(join(ROOT, 'binding.gyp'), 'utf8').match(/native\/[^']+/g) ?? []
  expect(named.length).toBeGreaterThan(10)
  expect(sources.length).toBeGreaterThan(5)
  for (const file of [...named, ...sources]) expect(files).toContain(file)
})

test('publint finds nothing', async () => {
  const { stdout } = await succeed(run(join(ROOT, 'node_modules/.bin/publint'), ['--strict', tarball]))
  expect(stdout).toContain('All good!')
})

test('are-the-types-wrong finds nothing', async () => {
  // A schema has no types, and what resolves without `exports` (node10) takes it by its path.
  const schema = ['--exclude-entrypoints', 'topology.schema.json']
  const { stdout } = await succeed(run(join(ROOT, 'node_modules/.bin/attw'), [tarball, ...schema]))
  expect(stdout).toContain('No problems found')
})

test('what the documents link to is there', () => {
  const documents = files.filter((file) => file.endsWith('.md'))
  for (const document of documents) {
    const text = readFileSync(join(ROOT, document), 'utf8')
    for (const [, link] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
      const path = posix.join(posix.dirname(document), link!)
      const there = files.some((file) => (path.endsWith('/') ? file.startsWith(path) : file === path))
      expect(there, `${document} links to ${link}`).toBe(true)
    }
  }
})
