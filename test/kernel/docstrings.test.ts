/**
 * The examples in the docstrings of operations are run as they stand there, each by a process with namespaces of its own in which the names
 * that they use are there (docstring-worlds.ts). Those that need what this kernel lacks have to fail by that.
 */

import { transformSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import * as conntrack from '../../src/conntrack.js'
import * as index from '../../src/index.js'
import * as builder from '../../src/nftables/builder/index.js'
import * as nftables from '../../src/nftables.js'
import * as nftablesSync from '../../src/nftables-sync.js'
import * as sync from '../../src/sync.js'
import * as topology from '../../src/topology.js'
import { BEFORE, MADE, MEANWHILE, NEEDS, NETWORK } from './docstring-worlds.js'
import { type Example, examplesOf } from './docstrings.js'
import { needNftables } from './needs.js'
import { library, program, start } from './program.js'

const ENTRIES = { index, nftables, conntrack, topology, sync, 'nftables-sync': nftablesSync } as const
const examples = examplesOf(ENTRIES)

/** What the reader of an example has imported or made before. */
const SCOPE = `
import http from 'node:http'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { attributes, message, struct, text, u8, u16 } from ${library('codec-index')}
import * as topology from ${library('topology')}
const familyAttributes = attributes('CTRL_ATTR', { familyName: [2, text()] })
const handler = () => {}
const expect = (value) => ({
  toEqual(other) {
    if (!isDeepStrictEqual(value, other)) throw new Error(JSON.stringify([value, other]))
  },
})
`

function sourceOf({ entry, name, code }: Example): string {
  const face = code.includes('// ./sync') ? 'sync' : entry
  const names = Object.keys(ENTRIES[face as keyof typeof ENTRIES]).filter((one) => one !== 'default')
  const needsRed = /netns: red\b|, red\b|\bred\./.test(code)
  const meanwhile = MEANWHILE[name]
  const own = `
    import * as face from ${library(face)}
    const { ${names.join(', ')} } = face
    ${needsRed ? "const red = await nl.openNetns('red')" : ''}
    ${MADE[name] ?? ''}
    ${
      meanwhile === undefined
        ? ''
        : `console.log = () => process.exit(0)
           setInterval(() => execFile('sh', ['-c', ${JSON.stringify(meanwhile)}]), 200)`
    }
    async function example() {\n${code.replaceAll('4711', String(process.pid))}\n}
    await example()
    // What it has begun may fail yet.
    setTimeout(() => process.exit(0), ${/^(spawn|http)/.test(code) ? 500 : 0})`
  return transformSync(SCOPE + own, { loader: 'ts', target: 'node20' }).code
}

/**
 * Mounts and interfaces of its own, and what the example needs before, as far as a kernel that `lacks` something for it can make that;
 * topologies make all that they have.
 */
function wrapperOf({ entry, name }: Example, lacks: boolean): string[] {
  const network = entry === 'topology' ? 'ip link set lo up' : NETWORK
  const script = `set -e
    mount -t tmpfs tmpfs /run; mkdir /run/work; cd /run/work
    { ${network}\n }
    sh -e <<'BEFORE' >/run/said 2>&1 || ${lacks ? ':' : '{ cat /run/said >&2; exit 9; }'}
${BEFORE[`${entry} ${name}`] ?? BEFORE[name] ?? ''}
BEFORE
    exec "$@"`
  // Processes of others may end while it goes through them.
  const processes = name === 'listProcessNetns' ? ['-pf', '--mount-proc'] : []
  return ['unshare', '-nm', ...processes, '--propagation', 'private', 'sh', '-c', script, 'sh']
}

const lacking = ({ name }: Example) => NEEDS.find((need) => need.examples.includes(name) && !need.has())

describe('the example of', () => {
  const isOf = (entry: string) => examples.filter((one) => one.entry === entry)

  it('every operation is among them', () => {
    for (const [entry, all] of Object.entries(ENTRIES)) {
      // Of a synchronous face only what is written for it alone.
      if (entry.endsWith('sync')) continue
      const functions = Object.entries(all).filter(
        ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name) && !(name in builder),
      )
      const shown = new Set(isOf(entry).map(({ name }) => name.split(' ')[0]))
      expect(functions.map(([name]) => name).filter((name) => !shown.has(name))).toEqual([])
    }
    const known = examples.flatMap(({ entry, name }) => [name, `${entry} ${name}`])
    const named = [BEFORE, MADE, MEANWHILE].flatMap(Object.keys)
    for (const name of [...named, ...NEEDS.flatMap((need) => need.examples)]) expect(known).toContain(name)
  })

  describe.each(Object.keys(ENTRIES))('netlink-ts, %s:', (entry) => {
    if (/^(nftables|conntrack)/.test(entry)) needNftables()

    it.concurrent.each(isOf(entry))('$name', async (example) => {
      const need = lacking(example)
      const { status, stderr } = await start(
        program(sourceOf(example), { wrapper: wrapperOf(example, need !== undefined) }),
      ).ended
      if (need === undefined) expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      else {
        expect(status, `it runs, although this kernel is said to lack ${need.what}`).not.toBe(0)
        expect(stderr).toMatch(need.error)
      }
    })
  })
})
