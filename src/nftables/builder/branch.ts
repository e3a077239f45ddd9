/** Rules that go on in another chain: one with a name, or one that the rule brings with it. */

import { show } from '../../codec/fault.js'
import { NLM_F_APPEND, NLM_F_CREATE } from '../../netlink/constants.js'
import { anonymousChain } from '../anonymous.js'
import { change } from '../change.js'
import { newRule } from '../messages.js'
import { families } from '../names.js'
import { adviseRule } from '../rule-advice.js'
import { verdictData } from '../value.js'
import type { Compiler, Statement } from './compiler.js'
import { compileRule, isRuleBody, type RuleBody } from './rule.js'

/** Where to go on: a chain by its name, or the rules of one without a name, which goes with the rule (Linux 5.9). */
export type Branch = string | readonly RuleBody[]

/** Goes on in another chain, and comes back where that has nothing to say: `jump('web')`, `jump([rule(…), rule(…)])`. */
export function jump(to: Branch): Statement {
  return branch('jump', to)
}

/** Goes on in another chain, for good. */
export function goto(to: Branch): Statement {
  return branch('goto', to)
}

function branch(code: 'jump' | 'goto', to: Branch): Statement {
  if (!Array.isArray(to)) {
    const data = verdictData({ [code]: to }, 'verdict')
    return { ends: true, compile: (compiler) => compiler.verdict(data) }
  }
  const bodies: readonly RuleBody[] = to
  if (bodies.length === 0) throw new RangeError(`${code}: the list of rules is empty`)
  for (const [i, body] of bodies.entries())
    if (!isRuleBody(body)) throw new TypeError(`${code}[${i}]: ${show(body)} is not made by rule()`)
  return {
    ends: true,
    compile: (compiler) => compiler.verdict({ verdict: { code, chainId: chainOf(compiler, bodies) } }),
  }
}

/** Makes a chain of rules and returns its number within the transaction. */
function chainOf(compiler: Compiler, bodies: readonly RuleBody[]): number {
  const { family, table, nextId } = compiler.context
  const id = nextId()
  compiler.sets.push(anonymousChain(family, table, id))
  const context = { ...compiler.context, seesTransport: compiler.seesTransport }
  for (const body of bodies) {
    const { sets, expressions } = compileRule(body, context)
    const rule = { table, chainId: id, expressions: { elem: expressions } }
    const subject = `rule of a chain of a rule of table ${families.toName(family)} '${table}'`
    compiler.sets.push(
      ...sets,
      adviseRule(change(newRule, family, rule, NLM_F_CREATE | NLM_F_APPEND, subject), family, expressions),
    )
  }
  return id
}
