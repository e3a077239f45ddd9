import { execFile } from 'node:child_process'
import { join } from 'node:path'

const ISOLATED = join(import.meta.dirname, '../isolated')

export interface Result {
  stdout: string
  stderr: string
  status: number
}

/** Runs node in a project, in private namespaces, as a user's shell would: without what the test runner adds to the environment. */
export function runNode(
  project: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Result> {
  const { PATH, HOME } = process.env
  return run(ISOLATED, [process.execPath, ...args], { cwd: project, env: { PATH, HOME, ...env } })
}

/** The result, or an error with everything that it printed. */
export async function succeed(result: Promise<Result>): Promise<Result> {
  const { stdout, stderr, status } = await result
  if (status !== 0) throw new Error(`exit status ${status}\n${stdout}\n${stderr}`)
  return { stdout, stderr, status }
}

export function run(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { ...options, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ stdout, stderr, status: error === null ? 0 : Number(error.code) })
    })
  })
}
