/** System calls of programs, as strace sees them. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lines, program } from './program.js'

/**
 * Runs a program under strace, which prints 'begin', what `marks` says, and 'end': the lines of strace about `calls`, and about write,
 * between the first and the last, in order, each with its thread before it.
 */
export async function traced(
  source: string,
  calls: readonly string[],
  marks: readonly unknown[] = [],
): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'netlink-ts-'))
  try {
    const log = join(directory, 'strace')
    // -yy names the protocol of each socket.
    const wrapper = ['strace', '-f', '-yy', '-qq', '-o', log, '-e', `trace=${['write', ...calls].join()}`]
    expect(await lines(program(source, { wrapper }))).toEqual(['begin', ...marks, 'end'])
    const all = readFileSync(log, 'utf8').split('\n')
    const [begin, end] = ['begin', 'end'].map((mark) =>
      all.findIndex((line) => line.includes('write(1<') && line.includes(`"\\"${mark}\\"`)),
    )
    expect(begin).toBeGreaterThanOrEqual(0)
    expect(end).toBeGreaterThan(begin!)
    return all.slice(begin, end)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
