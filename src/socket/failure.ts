import { errnoCode } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import type { Failure } from './native.js'

export function isFailure(answer: unknown): answer is Failure {
  return typeof answer === 'object' && answer !== null && 'errno' in answer && 'syscall' in answer
}

/** Throws what a primitive reports; otherwise its answer. */
export function check<T>(answer: T | Failure, subject?: string): T {
  if (isFailure(answer)) throw systemError(answer, subject)
  return answer
}

export function systemError({ errno, syscall }: Failure, subject?: string): SystemError {
  return new SystemError({ errno, syscall, subject, advice: advise(errnoCode(errno), syscall) })
}

function advise(code: string, syscall: string): string | undefined {
  switch (code) {
    case 'EPERM':
    case 'EACCES':
      if (syscall === 'unshare' || syscall === 'mount' || syscall === 'umount2') {
        return 'needs CAP_SYS_ADMIN: run as root, or inside `unshare -Urnm` as an ordinary user'
      }
      if (syscall === 'setns')
        return 'needs CAP_SYS_ADMIN in the user namespace that owns the network namespace'
      if (syscall === 'mkdir' || syscall === 'open') {
        return 'an ordinary user cannot make names under /run/netns; use a namespace without a name, or `unshare -Urnm`'
      }
      return undefined
    case 'ENOSPC':
      return syscall === 'unshare' ? 'the limit user.max_net_namespaces is reached' : undefined
    case 'EMFILE':
      return 'too many open files in this process (ulimit -n): are handles left unclosed?'
    case 'ENOPROTOOPT':
      return 'this kernel is too old: Linux 5.10 or later is needed'
    default:
      return undefined
  }
}
