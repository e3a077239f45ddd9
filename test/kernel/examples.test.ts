/** The programs in docs/examples: what they print, how they end, and that they leave nothing behind. */

import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { compiled } from './documents.js'
import { namesIn } from './link-oracle.js'
import { needNftables } from './needs.js'
import { PATIENCE, seconds } from './patience.js'
import { type Ended, start } from './program.js'
import { ip } from './support.js'

const EXAMPLES = fileURLToPath(new URL('../../docs/examples', import.meta.url))

/** The examples without their types: to compile them anew took most of the time of each. */
const compiledTo = mkdtempSync(join(tmpdir(), 'netlink-ts-'))
beforeAll(() => {
  for (const file of readdirSync(EXAMPLES).filter((one) => one.endsWith('.ts'))) {
    const code = readFileSync(join(EXAMPLES, file), 'utf8').replace(
      /from '(\.\/[\w-]+)\.js'/g,
      "from '$1.mjs'",
    )
    writeFileSync(join(compiledTo, file.replace(/ts$/, 'mjs')), compiled(code))
  }
})
afterAll(() => rmSync(compiledTo, { recursive: true }))

/** Runs an example by its name; `path` is its PATH. */
function example(name: string, args: readonly string[] = [], path = process.env['PATH']!): Promise<Ended> {
  return runNode([join(compiledTo, `${name}.mjs`), ...args], path)
}

async function runNode(args: readonly string[], path = process.env['PATH']!): Promise<Ended> {
  const command = ['timeout', '-k1', seconds(60), 'env', `PATH=${path}`, process.execPath, ...args]
  const ended = await start(command).ended
  expect(ended.stderr).toBe('')
  return ended
}

/** How often something is printed. */
function count(text: string, what: RegExp | string): number {
  return text.split(what).length - 1
}

