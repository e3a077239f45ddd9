/** What this process has open. */

import { readdirSync, readlinkSync } from 'node:fs'

/** How many of its descriptors lead to what begins so. */
function open(kind: RegExp): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return kind.test(readlinkSync(`/proc/self/fd/${fd}`))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false // the one that lists the directory
      throw error
    }
  }).length
}

export const openSockets = (): number => open(/^socket:/)
/** Descriptors of sockets and namespaces. */
export const openFds = (): number => open(/^(socket|net):/)
/** BPF programs that are open. */
export const openPrograms = (): number => open(/^anon_inode:bpf-prog$/)
