import { execFileSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import os from 'node:os'
import { delimiter, join } from 'node:path'
import { packagePath } from './child.js'
import type { Versions } from './interleave.js'

/** What a figure depends on and a reader of it has to know; `peers`: the versions of what ran besides. */
export function describeEnvironment(peers: Versions) {
  const manifest = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'))
  // As make has it, which builds bench/limit.
  const [compiler = 'cc', ...options] = process.env['CC']?.split(' ') ?? []
  const versions: Versions = {
    'netlink-ts': manifest.version,
    cc: versionOf(compiler, ...options, '--version'),
    ...peers,
  }
  return {
    kernel: os.release(),
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    node: process.version,
    versions,
    rootless: isRootless(),
  }
}

/** In a user namespace: what asks for a right on the machine itself is refused there. */
export function isRootless(): boolean {
  return readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[1] !== '0'
}

/** The first line that a program writes when it is asked for its version; 'unknown' where it cannot be asked. */
export function versionOf(program: string, ...args: string[]): string {
  try {
    const text = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return text.split('\n', 1)[0]!.trim()
  } catch {
    return 'unknown'
  }
}

export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
