/** What a refused call throws, whichever face it is of. */

import { expect } from 'vitest'
import { NetlinkError } from '../../src/index.js'
import { thrown } from '../thrown.js'

export { thrown }

/** The error of a call that the kernel refuses. */
export async function failure(call: () => unknown): Promise<NetlinkError> {
  const error = await thrown(call)
  expect(error).toBeInstanceOf(NetlinkError)
  return error as NetlinkError
}
