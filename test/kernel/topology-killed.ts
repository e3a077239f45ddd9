/**
 * Makes the topology of the tests and kills itself before an effect: `topology-killed.ts N`. Without N it makes and deletes it, and prints
 * which of the effects are steps: those that follow a step's line in the journal.
 */

import { writeSync } from 'node:fs'
import type { Effect, Operation } from '../../src/netlink/operation.js'
import { runAsync } from '../../src/socket/async-driver.js'
import { createTopology, deleteTopology } from '../../src/topology/operations.js'
import { THIRTY_STEPS } from './topology-thirty.js'

const fatal = Number(process.argv[2] ?? 0)
const doing = process.argv[3] === 'delete' ? 'delete' : 'create'

let count = 0
const begun: number[] = []

function* watched<T>(operation: Operation<T>): Operation<T> {
  let step = operation.next()
  while (!step.done) {
    const effect: Effect = step.value
    if (++count === fatal) process.kill(process.pid, 'SIGKILL')
    let answer: unknown
    try {
      answer = yield effect
    } catch (error) {
      step = operation.throw(error)
      continue
    }
    if (
      effect.kind === 'primitive' &&
      effect.name === 'appendFile' &&
      String(effect.args[1]).startsWith('{"step"')
    )
      begun.push(count + 1)
    step = operation.next(answer)
  }
  return step.value
}

if (doing === 'delete') {
  await runAsync(createTopology(THIRTY_STEPS))
  await runAsync(watched(deleteTopology(THIRTY_STEPS)))
} else {
  await runAsync(watched(createTopology(THIRTY_STEPS)))
  const total = count
  await runAsync(deleteTopology(THIRTY_STEPS))
  writeSync(1, JSON.stringify({ total, begun }))
}
if (doing === 'delete') writeSync(1, JSON.stringify({ total: count, begun }))
