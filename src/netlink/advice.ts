import { errnoCode } from './errno.js'

/** What to do about an error, where one line says it for every request. `where` is "in namespace 'red'" or empty. */
export function advise(errno: number, where: string): string | undefined {
  switch (errnoCode(errno)) {
    case 'EPERM':
      return `needs CAP_NET_ADMIN in the user namespace that owns the network namespace${where === '' ? '' : ` (${where})`}`
    case 'EMSGSIZE':
      return 'the answer does not fit into one message of the kernel: ask for less (include), or list'
    default:
      return undefined
  }
}
