/**
 * Documents that are tables of what somebody knows and the call that does the same (docs/from-ip.md): each call is taken out of its row, run
 * in the world that it needs, and its effect checked with the real tools.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as conntrack from '../../src/conntrack.js'
import * as netlink from '../../src/index.js'
import * as topology from '../../src/topology.js'
import { bodyOf, rowsOf } from './document-tables.js'
import { command, DEFAULT_IPV6 } from './document-worlds.js'
import { expectRefused, hasMulticastRules, type Refusal } from './needs.js'
import { execFileSync, spawnSync } from './programs.js'
import { hasKind, ip, ipJson } from './support.js'

export interface Row {
  /** Prepares the ground: commands of ip, or of bridge where they say so, or of this library where ip has none. */
  given?: readonly (string | (() => Promise<unknown>))[]
  /** Looks at what the call returned, or did. */
  // biome-ignore lint/suspicious/noExplicitAny: each row returns something else, and its check says what
  check?: (result: any, theirs?: any) => void | Promise<void>
  /** Commands that show the effect; the row's command, run in the call's place, shows the same. */
  like?: readonly string[]
  /** That command, for a shell, where the rows themselves cannot be run. */
  command?: string
  /** What is left behind besides interfaces and namespaces. */
  undo?: readonly string[]
  /** What happens while the call waits, and what takes it back where the name of an interface does not tell. */
  meanwhile?: string | readonly [does: string, undoes: string]
  lacking?: Lacking
}

/** A kernel without what a row takes, and what the call gets there, instead of all the rest. */
export interface Lacking {
  is: () => boolean
  given?: Row['given']
  /** An error, or what the call returns. */
  refused: Refusal | readonly [] | 0 | undefined
}

/** What commands show, without what differs from one interface to the next; nothing where there is no such thing. */
function shown(commands: readonly string[]): unknown {
  return commands.map((text) => {
    const [tool, args] = text.startsWith('bridge ') ? ['bridge', text.slice('bridge '.length)] : ['ip', text]
    const { status, stdout } = spawnSync(tool, ['-j', '-d', ...args.split(' ')])
    const found = status !== 0 || stdout.trim() === '' ? [] : steady(JSON.parse(stdout))
    // By hashes, which differ from one bridge to the next; of interfaces those of older kernels.
    return /^(bridge fdb|(-\S+ )?(link|addr))/.test(text)
      ? (found as unknown[]).map((one) => JSON.stringify(one)).sort()
      : found
  })
}

const OWN =
  /^(index|ifindex|link_index|link_netnsid|refcnt|address|permaddr|perm_hwaddr|operstate|used|updated|reachable|bridge_id|root_id|designated_\w+|.*_timer|.*_lft|timer)$/

/** What follows a carrier, before Linux 6.8 after the answer. */
const LATER: readonly unknown[] = ['NO-CARRIER', 'LOWER_UP', 'linkdown']

function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => !LATER.includes(one)).map(steady)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (OWN.test(key) ? [] : [[key, steady(inner)]])),
  )
}

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<unknown>

/** Does something, or takes it back where it was done: it happens again and again until it is seen. */
function again(meanwhile: NonNullable<Row['meanwhile']>): void {
  const [does, undoes] =
    typeof meanwhile === 'string' ? [meanwhile, meanwhile.replace(/ add (\w+).*/, ' delete $1')] : meanwhile
  try {
    command(does)
  } catch {
    command(undoes)
  }
}

const SCOPE: Record<string, unknown> = { ...topology, ...conntrack, ...netlink }

/** Runs a call as it stands in the document, with the exports of the package, of its conntrack and its topology in scope. */
function run(call: string): Promise<unknown> {
  return new AsyncFunction(...Object.keys(SCOPE), bodyOf(call))(...Object.values(SCOPE))
}

/** The interfaces of this namespace, without ip, which takes longer to start. */
function interfaces(): string[] {
  return readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .slice(2, -1)
    .map((line) => line.slice(0, line.indexOf(':')).trim())
}

/** Each row begins in a namespace with nothing but lo: the run's own, which test/isolated made. */
function clean(): void {
  for (const name of readdirSync('/run/netns')) ip(`netns delete ${name}`)
  writeFileSync(DEFAULT_IPV6, '0')
  const left = interfaces().filter((name) => name !== 'lo')
  if (left.length === 0) return
  // All of a group go at once, which takes the kernel no longer than one.
  const commands = [...left.map((name) => `link set ${name} group 99`), 'link delete group 99']
  // One may have gone with its peer's namespace, which the kernel takes down behind our back.
  spawnSync('ip', ['-force', '-batch', '-'], { input: `${commands.join('\n')}\n` })
  expect(interfaces()).toEqual(['lo'])
}

/** The first VRF of a namespace adds rules that stay (vrf_add_fib_rules()), and no later one does: it is made before anything is compared. */
function withoutRulesOfVrfs(): void {
  if (!hasKind('vrf')) return
  ip('link add vrf0 type vrf table 100')
  for (const family of ['-4', '-6'])
    for (const table of hasMulticastRules() ? ['rule', 'mrule'] : ['rule'])
      for (const rule of ipJson(`${family} ${table} show`))
        if ('l3mdev' in rule) ip(`${family} ${table} delete l3mdev priority ${rule['priority']}`)
}

/**
 * The tests of a document in docs/. `theirs` does what the first column says, where that is no command: beside a call that reads, whose
 * check gets what it returns, or in its place.
 */
export function describeRows(
  document: string,
  checks: Record<string, Row>,
  theirs?: (text: string) => Promise<unknown>,
): void {
  describe(`docs/${document}`, () => {
    const rows = rowsOf(document)
    beforeAll(() => {
      withoutRulesOfVrfs()
      clean()
    })
    afterEach(clean)

    it('has a check for every row, and a row for every check', () => {
      expect(rows.map(({ text }) => text).sort()).toEqual(Object.keys(checks).sort())
    })

    for (const { text, call } of rows) {
      it(text, async () => {
        const { given = [], check, like, command: same, undo = [], meanwhile, lacking } = checks[text]!
        const prepare = async (steps = given) => {
          for (const step of steps) typeof step === 'string' ? command(step) : await step()
        }
        if (lacking?.is()) {
          await prepare(lacking.given ?? [])
          const { refused } = lacking
          if (typeof refused === 'object' && 'code' in refused) await expectRefused(() => run(call), refused)
          else expect(await run(call)).toEqual(refused)
          return
        }
        await prepare()
        const before = like && shown(like)
        const other = like === undefined ? theirs?.(text) : undefined
        // Those that wait do it together.
        if (meanwhile === undefined) await other
        const running = run(call)
        // A call that waits for something has begun by then, or is told of it by what it reads first.
        const repeating = meanwhile === undefined ? undefined : setInterval(() => again(meanwhile), 50)
        try {
          const both = await Promise.all([running, other])
          await check?.(...both)
        } finally {
          clearInterval(repeating)
        }
        const after = like && shown(like)
        for (const step of undo) command(step)
        if (like === undefined) return
        expect(after, 'the call does something').not.toEqual(before)
        clean()
        await prepare()
        expect(shown(like), 'the ground is the same').toEqual(before)
        if (theirs !== undefined && same === undefined) await theirs(text)
        else execFileSync('sh', ['-c', same ?? text])
        try {
          expect(after).toEqual(shown(like))
        } finally {
          for (const step of undo) command(step)
        }
      })
    }
  })
}
