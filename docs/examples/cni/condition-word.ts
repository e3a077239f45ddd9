/** What the words of conditions have in common, whichever program they are of. */
import { ip, ip6, type Statement, type Value } from 'netlink-ts/nftables'
import { CniError } from './error.js'

export const FAMILIES = { ip, ip6 } as const
export type Family = keyof typeof FAMILIES

/** For a word that is not known; undefined where the words end before they should. */
export function unknown(word: string | undefined): CniError {
  return word === undefined
    ? new CniError('invalidConfig', 'a value is missing at the end')
    : new CniError('unsupportedField', `'${word}' is none of the conditions that are known`)
}

export function number(text: string): Value {
  return /^(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : text
}

const NAME = /^[a-z][\w.-]*$/i

/** A name may be right without being known here (of a host, of a service): it is told apart from a value that is wrong. */
export function orUnknown(values: readonly Value[], make: () => Statement): Statement {
  try {
    return make()
  } catch (error) {
    const name = values.find((value) => typeof value === 'string' && NAME.test(value))
    throw name === undefined ? error : unknown(String(name))
  }
}
