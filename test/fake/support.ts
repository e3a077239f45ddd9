/** What the tests with the fake kernel share. */

import { type Answer, messages, reply } from '../../src/testing/index.js'

export { FACES } from '../faces.js'
export { thrown } from '../thrown.js'

export const link = (ifname: string, index = 2, flags = 0) =>
  reply(messages.RTM_NEWLINK, { header: { index }, attributes: { ifname } }, flags)

/** A promise that a test resolves. */
export function gate<T = void>() {
  let open!: (value: T) => void
  const opened = new Promise<T>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

/** An answer that comes when the test wants it, and the promise that its request has arrived. */
export function later() {
  const asked = gate()
  const answer = gate<Answer>()
  return {
    asked: asked.opened,
    answer: answer.open,
    handler: () => {
      asked.open()
      return answer.opened
    },
  }
}
