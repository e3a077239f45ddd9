/**
 * Makes the topology of the tests (deletes it, changes it) and kills itself before an effect: `topology-killed.ts N create|translate|delete|apply [STEPS AFTER]`. With
 * N 0 it prints how many effects there are, and which of them begin a step: those that follow a step's line in the journal.
 */

import { writeSync } from 'node:fs'
import type { Effect } from '../../src/netlink/operation.js'
import { runAsync } from '../../src/socket/async-driver.js'
import { applyTopology, createTopology, deleteTopology } from '../../src/topology/operations.js'
import { CHANGED, THIRTY_STEPS, TRANSLATED } from './topology-thirty.js'
import { watched, writes } from './watched.js'

let fatal = Number(process.argv[2] ?? 0)
const doing = process.argv[3] ?? 'create'
/** Instead of N: how many steps are begun first. */
const steps = Number(process.argv[4] ?? 0)

let count = 0
const begun: number[] = []

let isLine = false
const before = (effect: Effect) => {
  count++
  if (isLine) begun.push(count)
  if (isLine && steps > 0 && fatal === 0 && begun.length === steps) fatal = count + Number(process.argv[5])
  isLine = writes(effect, '{"step"')
  if (count === fatal) process.kill(process.pid, 'SIGKILL')
  return undefined
}

if (doing === 'create' || doing === 'translate') {
  const value = doing === 'create' ? THIRTY_STEPS : TRANSLATED
  await runAsync(watched(createTopology(value), before))
  const total = count
  await runAsync(deleteTopology(value))
  writeSync(1, JSON.stringify({ total, begun }))
} else if (doing === 'delete') {
  await runAsync(createTopology(THIRTY_STEPS))
  await runAsync(watched(deleteTopology(THIRTY_STEPS), before))
  writeSync(1, JSON.stringify({ total: count, begun }))
} else {
  await runAsync(watched(applyTopology(CHANGED), before))
  writeSync(1, JSON.stringify({ total: count, begun }))
}
