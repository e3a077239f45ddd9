/** The error of a call, or of its promise, that has to fail. */
export async function thrown(call: () => unknown): Promise<Error> {
  try {
    await call()
  } catch (error) {
    return error as Error
  }
  throw new Error('the call succeeded')
}
