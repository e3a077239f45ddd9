/** The programs that stand in the documents. */

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { seconds } from './patience.js'
import { library } from './program.js'

const ENTRIES: Record<string, string> = {
  'netlink-ts': 'index',
  'netlink-ts/sync': 'sync',
  'netlink-ts/codec': 'codec-index',
  'netlink-ts/testing': 'testing-index',
  'netlink-ts/conntrack': 'conntrack',
  'netlink-ts/conntrack/sync': 'conntrack-sync',
  'netlink-ts/topology': 'topology',
  'netlink-ts/topology/sync': 'topology-sync',
  'netlink-ts/nftables': 'nftables',
  'netlink-ts/nftables/sync': 'nftables-sync',
}

/** The blocks of TypeScript in a document, in order. */
export function blocks(document: string): string[] {
  const text = readFileSync(new URL(`../../${document}`, import.meta.url), 'utf8')
  return [...text.matchAll(/```ts\n(.+?)```/gs)].map(([, code]) => code!)
}

/** What a program prints according to the comments behind its console.log. */
export function promised(code: string): string {
  return [...code.matchAll(/console\.log.* \/\/ (.*)$/gm)].map(([, comment]) => `${comment}\n`).join('')
}

/** TypeScript as JavaScript that imports the library of program.ts. */
export function compiled(code: string): string {
  const source = code.replace(
    /from '(netlink-ts.*?)'/g,
    (_, name: string) => `from ${library(ENTRIES[name]!)}`,
  )
  return transformSync(source, { loader: 'ts', target: 'node20' }).code
}

/** Runs a program with the library of program.ts; `watch` is told all that it has printed so far. Throws unless it ends well. */
export async function runCode(code: string, watch: (stdout: string) => void = () => {}): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'netlink-ts-'))
  try {
    const file = join(directory, 'program.mjs')
    writeFileSync(file, compiled(code))
    const child = spawn('timeout', ['-k1', seconds(20), process.execPath, file], { stdio: 'pipe' })
    const text = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk
        watch(text.stdout)
      })
    }
    const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
    if (status !== 0 || text.stderr !== '') throw new Error(`status ${status}: ${text.stderr}`)
    return text.stdout
  } finally {
    rmSync(directory, { recursive: true })
  }
}
