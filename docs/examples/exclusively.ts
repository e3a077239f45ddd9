/**
 * Work that one process at a time does: who has a certain socket. Its name is without a file, and the kernel frees it with the process. It
 * is one of the network namespace: processes of another one do not wait, and any user of this one may hold it.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'

const AGAIN_MS = 20

/** Waits until the processes before have ended their work, or been killed; an abort ends the waiting. */
export async function exclusively<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const lock = createServer()
  for (;;) {
    const listening = once(lock, 'listening')
    lock.listen(`\0${name}`)
    try {
      await listening
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
    await setTimeout(AGAIN_MS, undefined, { signal })
  }
  try {
    return await work()
  } finally {
    lock.close()
  }
}
