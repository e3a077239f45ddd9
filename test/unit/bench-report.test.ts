/** What the benchmarks are asked for and what they tell: arguments, peers that do not run, the JSON, the chart, the progress line. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { readArguments, roundsOf } from '../../bench/lib/arguments.js'
import { drawChart } from '../../bench/lib/chart.js'
import { shortVersion, withOverview } from '../../bench/lib/document.js'
import { versionOf } from '../../bench/lib/environment.js'
import { type Competitor, interleave } from '../../bench/lib/interleave.js'
import { findPeers, look } from '../../bench/lib/peers.js'
import { describeMissing, resultOf, showProgress, writeChart } from '../../bench/lib/report.js'

const SUITES = ['attach', 'routes', 'dump']

it.each([
  ['nothing', '', { names: SUITES, isNamed: false, rounds: undefined }],
  ['suites', 'dump attach', { names: ['dump', 'attach'], isNamed: true, rounds: undefined }],
  ['a suite by its other name, and again', 'batch routes', { names: ['routes'], isNamed: true }],
  ['small numbers', '--quick', { rounds: undefined, options: { quick: true, peers: false } }],
  ['rounds', '--quick --rounds 7 --peers', { rounds: 7, options: { peers: true, write: false } }],
])('arguments: %s', (_, line, expected) => {
  expect(readArguments(line.split(' ').filter(Boolean), SUITES)).toMatchObject(expected)
})

it.each([
  ['attach linkz', "no suite 'linkz'; there is: attach routes dump"],
  ['toString', "no suite 'toString'"],
  ['--rounds 0', '--rounds 0: not a number of rounds'],
  ['--rounds few', '--rounds few: not a number of rounds'],
  ['--write --quick', '--write: figures of a --quick run belong in no document'],
  ['--fast', "'--fast'"],
])('arguments that are refused: %s', (line, expected) => {
  expect(() => readArguments(line.split(' '), SUITES)).toThrow(expected)
})

it.each([
  ['usual', {}, {}, 5],
  ['usual, of a suite that is named, too', {}, { isNamed: true }, 5],
  ['more, of one that says so and is named', { rounds: 11 }, { isNamed: true }, 11],
  ['no more where all suites run', { rounds: 11 }, {}, 5],
  ['few with small numbers, whatever it says', { rounds: 11 }, { isNamed: true, quick: true }, 2],
  ['as many as are asked for', { rounds: 11 }, { isNamed: true, rounds: 3 }, 3],
  ['no more than it can have', { maxRounds: 5 }, { rounds: 9 }, 5],
  ['nor with small numbers', { maxRounds: 1 }, { quick: true }, 1],
])('rounds: %s', (_, suite, given, expected) => {
  expect(roundsOf(suite, { rounds: undefined, isNamed: false, quick: false, ...given })).toBe(expected)
})

const asked = { peers: true, quick: true }

afterEach(() => {
  vi.unstubAllEnvs()
})

it('peers that are not installed are named once, with what brings them', async () => {
  vi.stubEnv('PATH', '')
  const { programs, missing } = await findPeers(asked, 'attach', [
    ['Go', 'Go, vishvananda/netlink'],
    ['ip', 'ip -batch', {}, '--mode', 'batch'],
    ['ip', 'ip, processes', {}, '--mode', 'processes'],
    ['iptables', 'iptables'],
  ])
  expect(programs).toEqual([])
  expect(missing.map(describeMissing)).toEqual([
    'not run: Go, vishvananda/netlink: apt-get install golang-go golang-github-vishvananda-netlink-dev',
    'not run: ip: apt-get install iproute2',
    'not run: iptables: apt-get install iptables',
  ])
})

it('nobody looks for peers that are not asked for', async () => {
  expect(await findPeers({ peers: false, quick: true }, 'attach', [['nft', 'nft -f']])).toEqual({
    programs: [],
    missing: [],
  })
})

it.each([
  [
    'cargo',
    'error: no matching package named `tokio` found\nlocation searched: registry',
    'error: no matching package named `tokio` found',
  ],
  ['go', '# _/peers/go\n./links.go:9:2: undefined: netlink\n', './links.go:9:2: undefined: netlink'],
  ['one that says nothing', '', 'Command failed'],
])('a peer that cannot be built does not run, and says why: %s', async (_, stderr, because) => {
  const found = await look(
    {
      title: 'Rust',
      remedy: 'apt-get install cargo',
      find: () => Promise.reject(Object.assign(new Error('Command failed'), { stderr })),
    },
    false,
  )
  expect(found).toEqual({ name: 'Rust', remedy: 'apt-get install cargo', because })
  expect(describeMissing(found as Parameters<typeof describeMissing>[0])).toBe(
    `not run: Rust, because ${because}: apt-get install cargo`,
  )
})

const competitor = (name: string, ms: readonly number[], more: Partial<Competitor> = {}): Competitor => {
  const left = [...ms]
  return { name, run: async () => ({ totalNs: left.shift()! * 1e6, eachNs: [] }), ...more }
}
const suite = (competitors: Competitor[]) => ({
  name: 'attach',
  title: 'attach containers',
  figure: 'run' as const,
  competitors,
  missing: [{ name: 'ip', remedy: 'apt-get install iproute2' }],
})
const measured = (competitors: Competitor[], rounds: number) =>
  interleave(competitors, { rounds, figure: 'run' })

it('the JSON has the machine, the versions of what ran, and every run', async () => {
  const competitors = [
    competitor('C', [1, 2]),
    competitor('netlink-ts', [3, 4], { goal: { ratio: 1.1 } }),
    competitor('Go', [5, 6], { versions: { go: 'go version go1.19.8' } }),
  ]
  const summaries = await measured(competitors, 2)
  const result = JSON.parse(JSON.stringify(resultOf(suite(competitors), summaries, 2, false)))
  expect(result).toMatchObject({
    suite: 'attach',
    title: 'attach containers',
    rounds: 2,
    missing: [{ name: 'ip', remedy: 'apt-get install iproute2' }],
    environment: {
      kernel: os.release(),
      cpu: os.cpus()[0]!.model,
      cores: os.cpus().length,
      node: process.version,
      versions: { 'netlink-ts': expect.stringMatching(/^\d+\.\d+\.\d+/), go: 'go version go1.19.8' },
      rootless: expect.any(Boolean),
    },
  })
  expect(Object.keys(result.environment.versions)).toEqual(['netlink-ts', 'cc', 'go'])
  expect(Math.abs(Date.parse(result.date) - Date.now())).toBeLessThan(60_000)
  const [, ours] = result.competitors
  expect(ours).toMatchObject({ name: 'netlink-ts', median: 3.5, min: 3, max: 4, goal: { ratio: 1.1 } })
  expect(ours.ratio).toBeCloseTo(3.5 / 1.5)
  expect(ours.runs.map(({ ms }: { ms: number }) => ms)).toEqual([3, 4])
})

it('small numbers have no goal', async () => {
  const competitors = [competitor('C', [1]), competitor('netlink-ts', [3], { goal: { ratio: 1.1 } })]
  const result = resultOf(suite(competitors), await measured(competitors, 1), 1, true)
  expect(result.competitors.map(({ goal }) => goal)).toEqual([null, null])
})

it('a version is the first line that a program writes', () => {
  expect(versionOf(process.execPath, '-e', 'console.log("  one 1.2\\ntwo")')).toBe('one 1.2')
  expect(versionOf('/nowhere')).toBe('unknown')
})

it.each([
  ['go version go1.19.8 linux/amd64', '1.19.8'],
  ['golang-github-vishvananda-netlink-dev\t1.1.0.125.gf243826-4', '1.1.0.125'],
  ['golang-github-vishvananda-netns-dev\t0.0~git20211101.5004558-1', '0.0~git20211101'],
  ['unknown', 'unknown'],
])('of a version a document has the number: %s', (text, expected) => {
  expect(shortVersion(text)).toBe(expected)
})

it('a document tells of each goal what became of it, as its tables say', () => {
  const table = (name: string, ...rows: string[]) =>
    [
      `<!-- bench:${name} -->`,
      `**work of ${name}**`,
      '',
      ...rows,
      '',
      'Median of …',
      `<!-- /bench:${name} -->`,
    ].join('\n')
  const text = [
    'above',
    '<!-- goals -->',
    'what was there before',
    '<!-- /goals -->',
    table(
      'one',
      '|  | ratio | goal |',
      '| --- | --: | --: |',
      '| C | 1.00 x |  |',
      '| ours | 2.50 x | <= 1.10 x NOT MET |',
    ),
    table('two', '|  | ratio |', '| --- | --: |', '| ours | 2.00 x |'),
    'below',
  ].join('\n\n')
  const overview =
    '| what | who | ratio | goal |\n| --- | --- | --: | --- |\n| work of one | ours | 2.50 x | <= 1.10 x NOT MET |'
  expect(withOverview(text)).toBe(text.replace('\n\nwhat was there before\n\n', `\n${overview}\n`))
})

it('docs/performance.md tells what its tables say', () => {
  const text = readFileSync('docs/performance.md', 'utf8')
  expect(withOverview(text)).toBe(text)
})

/** From where to where the whiskers of a chart go, in its pixels, and of what kind its axis is. */
async function chart(...runs: (readonly number[])[]) {
  const competitors = runs.map((ms, index) => competitor(index === 0 ? 'C' : `netlink-ts, ${index}`, ms))
  const svg = (await drawChart('containers', await measured(competitors, runs[0]!.length)))!
  const rules = svg.matchAll(
    /<line [^>]*aria-roledescription="rule mark" transform="translate\(([\d.]+),[^>]* x2="([\d.]+)"/g,
  )
  return {
    axis: /X-axis titled '([^']+)' for a (\w+) scale/.exec(svg)!.slice(1),
    whiskers: [...rules].map(([, from, length]) => [Number(from), Number(from) + Number(length)]),
    labels: [...svg.matchAll(/>([\d.]+ ×)</g)].map(([, label]) => label),
  }
}

