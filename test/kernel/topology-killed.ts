/**
 * Makes the topology of the tests (deletes it, changes it) and kills itself before an effect: `topology-killed.ts N create|translate|delete|apply [STEPS AFTER]`. With
 * N 0 it prints how many effects there are, and which of them begin a step: those that follow a step's line in the journal.
 */

import { writeSync } from 'node:fs'
import type { Effect, Operation } from '../../src/netlink/operation.js'
import { runAsync } from '../../src/socket/async-driver.js'
import { applyTopology, createTopology, deleteTopology } from '../../src/topology/operations.js'
import { CHANGED, THIRTY_STEPS, TRANSLATED } from './topology-thirty.js'

let fatal = Number(process.argv[2] ?? 0)
const doing = process.argv[3] ?? 'create'
/** Instead of N: how many steps are begun first. */
const steps = Number(process.argv[4] ?? 0)

let count = 0
const begun: number[] = []

function* watched<T>(operation: Operation<T>): Operation<T> {
  let step = operation.next()
  while (!step.done) {
    const effect: Effect = step.value
    if (effect.kind !== 'shield' && ++count === fatal) process.kill(process.pid, 'SIGKILL')
    let answer: unknown
    try {
      answer = yield effect
    } catch (error) {
      step = operation.throw(error)
      continue
    }
    const isLine = effect.kind === 'primitive' && effect.name === 'appendFile'
    if (isLine && String(effect.args[1]).includes('{"step"')) begun.push(count + 1)
    if (steps > 0 && fatal === 0 && begun.length === steps) fatal = count + 1 + Number(process.argv[5])
    step = operation.next(answer)
  }
  return step.value
}

if (doing === 'create' || doing === 'translate') {
  const value = doing === 'create' ? THIRTY_STEPS : TRANSLATED
  await runAsync(watched(createTopology(value)))
  const total = count
  await runAsync(deleteTopology(value))
  writeSync(1, JSON.stringify({ total, begun }))
} else if (doing === 'delete') {
  await runAsync(createTopology(THIRTY_STEPS))
  await runAsync(watched(deleteTopology(THIRTY_STEPS)))
  writeSync(1, JSON.stringify({ total: count, begun }))
} else {
  await runAsync(watched(applyTopology(CHANGED)))
  writeSync(1, JSON.stringify({ total: count, begun }))
}
