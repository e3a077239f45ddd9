/** What errors of a rule's expressions mean: what they refer to is not there, or they do not belong into their chain. */

import * as nf from '../netlink/netfilter.js'
import { adviceOf, type Request } from '../netlink/request.js'
import { dynamicMeaning, OTHER_TYPES } from './dynamic-advice.js'
import type { Expression } from './expression.js'
import { chainNameOf, setNameOf } from './references.js'

/** The request of a rule, with what errors of its expressions mean. */
export function adviseRule(request: Request, family: number, expressions: readonly Expression[]): Request {
  return {
    ...request,
    advise: (code, extack) =>
      meaningOf(code, extack.path, family, expressions) ?? adviceOf(request, code, extack),
  }
}

function meaningOf(
  code: string,
  path: string | null,
  family: number,
  expressions: readonly Expression[],
): string | undefined {
  if (code === 'EMLINK')
    return 'its chains lead back to where they come from, or more than 16 jumps are in one another'
  const at = /^expressions\.elem\[(\d+)\]/.exec(path ?? '')
  if (at === null) return code === 'EOPNOTSUPP' ? onlyLimit(expressions, family) : undefined
  const expression = expressions[Number(at[1])]
  if (expression === undefined) return undefined
  const owned = ofAnotherRule(code, expression)
  if (owned !== undefined) return owned
  const ofSet = expression.name === 'dynset' ? dynamicMeaning(code, expression) : undefined
  return ofSet ?? MEANINGS[code]?.(expression, family)
}

/** Names that the kernel gives to sets and chains of rules: nf_tables_set_alloc_name() and nft_chain_add() of net/netfilter/nf_tables_api.c. */
const OF_A_RULE = /^__(?:set|map|objmap|chain)\d+$/

function ofAnotherRule(code: string, expression: Expression): string | undefined {
  const set = setNameOf(expression)
  const name = set ?? chainNameOf(expression) ?? ''
  if (!OF_A_RULE.test(name) || !['EBUSY', 'EINVAL', 'ENOENT'].includes(code)) return undefined
  return `${set === undefined ? 'chain' : 'set'} '${name}' belongs to another rule: listRuleset() has a rule with what is its own, and listRules() without`
}

/** Linux 6.1 blames the jump for it, newer kernels the rule. */
const ELSEWHERE = 'a chain that it goes on in has an expression that is not for this hook or type of chains'

const MEANINGS: Readonly<Record<string, (expression: Expression, family: number) => string | undefined>> = {
  ENOENT: (expression) => {
    const set = setNameOf(expression)
    if (set !== undefined) return `the table has no set '${set}'`
    if (expression.name === 'immediate') return 'the table has no chain of the name that is jumped to'
    if (expression.name === 'objref') return 'the table has no object of that type and name'
    if (expression.name === 'flow_offload') return 'the table has no flowtable of that name'
    const elsewhere = Object.hasOwn(LIMITS, expression.name) ? ', or not in tables of this family' : ''
    return `this kernel has no expression '${expression.name}'${elsewhere}`
  },
  EOPNOTSUPP: (expression, family) => {
    if (expression.name === 'immediate')
      return `a chain with a hook is not jumped to, nor is there one without a name in another without a name; or ${ELSEWHERE}`
    return lackingKey(expression) ?? onlyLimit([expression], family)
  },
  // nf_ct_netns_do_get() of net/netfilter/nf_conntrack_proto.c
  EPROTO: (_, family) =>
    family === nf.NFPROTO_BRIDGE
      ? 'this kernel tracks no connections that pass a bridge (nf_conntrack_bridge)'
      : 'no connections are tracked in tables of this family',
  EOVERFLOW: ({ name }) =>
    name === 'limit' ? 'its rate or its burst is more than the kernel can count' : undefined,
  EINVAL: otherTypes,
  // Since Linux 6.5: a register that nothing was written to.
  ENODATA: otherTypes,
}

function lackingKey({ name, data }: Expression): string | undefined {
  const { key } = (data ?? {}) as { key?: unknown }
  return key === undefined
    ? undefined
    : `this kernel has no '${name} ${String(key)}', or not in tables of this family`
}

function otherTypes(expression: Expression): string | undefined {
  const set = setNameOf(expression)
  return set === undefined ? undefined : `set '${set}' ${OTHER_TYPES}`
}

type Data = Readonly<Record<string, unknown>>

/** The name of an expression and the chains that take it; undefined where all do, '' where it is not known. */
type Limit = (data: Data, family: number) => readonly [name: string, chains: string] | '' | undefined

