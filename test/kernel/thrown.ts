/** What a refused call throws, whichever face it is of. */

import { expect } from 'vitest'
import { NetlinkError } from '../../src/index.js'

/** The error of a call, or of its promise, that has to fail. */
export async function thrown(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error('the call succeeded')
}

/** The error of a call that the kernel refuses. */
export async function failure(call: () => unknown): Promise<NetlinkError> {
  const error = await thrown(call)
  expect(error).toBeInstanceOf(NetlinkError)
  return error as NetlinkError
}
