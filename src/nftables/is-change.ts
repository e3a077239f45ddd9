/** Which messages change the ruleset for sure: the kernel raises its generation for no others. */

import { NLM_F_EXCL } from '../netlink/constants.js'
import type { Request } from '../netlink/request.js'
import * as m from './messages.js'

/** nf_tables_newrule() and nf_tables_updchain() of net/netfilter/nf_tables_api.c look for nothing alike. */
const ALWAYS: ReadonlySet<unknown> = /* @__PURE__ */ new Set([m.newRule, m.newChain])
/** What takes out the one thing that is named, or else is refused. */
const NAMED: ReadonlySet<unknown> = /* @__PURE__ */ new Set([
  ...[m.delTable, m.delChain, m.delRule, m.delSet, m.delElements, m.delObject, m.delFlowtable],
])

/** Without a name, a handle or elements as many as there are go, which may be none. */
export function isChange({ message, body, flags }: Request): boolean {
  const { name, handle, elements } = body.attributes
  return (
    ALWAYS.has(message) ||
    (flags & NLM_F_EXCL) !== 0 ||
    (NAMED.has(message) && (name ?? handle ?? elements) !== undefined)
  )
}