it('whiskers go from the fastest run to the slowest, on an axis of equal steps', async () => {
  const { axis, whiskers, labels } = await chart([10, 10, 10], [5, 20, 40], [100, 100, 100])
  expect(axis).toEqual(['time, as a multiple of C', 'linear'])
  expect(labels).toEqual(['1.00 ×', '2.00 ×', '10.00 ×'])
  const [[one] = [], [fastest, slowest] = [], [ten] = []] = whiskers as [number, number][]
  expect([fastest, slowest, ten].map((at) => at! / one!)).toEqual(
    [0.5, 4, 10].map((it) => expect.closeTo(it)),
  )
})

it('past a ratio of ten the axis is logarithmic', async () => {
  const { axis, whiskers } = await chart([10, 10], [100, 1000], [10, 10])
  expect(axis).toEqual(['time, as a multiple of C', 'log'])
  const [[one] = [], [ten, hundred] = []] = whiskers as [number, number][]
  expect(hundred! - ten!).toBeCloseTo(ten! - one!)
  expect(hundred! - ten!).toBeGreaterThan(50)
  // The slowest run decides, not the median.
  expect((await chart([10, 10, 10], [10, 10, 101])).axis[1]).toBe('log')
})

it('where a chart would be of nothing, one of earlier figures goes', () => {
  const directory = mkdtempSync(join(os.tmpdir(), 'netlink-bench-'))
  const path = join(directory, 'attach.svg')
  writeChart(path, '<svg/>')
  expect(readFileSync(path, 'utf8')).toBe('<svg/>')
  writeChart(path, null)
  expect(() => readFileSync(path)).toThrow('ENOENT')
  writeChart(path, null)
  rmSync(directory, { recursive: true })
})

it.each([
  [true, ['\r\x1b[Kattach: round 1 of 5: C', '\r\x1b[K']],
  [false, []],
])('progress is one line that is written over, on a terminal alone (%s)', (isTerminal, expected) => {
  const written: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(`${text}`) > 0)
  const before = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY')
  Object.defineProperty(process.stderr, 'isTTY', { value: isTerminal, configurable: true })
  try {
    showProgress('attach: round 1 of 5: C')
    showProgress('')
  } finally {
    write.mockRestore()
    if (before) Object.defineProperty(process.stderr, 'isTTY', before)
    else Reflect.deleteProperty(process.stderr, 'isTTY')
  }
  expect(written).toEqual(expected)
})
