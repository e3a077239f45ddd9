/**
 * The keys conditionsV4 and conditionsV6: words of a rule, which a connection has to fit for a published port to be there. As iptables has
 * them ('!', '-s', '10.0.0.0/8') or as nft(8) has them ('ip', 'saddr', '!=', '10.0.0.0/8'); the first character tells, as it does for portmap.
 */
import type { Statement } from 'netlink-ts/nftables'
import { ofIptables } from './condition-iptables.js'
import { ofNft } from './condition-nft.js'
import type { Family } from './condition-word.js'
import { CniError } from './error.js'

/** Throws CniError for words that are not known (2), and for values that are none (7), with ENODEV for an interface that is not there. */
export function conditionsOf(key: string, family: Family, words: readonly string[]): Statement[] {
  try {
    return /^[-!]/.test(words[0] ?? '') ? ofIptables(family, words) : ofNft(words)
  } catch (error) {
    if (error instanceof CniError) throw new CniError(error.reason, `${key}: ${error.message}`)
    const { message, code } = error as NodeJS.ErrnoException
    throw new CniError('invalidConfig', `${key}: ${message}`, code)
  }
}
