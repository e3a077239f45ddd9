import { errnoCode } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import { NETNS_DIRECTORY } from '../netlink/netns-name.js'
import type { Request } from '../netlink/request.js'
import type { Failure } from './native.js'

export function isFailure(answer: unknown): answer is Failure {
  return typeof answer === 'object' && answer !== null && 'errno' in answer && 'syscall' in answer
}

/** Throws what a primitive reports; otherwise its answer. */
export function check<T>(answer: T | Failure, subject?: string): T {
  if (isFailure(answer)) throw systemError(answer, subject)
  return answer
}

export function systemError({ errno, syscall, ofDirectory }: Failure, subject?: string): SystemError {
  return new SystemError({
    errno,
    syscall,
    subject: ofDirectory ? NETNS_DIRECTORY : subject,
    advice: advise(errnoCode(errno), syscall),
  })
}

/** A container often has a limit of its own. */
const NO_THREAD =
  'no thread can be started: the limit of processes is reached (ulimit -u, pids.max of the cgroup)'

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
        return (
          'an ordinary user makes names in a /run of his own, ' +
          '`unshare -Urnm sh -c \'mount -t tmpfs tmpfs /run && exec "$0" "$@"\' node program.js`; a namespace without a name needs none'
        )
      }
      return undefined
    case 'ENOSPC':
      return syscall === 'unshare' ? 'the limit user.max_net_namespaces is reached' : undefined
    case 'EMFILE':
      return 'too many open files in this process (ulimit -n): are handles left unclosed?'
    case 'EAGAIN':
      return syscall === 'pthread_create' ? NO_THREAD : undefined
    case 'ENOPROTOOPT':
      return 'this kernel is too old: Linux 5.10 or later is needed'
    default:
      return undefined
  }
}

/** A netlink socket that failed, thrown where it is noticed; `at` what, where that is known. */
export class SocketFailure {
  constructor(
    readonly errno: number,
    readonly at: 'send' | 'receive' | null = null,
  ) {}
}

/** What a request is told about a socket that failed while it waited. */
export function requestError(cause: unknown): (request: Request) => Error {
  return ({ message, subject }) => {
    if (!(cause instanceof SocketFailure)) return cause as Error
    return new SystemError({
      errno: cause.errno,
      syscall: 'netlink',
      subject: subject === undefined ? message.name : `${message.name} ${subject}`,
      advice: adviseSocket(errnoCode(cause.errno), cause.at),
    })
  }
}

const WHICH = {
  ENOBUFS: {
    send: 'there was no memory to send the request, which the kernel has not seen',
    receive: 'the answer did not fit into the receive buffer; the kernel may have carried the request out',
  },
  EMSGSIZE: {
    send: 'the request is larger than the send buffer of the socket',
    receive: 'the answer is longer than what is received at once',
  },
}

function adviseSocket(code: string, at: SocketFailure['at']): string | undefined {
  switch (code) {
    case 'ENOBUFS':
    case 'EMSGSIZE':
      return at === null ? `${WHICH[code].send}; or ${WHICH[code].receive}` : WHICH[code][at]
    case 'EAGAIN':
      return NO_THREAD
    case 'EBADF':
      return 'the socket, or the namespace handle that it was asked on, has been closed'
    default:
      return undefined
  }
}
