/** What a call throws; of one that makes an operation, what its first step throws: nothing has been opened or sent so far. */
export function refusal(call: () => unknown): Error {
  let done: unknown
  try {
    done = call()
    if (isOperation(done)) done = done.next().value
  } catch (error) {
    return error as Error
  }
  throw new Error(`it was not refused: ${JSON.stringify(done)}`)
}

function isOperation(value: unknown): value is Generator {
  return typeof value === 'object' && value !== null && 'next' in value
}