const IP: readonly number[] = [nf.NFPROTO_IPV4, nf.NFPROTO_IPV6, nf.NFPROTO_INET]
const HAVE_DUP: readonly number[] = [nf.NFPROTO_IPV4, nf.NFPROTO_IPV6, nf.NFPROTO_NETDEV]
const EARLY = 'prerouting, input and forward'
const LATE = 'forward, output and postrouting'
const ALL = 'prerouting, input, forward, output and postrouting'

const ofIp = (family: number, chains: string) =>
  IP.includes(family) ? chains : 'tables of the families ip, ip6 and inet'
const ip =
  (name: string, chains: string): Limit =>
  (_, family) => [name, ofIp(family, chains)]

/** Which chains the kernel takes expressions in: the function `validate` of each, net/netfilter/nft_*.c. */
const LIMITS: Readonly<Record<string, Limit>> = {
  masq: ip('masq', "chains of type 'nat' at postrouting"),
  redir: ip('redir', "chains of type 'nat' at prerouting and output"),
  nat: ({ type }, family) => {
    const hooks = type === 'dnat' ? 'prerouting and output' : 'postrouting and input'
    return [String(type), ofIp(family, `chains of type 'nat' at ${hooks}`)]
  },
  reject: (_, family) => {
    const chains: Readonly<Record<number, string>> = {
      [nf.NFPROTO_INET]: 'prerouting, input, forward, output and ingress',
      [nf.NFPROTO_BRIDGE]: 'prerouting and input',
      [nf.NFPROTO_NETDEV]: 'ingress',
    }
    return ['reject', chains[family] ?? 'prerouting, input, forward and output']
  },
  tproxy: ip('tproxy', 'prerouting'),
  synproxy: ip('synproxy', 'input and forward'),
  flow_offload: ip('flow_offload', 'forward'),
  socket: ip('socket', 'prerouting, input and output'),
  osf: ip('osf', EARLY),
  queue: (_, family) => [
    'queue',
    family === nf.NFPROTO_NETDEV ? 'tables of the families ip, ip6, inet and bridge' : ALL,
  ],
  dup: (_, family) =>
    HAVE_DUP.includes(family) ? undefined : ['dup', 'tables of the families ip, ip6 and netdev'],
  fwd: () => ['fwd', "ingress and egress of the family 'netdev'"],
  fib: ({ result, flags }, family) => {
    const has = (flag: string) => Array.isArray(flags) && flags.includes(flag)
    const incoming = family === nf.NFPROTO_NETDEV ? 'ingress' : EARLY
    if (has('iif')) return ['fib with iif', incoming]
    if (result !== 'addrtype') return ['fib', `${incoming} (older kernels: prerouting alone)`]
    if (has('oif')) return ['fib with oif', LATE]
    return family === nf.NFPROTO_NETDEV ? undefined : ['fib', ALL]
  },
  rt: ({ key }, family) => (key === 'tcpmss' ? ['rt tcpmss', ofIp(family, LATE)] : undefined),
  xfrm: ({ dir }, family) => [`ipsec ${String(dir)}`, ofIp(family, dir === 'in' ? EARLY : LATE)],
  meta: ({ key, sreg }, family) => {
    const isDevice = family === nf.NFPROTO_NETDEV
    if (key === 'sdif' || key === 'sdifname') return [`meta ${key}`, ofIp(family, 'input and forward')]
    if (key === 'secpath') return ['meta secpath', isDevice ? 'ingress' : ofIp(family, EARLY)]
    if (key === 'pkttype' && sreg !== undefined)
      return ['meta pkttype set', isDevice ? 'ingress' : 'prerouting']
    return key === 'bri-broute' ? ['meta broute', "prerouting of the family 'bridge'"] : undefined
  },
  objref: ({ immType, setName }) => (immType === 'synproxy' || setName !== undefined ? '' : undefined),
  match: () => '',
  target: () => '',
}

/** Where the rule is refused and none of its expressions is named: of the one that belongs into some chains alone, if there is but one. */
function onlyLimit(expressions: readonly Expression[], family: number): string | undefined {
  const found = new Set<string>()
  for (const { name, data } of expressions) {
    const content = (data instanceof Uint8Array ? {} : (data ?? {})) as Data
    if (goesOn(name, content)) found.add(ELSEWHERE)
    const limit = Object.hasOwn(LIMITS, name) ? LIMITS[name]!(content, family) : undefined
    if (limit !== undefined) found.add(limit === '' ? '' : `'${limit[0]}' is for ${limit[1]}`)
  }
  const [only] = found
  return found.size === 1 && only !== '' ? only : undefined
}

/** Whether an expression has packets go on in another chain, whose expressions are looked at as well. */
function goesOn(name: string, { data, dreg }: Data): boolean {
  if (name === 'lookup') return dreg === 0
  const { verdict } = (data ?? {}) as { verdict?: { code?: unknown } }
  return name === 'immediate' && (verdict?.code === 'jump' || verdict?.code === 'goto')
}
