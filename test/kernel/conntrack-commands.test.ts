/** Every row of the table in docs/conntrack.md: the call is taken out of the document, and shows and leaves what the command does. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as ct from '../../src/conntrack.js'
import { asPrinted, conntrack, printedEntries } from './conntrack-oracle.js'
import { withEntries } from './conntrack-support.js'
import { hasTool } from './support.js'

const text = readFileSync(new URL('../../docs/conntrack.md', import.meta.url), 'utf8')
const rows = text
  .split('\n')
  .map((line) => /^\| `(conntrack .+?)` \| `(.+)` \|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, command, call]) => ({ command: command!, call: call!.replaceAll('\\|', '|') }))
const ofKind = (kind: RegExp) => rows.filter(({ command }) => kind.test(command))

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

  it('conntrack -C, -S and -L expect', () =>
    withEntries(async (netns) => {
      const call = (wanted: string) => evaluate(ofKind(new RegExp(`^${wanted}$`))[0]!.call, netns)
      expect(await call('conntrack -C')).toBe(Number(conntrack('-C', netns)))
      const { cpus } = (await call('conntrack -S')) as ct.ConntrackStats
      expect(cpus).toHaveLength(conntrack('-S', netns).trim().split('\n').length)
      expect(await call('conntrack -L expect')).toEqual([])
    }))

  it('conntrack -E', () =>
    withEntries(async (netns) => {
      const { call } = ofKind(/ -E$/)[0]!
      await using events = (await evaluate(call, netns)) as ct.Feed<ct.ConntrackEvent>
      // Of what began before nothing is told.
      conntrack('-I -p tcp -s 10.0.0.7 -d 10.0.0.3 --sport 3 --dport 444 --state SYN_RECV -t 600', netns)
      for await (const event of events) {
        expect(event).toMatchObject({
          type: 'conntrack',
          action: 'new',
          entry: { original: { dport: 444 } },
        })
        break
      }
    }))
})
