/** A call that is one effect: what it holds is let go of, however it ends. */

import { expect, test, vi } from 'vitest'
import * as operation from '../../src/netlink/operation.js'
import { NETNS } from '../../src/netlink/operation.js'
import type { Request } from '../../src/netlink/request.js'
import { newRoute } from '../../src/rtnetlink/route/table.js'
import { runAsync } from '../../src/socket/async-driver.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { failure, fakeKernel } from '../../src/testing/index.js'

const asked = (table: number): Request => ({
  message: newRoute,
  body: { header: { table }, attributes: {} },
  flags: 0,
  answer: 'ack',
})

function* call(kernel: ReturnType<typeof fakeKernel>, request: () => Request): operation.Operation<void> {
  yield* operation.single(kernel, request)
}

test.each([
  ['an answer', undefined, () => asked(1), null],
  ['a refusal', failure('EEXIST'), () => asked(1), 'EEXIST'],
  ['a value that does not fit', undefined, () => asked(300), '300'],
  [
    'a request that cannot be built',
    undefined,
    () => {
      throw new Error('no name')
    },
    'no name',
  ],
])('is let go of after %s', async (_, answer, request, says) => {
  for (const run of [runAsync, runSync]) {
    const kernel = fakeKernel(() => answer)
    const core = kernel[NETNS]
    const [retain, release] = [vi.spyOn(core, 'retain'), vi.spyOn(core, 'release')]
    const running = (async () => run(call(kernel, request)))()
    if (says === null) await running
    else await expect(running).rejects.toThrow(says)
    expect(release.mock.calls.length).toBe(retain.mock.calls.length)
    expect(retain).toHaveBeenCalled()
  }
})

test('aborted while its channel is opened, it sends nothing', async () => {
  const kernel = fakeKernel(() => undefined)
  const controller = new AbortController()
  const running = runAsync(
    call(kernel, () => asked(1)),
    undefined,
    controller.signal,
  )
  controller.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
  expect(kernel.requests).toEqual([])
})
