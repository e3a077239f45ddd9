/** The container's network namespace. */
import { stat } from 'node:fs/promises'
import { openNetns } from 'netlink-ts'
import { CniError } from './error.js'
import type { Call } from './input.js'

/** No file, or one of another kind: a namespace's name whose mount has gone. */
const NONE = ['ENOENT', 'ENOTDIR', 'EINVAL']

/** What is at a path: a container's namespace, the plugin's own one, or nothing that could be either. */
export async function sandboxAt(path: string): Promise<'container' | 'own' | 'none'> {
  if (path === '') return 'none'
  try {
    const netns = await openNetns({ path })
    netns.close()
    const [there, own] = await Promise.all([stat(path), stat('/proc/self/ns/net')])
    return there.dev === own.dev && there.ino === own.ino ? 'own' : 'container'
  } catch (error) {
    if (NONE.includes((error as NodeJS.ErrnoException).code ?? '')) return 'none'
    throw error
  }
}

/** Throws CniError unless a container's namespace is there. */
export async function needSandbox({ netns: path, mayBeOwn }: Call): Promise<void> {
  const what = await sandboxAt(path)
  if (what === 'none') throw new CniError('invalidEnvironment', `CNI_NETNS: ${path} is no network namespace`)
  if (what === 'own' && !mayBeOwn)
    throw new CniError('invalidEnvironment', `CNI_NETNS: ${path} is the namespace of the plugin itself`)
}
