/**
 * Names of which a part is left open: 'veth%d'. The number is chosen here: which one the kernel makes of such a name it tells only since
 * Linux 6.2, not for every kind, and to nobody in another namespace than that of the link.
 */

import type { Operation } from '../../netlink/operation.js'
import { checkIfname } from '../input.js'

/** How a name that is taken is refused, by rtnetlink and by /dev/net/tun; it is not the only reason for either. */
const TAKEN: readonly unknown[] = ['EEXIST', 'EBUSY']

/** Settings with the name that was chosen; the same where there was no choice. */
export function withName<T extends { readonly name: string }>(settings: T, name: string): T {
  return name === settings.name ? settings : { ...settings, name }
}

/**
 * Runs `create` with a name, in which '%d' has become the first number with which it is not taken. Where another program gets that name
 * at the same moment it is the next one's turn.
 */
export function withFreeName<T>(
  name: string,
  isTaken: (name: string) => boolean,
  create: (name: string) => Operation<T>,
): Operation<T> {
  // Itself, and not a generator around it: that is the way of nearly all links.
  return name.includes('%') ? withNumber(name, isTaken, create) : create(name)
}

function* withNumber<T>(
  name: string,
  isTaken: (name: string) => boolean,
  create: (name: string) => Operation<T>,
): Operation<T> {
  for (let number = 0; ; number++) {
    const numbered = checkIfname(name.replace('%d', String(number)))
    if (isTaken(numbered)) continue
    try {
      return yield* create(numbered)
    } catch (error) {
      if (!TAKEN.includes((error as { code?: unknown }).code) || !isTaken(numbered)) throw error
    }
  }
}
