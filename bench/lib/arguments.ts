import { parseArgs } from 'node:util'
import type { Suite } from './suite.js'

export const USAGE = 'usage: npm run bench -- [SUITE …] [--peers] [--quick] [--rounds N] [--write]'
const ROUNDS = { quick: 2, usual: 5 }

/** What else a suite is called: batch() is measured where routes are added. */
const ALIASES: ReadonlyMap<string, string> = new Map([['batch', 'routes']])

/**
 * What the command line asks for.
 *
 * @param known - the names of all suites, which all run where none is named
 * @throws Error of an option or a name that there is not
 */
export function readArguments(args: readonly string[], known: readonly string[]) {
  const { values, positionals: given } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      peers: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  })
  const positionals = [...new Set(given.map((name) => ALIASES.get(name) ?? name))]
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  const unknown = positionals.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`no suite '${unknown}'; there is: ${known.join(' ')}`)
  if (rounds !== undefined && (!Number.isInteger(rounds) || rounds < 1))
    throw new Error(`--rounds ${values.rounds}: not a number of rounds`)
  if (values.write && values.quick) throw new Error('--write: figures of a --quick run belong in no document')
  const isNamed = positionals.length > 0
  return { names: isNamed ? positionals : known, isNamed, rounds, options: values }
}

/** What says how many rounds there are: `--rounds`, whether suites are named, `--quick`. */
export interface Asked {
  readonly rounds: number | undefined
  readonly isNamed: boolean
  readonly quick: boolean
}

/** How many rounds of a suite. Where none is named all of them have the usual number, so that they take less than five minutes. */
export function roundsOf(
  suite: Pick<Suite, 'rounds' | 'maxRounds'>,
  { rounds, isNamed, quick }: Asked,
): number {
  const own = quick ? ROUNDS.quick : isNamed ? (suite.rounds ?? ROUNDS.usual) : ROUNDS.usual
  return Math.min(rounds ?? own, suite.maxRounds ?? Infinity)
}
