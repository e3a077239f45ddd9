/** Both faces of netlink-ts/nftables, and a kernel that answers by a script. */

import { getGen, newGen } from '../../src/nftables/messages.js'
import * as promises from '../../src/nftables.js'
import * as sync from '../../src/nftables-sync.js'
import { type Answer, fakeKernel, reply, success } from '../../src/testing/index.js'
import type { FakeRequest } from '../../src/testing/request.js'

export const FACES = [
  { face: 'promises', nft: promises },
  { face: 'sync', nft: sync },
] as const

/** A kernel with a generation, whose batches are answered by `batch` in the place of each message. */
export function kernelOf(
  generations: readonly number[],
  answer: (request: FakeRequest) => Answer | undefined,
) {
  const left = [...generations]
  return fakeKernel((request) => {
    if (request.type !== getGen.number) return answer(request) ?? (request.isDump ? undefined : success())
    const id = left.length > 1 ? left.shift()! : left[0]!
    return reply(newGen, { header: {}, attributes: { id } })
  })
}