/** Runs `work` with a directory of programs: name -> shell script. */
async function withPrograms<T>(
  programs: Record<string, string>,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'netlink-ts-'))
  try {
    for (const [name, script] of Object.entries(programs)) {
      const file = join(directory, name)
      writeFileSync(file, `#!/bin/sh\n${script}\n`)
      chmodSync(file, 0o755)
    }
    return await work(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

// What other files left, if anything, is theirs.
const before = namesIn()

// The kernel takes a deleted namespace's interfaces, and their peers, away a little later.
afterEach(async () => {
  expect(ip('netns list')).toBe('')
  await expect.poll(() => namesIn(), { timeout: 10_000 * PATIENCE }).toEqual(before)
})

describe('docs/examples', () => {
  it('lab, by tsx: the router has its three interfaces, and all of it is gone afterwards', async () => {
    const { status, stdout } = await runNode(['--import', 'tsx', join(EXAMPLES, 'lab.ts')])
    expect(status).toBe(0)
    expect(stdout).toContain('"router"')
    expect(stdout).toMatch(/"outside<br>10\.0\.0\.1\/30<br>[0-9a-f:]{17}"/)
    expect(stdout).toMatch(/---\|"veth-red-eth0"\| i\d/)
  })

  it('two-namespaces: blue answers red', async () => {
    const { status, stdout } = await example('two-namespaces')
    expect([status, count(stdout, '1 received')]).toEqual([0, 1])
    expect(stdout).toContain('64 bytes from 192.168.15.2')
  })

  it('bridge: red answers blue, the host side answers red', async () => {
    const { status, stdout } = await example('bridge')
    expect([status, count(stdout, '1 received')]).toEqual([0, 2])
    expect(stdout).toContain('64 bytes from 192.168.15.1')
    expect(stdout).toContain('64 bytes from 192.168.15.5')
  })

  it('http-in-namespace: a page of red is read in blue', async () => {
    expect(await example('http-in-namespace')).toMatchObject({ status: 0, stdout: 'hello from red\n\n' })
  })

  describe('with address translation', () => {
    needNftables()

    it('published: what is there is drawn with the MACs, the masquerading and the port, and all of it is gone afterwards', async () => {
      const { status, stdout } = await example('published')
      expect(status).toBe(0)
      expect(stdout).toContain('[label="masquerade 10.5.0.0/24\\n*:8080/tcp to 10.5.0.2:80"]')
      expect(stdout).toContain('[label="eth0\\n10.5.0.2/24\\n02:00:00:00:05:02"]')
      // Of the end that the value gives no address.
      expect(stdout).toMatch(/ -- i0 \[style=solid label="veth-web-eth0"\]/)
    })

    it('nat: what the internet and blue see of each other', async () => {
      const { status, stdout } = await example('nat')
      expect([status, stdout.trimEnd().split('\n')]).toEqual([
        0,
        [
          'from blue to 203.0.113.2: internet sees 203.0.113.1',
          'from the internet to 203.0.113.1:8080: blue sees 203.0.113.2',
          'from the host to 203.0.113.1:8080: blue sees 192.168.15.5',
        ],
      ])
    })
  })

  it('latency: a line for each operation and part, in milliseconds', async () => {
    const { status, stdout } = await example('latency')
    expect(status).toBe(0)
    const [head, ...lines] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^operation +part +count +p50 +p90 +p99$/)
    for (const line of lines)
      expect(line).toMatch(/^RTM_\w+ +(encode|send|wait|decode) +\d+( +\d+\.\d{3}){3}$/)
    // Fifty pairs, with an address each.
    expect(stdout).toMatch(/^RTM_NEWLINK +wait +\d+/m)
    expect(stdout).toMatch(/^RTM_NEWADDR +wait +50 /m)
  })
})

describe('npm run demo', () => {
  it('draws the network, pings along it, shows the ARP table and removes all', async () => {
    const { status, stdout } = await example('demo')
    expect([status, count(stdout, /\banswered$/m)]).toEqual([0, 3])
    expect(stdout).toMatch(/│ +veth-red up +│ +│ +veth-blue up +│/)
    expect(stdout).toMatch(/│ +192\.168\.15\.1\/24 +│ +│ +192\.168\.15\.2\/24 +│/)
    expect(stdout).toMatch(/═ v-net-0 up, 192\.168\.15\.5\/24 ═/)
    expect(stdout).toMatch(/^ {2}192\.168\.15\.2 +(\w\w:){5}\w\w {2}veth-red {2}(reachable|delay|stale)$/m)
    expect(stdout).toMatch(/^namespaces, veth pairs and bridge removed +\d+\.\d\d ms$/m)
    expect(stdout).not.toContain('ip commands')
  })

  it('--tutorial: makes the same by ip, and shows both times', async () => {
    const { status, stdout } = await example('demo', ['--tutorial'])
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /^the same network by 21 ip commands +\d+\.\d\d ms\nby netlink-ts +\d+\.\d\d ms\n$/m,
    )
  })

  describe('with address translation', () => {
    needNftables()

    it('--nat: goes out through the host and back in by a published port', async () => {
      const { status, stdout } = await example('demo', ['--nat'])
      expect(status).toBe(0)
      expect(stdout).toContain('  from blue to 203.0.113.2: internet sees 203.0.113.1\n')
      expect(stdout).toContain('  from the internet to 203.0.113.1:8080: blue sees 203.0.113.2\n')
      expect(stdout).toContain('  from the host to 203.0.113.1:8080: blue sees 192.168.15.5\n')
      expect(stdout).toMatch(/^port 8080 published, to 192\.168\.15\.2:80 +\d+\.\d\d ms$/m)
    })
  })

  it('ends with 1 when a ping fails, and removes all the same', () =>
    withPrograms({ ping: 'test "$1" = -V' }, async (directory) => {
      const { status, stdout } = await example('demo', [], `${directory}:${process.env['PATH']}`)
      expect([status, count(stdout, 'NO ANSWER')]).toEqual([1, 3])
      expect(stdout).toContain('namespaces, veth pairs and bridge removed')
    }))

  it('asks a web server where there is no ping, and compares with nothing where there is no ip', () =>
    withPrograms({}, async (directory) => {
      const { status, stdout } = await example('demo', ['--tutorial'], directory)
      expect(status).toBe(0)
      expect(stdout).toContain('ping is not installed')
      expect(stdout).toMatch(/^web request from blue to red +answered$/m)
      expect(stdout).toContain('ip is not installed')
    }))
})
