import { expect } from 'vitest'
import type { Operation } from '../../src/netlink/operation.js'
import { expectExplained } from '../golden/explained.js'
import { differenceFrom, findGolden } from '../golden/golden.js'
import { sentBy } from './sent-by.js'

/** An operation and the command of a fixture that sends the same. */
export interface GoldenCase {
  name: string
  operation: () => Operation<unknown>
  /** Which message of the fixture; without it its only one. */
  message?: number
  /** What the answers bring, one list for each request, where the operation cannot do without. */
  answers?: readonly unknown[][]
  /** How many questions it asks first. */
  questions?: number
  /** Where ours is another message, and why. */
  differs?: { why: string; lines: readonly string[] }
}

/** Compares what an operation sends with what iproute2 sent: the same bytes, or exactly the stated difference. */
export function expectGolden(area: string, golden: GoldenCase): void {
  const { name, operation, message, answers, questions = 0, differs } = golden
  const { messages } = findGolden(area, name)
  if (message === undefined) expect(messages).toHaveLength(1)
  const [sent, ...more] = sentBy(operation(), answers).slice(questions)
  expect(more).toEqual([])
  const difference = differenceFrom(messages[message ?? 0]!, sent!)
  const changed = difference?.split('\n').filter((line) => !line.startsWith('  ')) ?? []
  expect(changed).toEqual(differs?.lines ?? [])
  if (differs !== undefined) expectExplained(area, name, [differs.why])
}
