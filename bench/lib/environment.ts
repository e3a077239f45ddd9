import { execFileSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import os from 'node:os'
import { delimiter, join } from 'node:path'
import { packagePath } from './child.js'

/** What a figure depends on and a reader of it has to know. */
export function describeEnvironment() {
  return {
    kernel: os.release(),
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    node: process.version,
    versions: {
      'netlink-ts': JSON.parse(readFileSync(packagePath('package.json'), 'utf8')).version as string,
      iproute2: isInstalled('ip') ? execFileSync('ip', ['-V'], { encoding: 'utf8' }).trim() : null,
    },
    rootless: readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[1] !== '0',
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
