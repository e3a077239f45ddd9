/** Every row of the table in docs/conntrack.md: the call is taken out of the document, and shows and leaves what the command does. */

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import * as ct from '../../src/conntrack.js'
import { asPrinted, conntrack, printedEntries } from './conntrack-oracle.js'
import { withEntries } from './conntrack-support.js'
import { PATIENCE } from './patience.js'
import { execIn, hasTool, withNetns } from './support.js'

const text = readFileSync(new URL('../../docs/conntrack.md', import.meta.url), 'utf8')
const rows = text
  .split('\n')
  .map((line) => /^\| `(conntrack .+?)` \| `(.+)` \|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, command, call]) => ({ command: command!, call: call!.replaceAll('\\|', '|') }))
const ofKind = (kind: RegExp) => rows.filter(({ command }) => kind.test(command))

const callOf = (wanted: string) => rows.find(({ command }) => command === wanted)!.call

const LISTS = /^conntrack -(L(?! expect)|G)/
const CHANGES = /^conntrack -[IUDF]/

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<unknown>

/** Runs a call as it stands in the document, in a namespace. */
function evaluate(call: string, netns: string): Promise<unknown> {
  const here = Object.entries(ct).map(([name, one]) => {
    if (name === 'monitorConntrack')
      return [name, (events: ct.ConntrackEventName[]) => ct.monitorConntrack(events, { netns })] as const
    const operation = one as (options: object) => unknown
    return [name, (options: object = {}) => operation({ ...options, netns })] as const
  })
  return new AsyncFunction(...here.map(([name]) => name), `return ${call}`)(...here.map(([, one]) => one))
}

/** Without what tells one namespace's from the other's. */
const left = (netns: string) =>
  printedEntries(netns)
    .map((line) => line.replace(/ id=\d+$/, ''))
    .sort()

describe.skipIf(!hasTool('conntrack'))('docs/conntrack.md', () => {
  it('has a table, of which all is checked', () => {
    const others = ['conntrack -C', 'conntrack -S', 'conntrack -L expect', 'conntrack -E']
    const checked = [...ofKind(LISTS), ...ofKind(CHANGES)].map(({ command }) => command)
    expect(rows.map(({ command }) => command).sort()).toEqual([...checked, ...others].sort())
    expect(rows.length).toBeGreaterThanOrEqual(20)
  })

  it.each(ofKind(LISTS))('$command', ({ command, call }) =>
    withEntries(async (netns) => {
      conntrack(command.replace('conntrack ', ''), netns)
      const printed = printedEntries(netns, command.replace(/^conntrack -[LG]/, ''))
      const listed = (await evaluate(call, netns)) as ct.ConntrackEntry[]
      expect(printed.length).toBeGreaterThan(0)
      // getConntrack() refers to the entry itself.
      const shown = listed.map((entry) => asPrinted({ ...entry, use: 1 }))
      expect(shown.sort()).toEqual(printed)
    }),
  )

  it.each(ofKind(CHANGES))('$command', ({ command, call }) =>
    withEntries((theirs) =>
      withEntries(async (ours) => {
        const before = left(ours)
        conntrack(command.replace('conntrack ', ''), theirs)
        await evaluate(call, ours)
        expect(left(ours)).toEqual(left(theirs))
        expect(left(ours)).not.toEqual(before)
      }),
    ),
  )

  it('conntrack -C and -S', () =>
    withEntries(async (netns) => {
      expect(await evaluate(callOf('conntrack -C'), netns)).toBe(Number(conntrack('-C', netns)))
      const { cpus } = (await evaluate(callOf('conntrack -S'), netns)) as ct.ConntrackStats
      expect(cpus).toHaveLength(conntrack('-S', netns).trim().split('\n').length)
    }))

  it('conntrack -L expect', () =>
    withNetns(async (netns) => {
      const master = { protocol: 'tcp', src: '10.0.0.1', dst: '10.0.0.2', sport: 40000, dport: 21 } as const
      await ct.addConntrack({ original: master, helper: 'ftp', timeout: 600, netns })
      const tuple = { protocol: 'tcp', src: '10.0.0.2', dst: '10.0.0.1', sport: 0, dport: 50000 } as const
      await ct.addExpectation({ master, tuple, mask: { sport: 0 }, timeout: 100, helper: 'ftp', netns })
      const printed = conntrack('-L expect', netns).split('\n').filter(Boolean)
      const words = ({ src, dst, sport, dport }: ct.ConntrackTuple, of = '') =>
        `${of}src=${src} ${of}dst=${dst} sport=${sport} dport=${dport}`
      const listed = (await evaluate(callOf('conntrack -L expect'), netns)) as ct.Expectation[]
      expect(listed).toHaveLength(1)
      const shown = listed.map(
        ({ tuple, mask, master, helper }) =>
          `proto=6 ${words(tuple)} ${words(mask, 'mask-')} ${words(master, 'master-')} class=0 helper=${helper}`,
      )
      // The first word is the time that is left.
      expect(shown).toEqual(printed.map((line) => line.trim().replace(/^\d+ +/, '')))
    }))

  it('conntrack -E', () =>
    withEntries(async (netns) => {
      const theirs = spawn('ip', ['netns', 'exec', netns, 'conntrack', '-E'])
      onTestFinished(() => void theirs.kill())
      let text = ''
      theirs.stdout.on('data', (chunk) => {
        text += String(chunk)
      })
      const printed = () =>
        [...text.matchAll(/^ *\[(\w+)\].*?(src=\S+ dst=\S+ sport=\d+ dport=\d+).*\n/gm)].map(
          ([, action, tuple]) => `${action} ${tuple}`,
        )
      await using events = (await evaluate(callOf('conntrack -E'), netns)) as ct.Feed<ct.ConntrackEvent>
      // Both listen: the groups of new, update and destroy.
      await vi.waitFor(
        () => expect(execIn(netns, 'cat', '/proc/net/netlink').match(/ 12 +\d+ +0*7 /g)).toHaveLength(2),
        { timeout: 20_000 * PATIENCE },
      )
      const which = '-p tcp -s 10.0.0.7 -d 10.0.0.3 --sport 3 --dport 444'
      // Of what began before nothing is told.
      conntrack(`-I ${which} --state SYN_RECV -t 600`, netns)
      conntrack(`-U ${which} -m 5`, netns)
      conntrack(`-D ${which}`, netns)
      const told: string[] = []
      for await (const event of events) {
        if (event.type !== 'conntrack') throw new Error(`unexpected: ${event.type}`)
        const { src, dst, sport, dport } = event.entry.original
        told.push(`${event.action.toUpperCase()} src=${src} dst=${dst} sport=${sport} dport=${dport}`)
        if (event.action === 'destroy') break
      }
      expect(told).toHaveLength(3)
      await vi.waitFor(() => expect(printed()).toEqual(told), { timeout: 20_000 * PATIENCE })
    }))
})
