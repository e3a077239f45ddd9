/** Constants of the kernel's uapi headers, as the machine has them (linux-libc-dev); UAPI_HEADERS names another directory. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const DIRECTORY = process.env['UAPI_HEADERS'] ?? '/usr/include'

/** Where headers lie, or why they do not. */
export type Headers = { title: string } & (
  | { directory: string; missing: null }
  | { directory: null; missing: string }
)

/** The headers of this machine, and the newest that apt offers where they are others; those are unpacked for as long as the file's tests run. */
export function headerSets(): Headers[] {
  const own = { title: 'of this machine' }
  const here = existsSync(`${DIRECTORY}/linux/if_link.h`)
  return [
    here
      ? { ...own, directory: DIRECTORY, missing: null }
      : { ...own, directory: null, missing: 'no linux-libc-dev' },
    newest(),
  ]
}

const PACKAGE = 'linux-libc-dev'

function newest(): Headers {
  const title = 'of the newest linux-libc-dev'
  const missing = (reason: string): Headers => ({
    title,
    directory: null,
    missing: `cannot be installed: ${reason}`,
  })
  const policy = run('apt-cache', ['policy', PACKAGE], tmpdir()) ?? ''
  const [installed, candidate] = ['Installed', 'Candidate'].map(
    (field) => new RegExp(`${field}: (\\d\\S*)`).exec(policy)?.[1],
  )
  if (candidate === undefined) return missing(`apt offers no ${PACKAGE}`)
  if (candidate === installed) return missing(`apt offers no ${PACKAGE} newer than ${installed}`)
  const directory = mkdtempSync(join(tmpdir(), 'netlink-ts-uapi-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  const download = ['-qq', '-o', 'Acquire::Retries=0', 'download', `${PACKAGE}=${candidate}`]
  const unpack = 'dpkg -x linux-libc-dev_*.deb .'
  if (run('apt-get', download, directory) === null || run('sh', ['-c', unpack], directory) === null)
    return missing(`${PACKAGE} ${candidate} could not be downloaded`)
  return { title: `${title} (${candidate})`, directory: `${directory}/usr/include`, missing: null }
}

/** What a command prints; null where it fails. */
function run(command: string, args: readonly string[], cwd: string): string | null {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      timeout: 20_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return null
  }
}

/** Whether a header is there, 'linux/if_link.h'. */
export function hasHeader(name: string, directory = DIRECTORY): boolean {
  return existsSync(`${directory}/${name}`)
}

/** The enums of a header: the numbers of their enumerators, those for the compiler alone (__IFLA_MAX) left out. */
export function enumsOf(name: string, directory = DIRECTORY): Map<string, number>[] {
  const text = readFileSync(`${directory}/${name}`, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*#.*$/gm, '')
  return [...text.matchAll(/\benum\b[^{;]*\{([^}]*)\}/g)].map(([, body]) => enumerators(body!))
}

function enumerators(body: string): Map<string, number> {
  const found = new Map<string, number>()
  let next = 0
  for (const item of body.split(',')) {
    const match = /^\s*(\w+)\s*(?:=\s*(.+?))?\s*$/.exec(item)
    if (match === null) continue
    const [, enumerator, value] = match
    const number = value === undefined ? next : (found.get(value) ?? Number(value))
    // An expression over constants that are no enumerators: what follows is for the compiler.
    if (Number.isNaN(number)) break
    if (!enumerator!.startsWith('__')) found.set(enumerator!, number)
    next = number + 1
  }
  return found
}

/** The numbers that a header defines by `#define`, where it writes them as a number or as a bit. */
export function definesOf(name: string, directory = DIRECTORY): Map<string, number> {
  const text = readFileSync(`${directory}/${name}`, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const found = new Map<string, number>()
  for (const [, define, value] of text.matchAll(/^#define[ \t]+(\w+)[ \t]+(.+?)[ \t]*$/gm)) {
    const match = /^\(?(0x[\da-f]+|\d+)U?(?:\s*<<\s*(\d+))?\)?$/i.exec(value!)
    if (match !== null) found.set(define!, Number(match[1]) * 2 ** Number(match[2] ?? 0))
  }
  return found
}
