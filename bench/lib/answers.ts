import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { runChild } from './child.js'
import { isInstalled } from './environment.js'
import type { Missing } from './suite.js'

const run = promisify(execFile)
const CHECKED = 3
const OUTSIDE = '198.18.0.1'
const REMEDY = 'apt-get install iproute2 iputils-ping'

const canCheck = () => isInstalled('ip') && isInstalled('ping')

/** What is missing where containers cannot be pinged. */
export function missingPing(): Missing[] {
  return canCheck() ? [] : [{ name: 'the check that each container answers', remedy: REMEDY }]
}

/**
 * A check that pings the first containers on a bridge from an address outside their network: an answer takes the address, the bridge,
 * both ends of the pair and the default route.
 */
export function checkAnswers(bridgeOf: (command: string[]) => string) {
  if (!canCheck()) return
  return (command: string[]): Promise<unknown> =>
    runChild([...command, '--count', `${CHECKED}`, '--hold'], async () => {
      await run('ip', ['address', 'add', `${OUTSIDE}/32`, 'dev', bridgeOf(command)])
      for (let number = 0; number < CHECKED; number++)
        await run('ping', ['-c1', '-W2', '-I', OUTSIDE, `10.0.0.${2 + number}`])
    })
}
