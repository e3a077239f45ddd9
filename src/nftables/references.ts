/** What expressions refer to by names: sets, and chains to go on in. */

import type { NftData } from './data.js'
import type { Expression } from './expression.js'

/** The name of the set that an expression refers to. */
export function setNameOf({ data }: Expression): string | undefined {
  if (data === undefined || data instanceof Uint8Array) return undefined
  const { set, setName } = data as { set?: string; setName?: string }
  return set ?? setName
}

/** The name of the chain that an expression goes on in. */
export function chainNameOf({ name, data }: Expression): string | undefined {
  if (name !== 'immediate' || data === undefined || data instanceof Uint8Array) return undefined
  return (data as Immediate).data?.verdict?.chain
}

type Immediate = { readonly data?: NftData }

/** The expression with a chain of the same transaction in the place of the one that it was read with. */
export function withChain(expression: Expression, chainId: number): Expression {
  const data = expression.data as Immediate
  const { chain: _, ...verdict } = data.data!.verdict!
  return { name: 'immediate', data: { ...data, data: { verdict: { ...verdict, chainId } } } }
}

/** The expression with a set of the same transaction in the place of the one that it was read with. */
export function withSet(expression: Expression, name: string, id: number): Expression {
  const data = { ...(expression.data as object) }
  return {
    ...expression,
    data: { ...data, ['set' in data ? 'set' : 'setName']: name, setId: id },
  } as Expression
}
