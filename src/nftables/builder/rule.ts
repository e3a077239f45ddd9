/** A rule as its statements. */

import { show } from '../../codec/fault.js'
import {
  type ComparedBytes,
  Compiler,
  REG,
  REGISTER_SIZE,
  type RuleContext,
  type Statement,
} from './compiler.js'

/** The statements of a rule, in their order. Made by rule(). */
export interface RuleBody {
  readonly statements: readonly Statement[]
}

/**
 * A rule of statements, in the order in which a packet meets them.
 *
 * @throws TypeError for what is no statement, and for one behind another that ends the rule: a verdict or a jump, NAT, reject()
 * @see nft(8)
 * @example
 * rule(ip.saddr('10.0.0.0/8'), tcp.dport([80, 443]), ct.state('established', 'related'), counter(), accept())
 */
export function rule(...statements: readonly Statement[]): RuleBody {
  for (const [i, one] of statements.entries()) {
    if ((typeof one !== 'object' || one === null || Array.isArray(one)) && typeof one !== 'function')
      throw new TypeError(`rule: ${show(one)} (argument ${i + 1}) is not a statement`)
    if (typeof one.compile !== 'function')
      throw new TypeError(
        typeof one === 'function' && !('source' in one)
          ? `rule: argument ${i + 1} is a function; called, as accept(), it makes a statement`
          : `rule: argument ${i + 1} is not a statement; a field needs what it is compared with`,
      )
  }
  const end = statements.findIndex(({ ends }) => ends === true)
  if (end >= 0 && end < statements.length - 1)
    throw new TypeError(`rule: argument ${end + 1} ends the rule: no packet goes on to argument ${end + 2}`)
  return { statements }
}

/** Whether it is what rule() makes. */
export function isRuleBody(value: unknown): value is RuleBody {
  const statements: unknown = (value as Partial<RuleBody> | null)?.statements
  return (
    Array.isArray(statements) && Array.from(statements).every((one) => typeof one?.compile === 'function')
  )
}

/** The expressions of a rule, and the messages of its anonymous sets. */
export function compileRule({ statements }: RuleBody, context: RuleContext): Compiler {
  const compiler = new Compiler(context)
  for (const statement of together(statements)) statement.compile(compiler)
  return compiler
}

/**
 * Comparisons of bytes that lie side by side become one, as those of nft(8) do: at the place of the first, where only comparisons stand
 * between them, and in the order in which they stand (nft(8) takes that of the bytes). Not past what counts the packets that come there,
 * which nft(8) does not look at.
 */
function together(statements: readonly Statement[]): Statement[] {
  const result: Statement[] = []
  let open: number[] = []
  for (const statement of statements) {
    const { bytes } = statement
    if (!statement.matches) open = []
    const at = bytes && open.find((one) => join(result[one]!.bytes!, bytes) !== null)
    if (at !== undefined) result[at] = comparison(join(result[at]!.bytes!, bytes!)!)
    else if (bytes === undefined) result.push(statement)
    else open.push(result.push(statement) - 1)
  }
  return result
}

/** So many bytes the kernel compares in one step (nft_cmp_fast of net/netfilter/nft_cmp.c): two such stay two. */
const FAST = 4

function join(one: ComparedBytes, other: ComparedBytes): ComparedBytes | null {
  const [first, second] = one.offset <= other.offset ? [one, other] : [other, one]
  const length = first.value.length + second.value.length
  const wereFast = first.value.length <= FAST && second.value.length <= FAST
  if (
    first.base !== second.base ||
    first.offset + first.value.length !== second.offset ||
    length > REGISTER_SIZE ||
    (wereFast && length > FAST)
  )
    return null
  const value = new Uint8Array(length)
  value.set(first.value)
  value.set(second.value, first.value.length)
  return {
    ...first,
    value,
    depend: (compiler) => {
      one.depend(compiler)
      other.depend(compiler)
    },
    learn: (compiler) => {
      one.learn(compiler)
      other.learn(compiler)
    },
  }
}

/** The bytes of a header have to be a value. */
export function comparison(bytes: ComparedBytes): Statement {
  const { base, offset, value, depend, learn } = bytes
  return {
    matches: true,
    bytes,
    compile: (compiler) => {
      depend(compiler)
      compiler.emit({ name: 'payload', data: { dreg: REG, base, offset, len: value.length } })
      compiler.compare(value)
      learn(compiler)
    },
  }
}
