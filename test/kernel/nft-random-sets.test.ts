/**
 * Sets and maps at random, made and changed by nft(8) and by calls: after each step both have the same, or both have refused it. What nft
 * made is read, deleted and made again as it was read.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listRuleset, transaction } from '../../src/nftables-sync.js'
import { type RandomSet, SETS_AT_RANDOM } from '../nft-random-sets.js'
import { needNftables } from './needs.js'
import { again, nftIn } from './nft-support.js'
import { PATIENCE } from './patience.js'
import { spawnSync } from './programs.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const RUNS = Number(process.env['NFT_RUNS'] ?? 30)
const SEED = Number(process.env['NFT_SEED'] ?? 1)

const EMPTY =
  'flush ruleset; add table inet t; add chain inet t d; add counter inet t n1; add counter inet t n2'

function intervals(
  type: 'inet_service' | 'ecn' | 'dscp',
  ...elements: readonly (number | string)[]
): [RandomSet] {
  const set = { family: 'inet', table: 't', name: 's', type, flags: ['interval'] } as const
  const text = `add set inet t s { type ${type}; flags interval; elements = { ${elements.join(', ')} }; }`
  return [{ acts: [{ text, ours: (tx) => tx.addSet(set, elements) }] }]
}

/** What went wrong once. */
const EXAMPLES: [RandomSet][] = [
  // The kernel cut the interval off at the element in it.
  intervals('inet_service', 80, '1024-65535', 8080),
  // It took both, with one end.
  intervals('inet_service', '85-90', '80-90'),
  // It took both, and had the one up to the last value end with the other.
  intervals('inet_service', '100-65535', '80-200'),
  intervals('inet_service', '80-200', '100-65535'),
  // Side by side they are two.
  intervals('inet_service', '200-65535', '80-199'),
  // nft gives the last value of two bits, and of six, no end.
  intervals('ecn', 'ect0', 'ce'),
  intervals('dscp', 'cs1', '60-63'),
]

/** The set in the kernel's words; times go on meanwhile, userdata has notes of nft's own, and it begins with an end that no interval has. */
function stateOf(netns: string): unknown {
  const [set] = listRuleset({ netns }).tables[0]!.sets
  if (set === undefined) return null
  const { handle: _, userdata: __, count: ___, elements, ...rest } = set
  const plain = elements.map(({ expires: _, userdata: __, ...one }) => JSON.stringify(one)).sort()
  return { ...rest, elements: plain }
}

function printed(netns: string): string {
  return nftIn(netns, 'list ruleset', ['-j']).replaceAll(/"(expires|handle)": \d+/g, '')
}

/** What nft answers. Null where it crashes, which it does at some of its own sets. */
function nftTakes(netns: string, text: string): string | null {
  const { status, stderr } = spawnSync('ip', ['netns', 'exec', netns, 'nft', text])
  if (status === null) return null
  return status === 0 ? '' : stderr.split('\n')[0]!
}

/** What the set has already nft knows; the kernel does not find all that overlaps it. */
function outcomeOf(refusal: string | null) {
  if (refusal === null) return 'crashed'
  if (refusal.includes('overlaps with an existing one')) return 'overlaps'
  return refusal === '' ? 'taken' : 'refused'
}

function errorOf(netns: string, call: RandomSet['acts'][number]['ours']): string {
  try {
    transaction(call, { netns })
    return ''
  } catch (error) {
    return String(error)
  }
}

describe.skipIf(!hasTool('nft'))('sets at random', () => {
  it('are the same of nft and of calls', { timeout: RUNS * 60_000 * PATIENCE }, () =>
    withNetns((theirs) =>
      withNetns((ours) => {
        const counts = { taken: 0, refused: 0, crashed: 0, overlaps: 0 }
        const same = fc.property(SETS_AT_RANDOM, ({ acts }) => {
          for (const netns of [theirs, ours]) nftIn(netns, EMPTY)
          for (const { text, ours: call } of acts) {
            const refusal = nftTakes(theirs, text)
            const what = outcomeOf(refusal)
            counts[what]++
            if (what === 'crashed' || what === 'overlaps') continue
            const error = errorOf(ours, call)
            expect({ text, refused: error !== '' }, `${error}\n${refusal}`).toEqual({
              text,
              refused: refusal !== '',
            })
            expect({ text, state: stateOf(ours) }).toEqual({ text, state: stateOf(theirs) })
          }
          const before = printed(theirs)
          expect(printed(ours)).toEqual(before)
          const listed = listRuleset({ netns: theirs })
          transaction((tx) => again(tx, listed), { netns: theirs })
          expect(printed(theirs)).toEqual(before)
        })
        fc.assert(same, { numRuns: RUNS, seed: SEED, examples: EXAMPLES })
        // Some two acts of each run; what nft alone finds wrong, or cannot do, is not compared.
        expect(counts.taken).toBeGreaterThan(RUNS / 2)
        expect(counts.refused).toBeGreaterThan(RUNS / 2)
        expect(counts.crashed).toBeLessThan(5 + RUNS / 20)
        expect(counts.overlaps).toBeLessThan(5 + RUNS / 20)
      }),
    ),
  )
})
