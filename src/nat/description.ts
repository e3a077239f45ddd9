/**
 * What a verb's chain was made of, in JSON: user data of the chain, which has 256 bytes, or of rules behind its own that do nothing else. Then
 * all of it is theirs: the kernel marks a dump of rules between which another program has changed something.
 */

import { commentRecord, recordsOf, userdataOf } from '../nftables/userdata.js'

/** What a verb made. */
export interface Described {
  readonly verb: string
  readonly name: string
}

/** A chain or a rule. */
export interface Kept {
  readonly userdata: Uint8Array | null
}

/** The record of a whole description; nft(8) passes over it. */
const DESCRIPTION = 0x41
/** The record of a part of one. That of the chain has the number of bytes that the parts have together, as text. */
const PART = 0x42
const COMMENT = commentRecord('netlink-ts')
/** NFT_USERDATA_MAXLEN, less the comment and the header of the other record. */
const MAX_PART = 256 - userdataOf([COMMENT]).length - 2

/** The user data of a chain, and those of the rules that it needs for the sake of them alone. */
export function describe({ verb, name, ...rest }: Described): { chain: Uint8Array; rules: Uint8Array[] } {
  const text = new TextEncoder().encode(JSON.stringify({ verb, name, ...rest }))
  const keep = (type: number, value: Uint8Array) => userdataOf([COMMENT, { type, value }])
  if (text.length <= MAX_PART) return { chain: keep(DESCRIPTION, text), rules: [] }
  const rules: Uint8Array[] = []
  for (let start = 0; start < text.length; start += MAX_PART)
    rules.push(keep(PART, text.subarray(start, start + MAX_PART)))
  return { chain: keep(PART, new TextEncoder().encode(String(text.length))), rules }
}

/** Whether a chain's rules have what it was made of. */
export function isDescribedByRules(chain: Kept): boolean {
  return valuesOf(chain, PART).length > 0
}

/** What a chain was made of; null for one that no verb made, and where a part is gone. */
export function descriptionOf(chain: Kept, rules: readonly Kept[]): Described | null {
  const [whole] = valuesOf(chain, DESCRIPTION)
  const parts = whole === undefined ? rules.flatMap((one) => valuesOf(one, PART)) : [whole]
  const bytes = Uint8Array.from(parts.flatMap((one) => [...one]))
  const text = new TextDecoder()
  const [length] = valuesOf(chain, PART)
  if (length !== undefined && text.decode(length) !== String(bytes.length)) return null
  try {
    return JSON.parse(text.decode(bytes)) as Described
  } catch {
    return null
  }
}

function valuesOf({ userdata }: Kept, type: number): Uint8Array[] {
  const records = userdata === null ? [] : recordsOf(userdata)
  return records.filter((one) => one.type === type).map(({ value }) => value)
}
