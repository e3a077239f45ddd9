/** What the tests of topologies share: the state of everything, and processes that end themselves in the middle. */

import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { expect } from 'vitest'
import { SystemError } from '../../src/netlink/errors.js'
import type { Effect, Operation } from '../../src/netlink/operation.js'
import { runSync } from '../../src/socket/sync-driver.js'
import * as promises from '../../src/topology.js'
import * as sync from '../../src/topology-sync.js'
import { PATIENCE } from './patience.js'
import { execFileSync, spawnSync } from './programs.js'
import { ipJson, ipJsonAll, type Printed } from './support.js'
import { KILLED, watched, writes } from './watched.js'

/** Both faces; `await` suits either. */
export const TOPOLOGY_FACES = [
  { face: 'promises', topology: promises },
  { face: 'sync', topology: sync },
] as const

/** What changes by itself. */
const FLEETING =
  /"(valid_life_time|preferred_life_time|refcnt|carrier_changes|tc_timer|gc_timer|hello_timer|tcn_timer|topology_change_timer)":[^,}\]]*/g

const TABLES = ['link', 'address', 'route show table all', 'rule', 'neighbour']
const TABLES6 = ['route show table all', 'rule']

/** Everything that ip tells of one namespace. */
function stateOf(netns?: string): Record<string, Printed[]> {
  const where = netns === undefined ? [] : ['-n', netns]
  const names = [...TABLES, ...TABLES6.map((table) => `-6 ${table}`)]
  const printed = [...ipJsonAll(TABLES, ...where), ...ipJsonAll(TABLES6, ...where, '-6')]
  const text = JSON.stringify(printed).replace(FLEETING, '"$1":0')
  const tables = JSON.parse(text) as Printed[][]
  return Object.fromEntries(names.map((name, index) => [name, tables[index]!]))
}

const NSFS = 0x6e736673

/** Not where a process was killed between the file and the mount. */
const isNetns = (name: string) => statfsSync(`/run/netns/${name}`).type === NSFS

/** Everything that ip tells of the process's own namespace and of those with a name, and what the journal has. */
export function stateOfAll(): unknown {
  const names = readdirSync('/run/netns').sort()
  return {
    host: stateOf(),
    namespaces: Object.fromEntries(names.map((name) => [name, isNetns(name) ? stateOf(name) : 'a file'])),
    journal: existsSync('/run/netlink-ts') ? readdirSync('/run/netlink-ts') : [],
  }
}

/** The PID namespace and the run of the machine, as the lock of a topology names them. */
export const HERE = [
  readlinkSync('/proc/self/ns/pid').replace(/\D/g, ''),
  readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().split('-')[4]!,
]

/** As a lock names a process that is gone. */
export const GONE = ['1', 'another time', ...HERE].join('-')

/**
 * Waits until no address is tentative, and the kernel has told of each pair that its carrier is there: what it adds to an interface that came
 * up is there then, and stays.
 */
export async function settled(): Promise<void> {
  const isUnsettled = ({ addr_info, linkinfo, flags, operstate }: Printed) =>
    (addr_info as Printed[]).some(({ tentative }) => tentative) ||
    ((linkinfo as Printed | undefined)?.['info_kind'] === 'veth' &&
      (flags as string[]).includes('LOWER_UP') &&
      operstate !== 'UP')
  const links = () => [undefined, ...readdirSync('/run/netns')].flatMap((name) => ipJson('-d address', name))
  await expect.poll(() => links().filter(isUnsettled), { timeout: 10_000 * PATIENCE }).toEqual([])
}

/** Takes away what a test that failed left, so that the next one does not fail for it. */
export function cleanAll(): void {
  for (const name of readdirSync('/run/netns')) execFileSync('ip', ['netns', 'delete', name])
  deleteLinks()
  rmSync('/run/netlink-ts', { recursive: true, force: true })
}

/** Makes the lock of a topology, and the right to take it over, those of a process that is gone, as far as they are anybody's. */
export function killHolder(name: string): void {
  const directory = '/run/netlink-ts'
  if (!existsSync(directory)) return
  for (const file of readdirSync(directory).filter((one) => one.startsWith(`${name}.lock`))) {
    rmSync(`${directory}/${file}`)
    symlinkSync(GONE, `${directory}/${file}`)
  }
}

/** The same of the names of `nat` that somebody has to himself. */
export function killNames(): void {
  const directory = '/run/netlink-ts'
  if (!existsSync(directory)) return
  for (const file of readdirSync(directory))
    if (/^\.nat-\w+\.lock$/.test(file)) killHolder(file.slice(0, -'.lock'.length))
}

/**
 * Whether an operation on the topology `name` was killed, as a process is that runs it: no more of it is run from the effect on for which `isFatal` says so. What
 * holds its lock is a process that is gone, then.
 */
export function wasKilled(
  name: string,
  operation: Operation<unknown>,
  isFatal: (effect: Effect) => boolean,
): boolean {
  try {
    runSync(watched(operation, (effect) => (isFatal(effect) ? KILLED : undefined)))
    return false
  } catch (error) {
    if (error !== KILLED) throw error
  }
  killHolder(name)
  return true
}

/** For wasKilled(): the effect of a number, from 1. */
export function atEffect(number: number): () => boolean {
  let count = 0
  return () => ++count === number
}

/** For wasKilled(): the first effect of the step of a number, from 1, or one so many effects `after` it, be it of a later step. */
export function atStep(step: number, after: number): (effect: Effect) => boolean {
  let steps = 0
  let left: number | null = null
  let begins = false
  return (effect) => {
    if (begins && ++steps === step) left = after
    // The journal's line comes before each step.
    begins = writes(effect, '{"step"')
    return left !== null && left-- === 0
  }
}

/** What a full disk answers. */
export const full = () => new SystemError({ errno: 28, syscall: 'write', subject: 'the journal' })

/** What an operation throws. */
export function failure(operation: Operation<unknown>): unknown {
  try {
    runSync(operation)
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

/** Writes a file until the disk of a directory has no block left. */
export function fillDisk(directory: string): void {
  const fd = openSync(`${directory}/fill`, 'w')
  try {
    for (;;) writeSync(fd, Buffer.alloc(4096))
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' })
  } finally {
    closeSync(fd)
  }
}

/** Deletes all interfaces but lo; the kernel may be deleting them already, with the namespaces of their peers. */
export function deleteLinks(): void {
  for (const name of linkNames()) {
    if (name === 'lo') continue
    const { status, stderr } = spawnSync('ip', ['link', 'delete', 'dev', name])
    if (status !== 0 && !/Cannot find device|No such device/.test(stderr))
      throw new Error(`${name}: ${stderr}`)
  }
}

/** The names of the interfaces of a namespace. */
export function linkNames(netns?: string): string[] {
  return ipJson('link', netns).map(({ ifname }) => ifname as string)
}
