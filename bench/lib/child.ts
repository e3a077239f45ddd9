import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { Measurement } from './interleave.js'

const LONGEST_RUN_MS = 300_000

/** The path of a file of this package, from its path below the package's root. */
export function packagePath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

/** The command line of a limit program, see bench/limit. */
export function limitProgram(name: string): string[] {
  return [packagePath(`bench/limit/bin/${name}`)]
}

/**
 * The command line of bench/workers/`name`.ts: its types are taken away beforehand, so that plain Node runs it and no
 * loader is measured with it. The result lies inside the package, where 'netlink-ts' resolves to the built package.
 */
export async function worker(name: string): Promise<string[]> {
  const source = await readFile(packagePath(`bench/workers/${name}.ts`), 'utf8')
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  })
  await mkdir(packagePath('bench/results/workers'), { recursive: true })
  const path = packagePath(`bench/results/workers/${name}.mjs`)
  await writeFile(path, outputText)
  return [process.execPath, path]
}

/**
 * Runs a competitor that times itself and writes one line, `{"total_ns":…,"each_ns":[…]}`, to its standard output.
 *
 * @param whileHeld - with it the competitor is asked, by `--hold`, to keep what it made until this has returned
 * @throws Error with the competitor's standard error when it ends with another status than 0 or writes no such line
 */
export async function runChild(
  command: readonly string[],
  whileHeld?: () => Promise<void>,
): Promise<Measurement> {
  const [program = '', ...args] = whileHeld ? [...command, '--hold'] : command
  const child = spawn(program, args, { stdio: 'pipe', timeout: LONGEST_RUN_MS })
  const ended = once(child, 'close')
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => [])])
  try {
    if (line !== undefined) await whileHeld?.()
  } finally {
    child.stdin.end()
  }
  const [status, signal] = await ended
  if (status !== 0 || line === undefined) {
    throw new Error(
      `${command.join(' ')}: ${signal ?? `status ${status}`}: ${complaint.trim() || 'no result'}`,
    )
  }
  const result: { total_ns: number; each_ns: number[] } = JSON.parse(line)
  return { totalNs: result.total_ns, eachNs: result.each_ns }
}
