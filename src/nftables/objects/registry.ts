/** What a stateful object holds, by the name of its type (NFT_OBJECT_*). */

import { attributes, string, type Table } from '../../codec/index.js'
import { connlimitAttributes } from '../expressions/connlimit.js'
import { counterAttributes } from '../expressions/counter.js'
import { limitAttributes } from '../expressions/limit.js'
import { quotaAttributes } from '../expressions/quota.js'
import { synproxyAttributes } from '../expressions/synproxy.js'
import { ctExpectAttributes, ctHelperAttributes, ctTimeoutAttributes } from './ct.js'
import { tunnelObjectAttributes } from './tunnel.js'

/** enum nft_secmark_attributes */
export const secmarkAttributes = attributes('NFTA_SECMARK', { ctx: [1, string] })

export const objects = {
  counter: counterAttributes,
  quota: quotaAttributes,
  'ct-helper': ctHelperAttributes,
  limit: limitAttributes,
  connlimit: connlimitAttributes,
  tunnel: tunnelObjectAttributes,
  'ct-timeout': ctTimeoutAttributes,
  secmark: secmarkAttributes,
  'ct-expect': ctExpectAttributes,
  synproxy: synproxyAttributes,
}

/** The table of an object's data; undefined for a type that is not known, whose data stays bytes. */
export function objectTable(type: string): Table | undefined {
  return Object.hasOwn(objects, type) ? (objects[type as keyof typeof objects] as Table) : undefined
}
