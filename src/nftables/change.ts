/** One message of a transaction. */

import type { Fields, Infer, Members, Message, Table } from '../codec/index.js'
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/constants.js'
import type { Advice, Request } from '../netlink/request.js'
import { families } from './names.js'

/** How a thing comes to be: `add` takes it as it is where it exists, `create` refuses that (EEXIST). */
export type Making = 'add' | 'create'

/** The attributes of a message that a table describes. */
export type AttributesOf<M> = M extends Message<Members, infer F extends Fields> ? Infer<Table<F>> : never

/** What an error of one message means, by its code and the attribute at fault. */
export type Meaning = (code: string, path: string | null) => string | undefined

/** A change of a family's ruleset. `subject` says in errors what it is about, `meaning` what they mean besides the common. */
export function change<M extends Message>(
  message: M,
  family: number,
  attributes: AttributesOf<M>,
  flags: number,
  subject: string,
  meaning?: Meaning,
): Request {
  return {
    message,
    body: { header: { family }, attributes: attributes as Record<string, unknown> },
    flags,
    answer: 'ack',
    subject,
    advise: (code, { path }) =>
      meaning?.(code, path) ??
      absent(code, path, family, attributes as Where) ??
      (code === 'EINVAL' && DESTROYS.test(message.name)
        ? 'before Linux 6.3 the kernel knows no destroy'
        : ADVICE[code]),
  }
}

/** What is not there of where something should go. */
function absent(code: string, path: string | null, family: number, attributes: Where): string | undefined {
  if (code !== 'ENOENT') return undefined
  const { table, chain, set } = attributes
  if (path === 'table') return `there is no table ${families.toName(family)} '${table}'`
  if (path === 'chain') return `the table has no chain '${chain}'`
  return path === 'set' ? `the table has no set '${set}'` : undefined
}

interface Where {
  readonly table?: unknown
  readonly chain?: unknown
  readonly set?: unknown
}

const DESTROYS = /^NFT_MSG_DESTROY/

/** NLM_F_CREATE, and NLM_F_EXCL where it must not exist. */
export function makingFlags(making: Making): number {
  return making === 'create' ? NLM_F_CREATE | NLM_F_EXCL : NLM_F_CREATE
}

const ADVICE: Advice = {
  EPERM:
    'needs CAP_NET_ADMIN in the user namespace that owns the network namespace; a table with an owner belongs to its socket',
  EBUSY:
    'something still refers to it: delete the rules, elements or chains that do, first or in the same transaction',
}
