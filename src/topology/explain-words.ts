/** What the commands of ip(8) have in common. */

import { HOST } from './network.js'

/** `ip`, in the namespace of this name. */
export function ip(netns: string, option = ''): string {
  return `ip${netns === HOST ? '' : ` -n ${quote(netns)}`}${option}`
}

/** What stands before the command of another program, to run it in the namespace of this name. */
export function inside(netns: string): string {
  return netns === HOST ? '' : `ip netns exec ${quote(netns)} `
}

/** After the word `netns`: the shell's own namespace has no name, and is that of the shell. */
export function target(netns: string): string {
  return netns === HOST ? '$$' : quote(netns)
}

/** An interface as the object of a command: ip(8) would take 'up' or 'br' for words of its own. */
export function device(name: string): string {
  return `dev ${quote(name)}`
}

/** A word for sh(1). */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** A type of service, which ip(8) reads as hexadecimal. */
export function tosWords(tos: number): string {
  return `tos 0x${tos.toString(16)}`
}
