/** Chains: lists of rules, those with a hook (base chains) and those that rules jump to. */

import { show } from '../codec/fault.js'
import type { AnyOf, Body, OneOf, RawAttribute } from '../codec/index.js'
import { checkKeys } from '../netlink/check.js'
import type { Request } from '../netlink/request.js'
import { type AttributesOf, change, type Making, type Meaning, makingFlags } from './change.js'
import {
  devicesAlone,
  devicesFor,
  devicesOf,
  HOOK_KEYS,
  missingDevice,
  needsPrefixes,
  type UnknownOfHook,
  type UnknownOfHookInput,
  unknownOfHook,
} from './devices.js'
import {
  checkHasDevices,
  checkType,
  hookName,
  hookNumber,
  type NftHook,
  type PriorityName,
  priorityNumber,
} from './hooks.js'
import {
  anyOf,
  checkHandle,
  checkName,
  described,
  familyNumber,
  type NftRef,
  nameOrHandle,
  rawFor,
  type UnknownInput,
  unknownFor,
} from './input.js'
import { delChain, destroyChain, newChain } from './messages.js'
import { type ChainFlag, chainFlags, families, type NftFamily } from './names.js'
import { commentOf, type UserdataInput, userdataFor } from './userdata.js'

/** What a chain is for. */
export type NftChainType = 'filter' | 'nat' | 'route'
/** What happens to a packet that no rule decides about. */
export type NftPolicy = 'accept' | 'drop'

/** A chain as the kernel has it. What only base chains have is null in others. */
export interface NftChain extends UnknownOfHook {
  readonly family: OneOf<NftFamily>
  readonly table: string
  readonly name: string
  readonly handle: number
  readonly type: string | null
  readonly hook: OneOf<NftHook> | null
  readonly priority: number | null
  readonly policy: string | number | null
  /** The devices of an ingress or egress hook; 'eth*' are all whose names begin so, also later ones (Linux 6.16). */
  readonly devices: readonly string[]
  readonly flags: AnyOf<ChainFlag>
  /** How many rules it has and how many refer to it. */
  readonly use: number
  /** Packets and bytes that its policy decided about, where it counts them. */
  readonly counters: { readonly packets: bigint; readonly bytes: bigint } | null
  readonly comment: string | null
  readonly userdata: Uint8Array | null
  /** Attributes that this library does not know. */
  readonly unknown: readonly RawAttribute[]
}

/** A chain to add; with a hook it needs a type and a priority. */
export interface NftChainInput extends UserdataInput, UnknownInput, UnknownOfHookInput {
  family: OneOf<NftFamily>
  table: string
  name: string
  type?: NftChainType | (string & {}) | null | undefined
  hook?: OneOf<NftHook> | null | undefined
  /** A number, or a name as nft(8) has it: 'filter', 'dstnat - 5'. */
  priority?: number | PriorityName | (string & {}) | null | undefined
  policy?: NftPolicy | (string & {}) | number | null | undefined
  devices?: readonly string[] | null | undefined
  /** 'hw-offload'; what the kernel sets by itself is not sent. */
  flags?: AnyOf<ChainFlag> | null | undefined
  handle?: number | undefined
  use?: number | undefined
  counters?: { packets: bigint; bytes: bigint } | null | undefined
}

/** Which chain: by its name, or by its handle where there is no name. */
export interface NftChainRef extends NftRef {
  /**
   * Without `hook` deleteChain() takes these alone out of it (Linux 6.4; before, it is refused), which all have to be there; with it the chain is
   * deleted. destroyChain() takes none out, which the kernel refuses (EOPNOTSUPP); of flowtables it does.
   */
  devices?: readonly string[] | null | undefined
}

const KEYS = [
  ...['family', 'table', 'name', 'type', 'hook', 'priority', 'policy', 'devices', 'flags'],
  ...['comment', 'userdata', 'handle', 'use', 'counters', 'unknown', ...HOOK_KEYS],
]

/** NFT_MSG_NEWCHAIN */
export function addChain(input: NftChainInput, making: Making): Request {
  checkKeys(`${making}Chain`, input, KEYS)
  const family = familyNumber(input.family)
  const given = anyOf(chainFlags, input.flags, 'flags')
  if (given.includes('binding'))
    throw new TypeError(
      'flags: a chain without a name comes with the rule that jumps to it, as listRuleset() has them',
    )
  const flags = given.filter((flag) => flag !== 'base')
  const attributes: AttributesOf<typeof newChain> = {
    table: checkName(input.table, 'table'),
    name: checkName(input.name, 'name'),
    ...baseAttributes(family, input),
    userdata: userdataFor(input),
    flags: flags.length > 0 ? flags : undefined,
    unknown: unknownFor(input),
  }
  return change(
    newChain,
    family,
    attributes,
    makingFlags(making),
    described('chain', input),
    meaningOf(input, making, attributes),
  )
}

/** What errors of a chain to add mean. The kernel looks for another chain of the name, at type and hook, and at what the devices can, in this order. */
function meaningOf(
  { family, name, type, hook, devices, policy }: NftChainInput,
  making: Making,
  { hook: made, flags = [] }: AttributesOf<typeof newChain>,
): Meaning {
  const noType = `this kernel has no chains of type '${type}'`
  const another = `there is a chain '${name}' with another type, hook, priority or device`
  const causes = [
    ...(flags.includes('hw-offload')
      ? [`nothing is offloaded to ${(devices ?? []).join(', ') || 'no device'}`]
      : []),
    `${noType} at ${hook} in the family ${String(family)}`,
    ...(making === 'add' ? [another] : []),
  ]
  return (code, path) => {
    if (code === 'ENOENT' && path === 'type') return `${noType} in the family ${String(family)}`
    if (code === 'EOPNOTSUPP' && isEarlyNat(type, made?.priority))
      return "a chain of type 'nat' has a priority above -200, that of connection tracking"
    if (code === 'EOPNOTSUPP' && hook == null && policy != null)
      return `policy: only a chain with a hook has it, and there is no such chain '${name}'`
    if (code === 'EOPNOTSUPP') return causes.join(', or ')
    if (code === 'EEXIST' && making === 'add') return another
    if (code === 'E2BIG') return TOO_MANY
    // Of a chain of a device, older kernels say so where none is given.
    const isOfDevice = hook === 'ingress' || hook === 'egress'
    if (code === 'EINVAL' && path === null && hook != null && !isOfDevice) return WAKES
    return missingDevice(code, path, made ?? {})
  }
}

/** __NFT_TABLE_F_UPDATE of net/netfilter/nf_tables_api.c */
const WAKES =
  "a transaction that wakes a table with the flag 'dormant', or puts it to sleep, adds no chain with a hook to it: another one does"

/** MAX_HOOK_COUNT of net/netfilter/core.c */
const TOO_MANY =
  "a namespace has at most 1024 chains at one hook of IPv4 or of IPv6, those of type 'nat' counted by themselves: another table does not help, but more rules in fewer chains do, and one masquerade() of a network that contains the others"

/** NF_IP_PRI_CONNTRACK */
const CONNTRACK = -200

function isEarlyNat(type: unknown, priority: number | undefined): boolean {
  return type === 'nat' && priority !== undefined && priority <= CONNTRACK
}

function baseAttributes(family: number, input: NftChainInput): AttributesOf<typeof newChain> {
  const { type, hook, priority, devices } = input
  const policy = policyOf(input.policy)
  const devs = devicesFor(devices ?? [], input.devicesUnknown)
  const hasDevices = devs.name !== undefined || devs.prefix !== undefined
  if (hook == null) {
    for (const name of ['type', 'priority'] as const)
      if (input[name] != null) throw new TypeError(`${name}: only a chain with a hook has it`)
    for (const name of HOOK_KEYS)
      if (rawFor(input[name], name) !== undefined)
        throw new TypeError(`${name}: only a chain with a hook has it`)
    if (hasDevices) throw new TypeError('devices: only a chain with a hook has them')
    return { policy }
  }
  if (typeof type !== 'string')
    throw new TypeError(
      `type: ${show(type)} is not 'filter', 'nat' or 'route', which a chain with a hook needs`,
    )
  checkType(type, family, hook)
  const num = hookNumber(family, hook)
  if (hasDevices) checkHasDevices(family, num)
  const [only, ...more] = devs.name ?? []
  const isOne = more.length === 0 && devs.prefix === undefined && devs.unknown === undefined
  return {
    type,
    policy,
    hook: {
      num,
      priority: priorityNumber(family, priority),
      dev: isOne ? only : undefined,
      devs: isOne ? undefined : devs,
      unknown: rawFor(input.hookUnknown, 'hookUnknown'),
    },
  }
}

function policyOf(policy: unknown): NftPolicy | undefined {
  if (policy == null) return undefined
  if (policy === 'accept' || policy === 'drop') return policy
  throw new RangeError(`policy: ${show(policy)} is not 'accept' or 'drop'`)
}

/** NFT_MSG_NEWCHAIN of a chain that is there, under its handle: another name. */
export function renameChain(ref: NftChainRef, name: string): Request {
  checkKeys('renameChain', ref, KEYS)
  const attributes = {
    table: checkName(ref.table, 'table'),
    name: checkName(name, 'name'),
    handle: checkHandle(ref.handle),
  }
  return change(newChain, familyNumber(ref.family), attributes, 0, described('chain', ref))
}

/** NFT_MSG_DELCHAIN, or NFT_MSG_DESTROYCHAIN (Linux 6.3), to which an absent chain is no error. */
export function deleteChain(ref: NftChainRef, destroy: boolean): Request[] {
  const call = destroy ? 'destroyChain' : 'deleteChain'
  checkKeys(call, ref, [...KEYS, 'rules'])
  const devs = devicesAlone(ref, 'hook')
  if (devs !== undefined && destroy)
    throw new TypeError(`${call}: devices: the kernel takes none out by it; deleteChain() does`)
  const attributes = {
    table: checkName(ref.table, 'table'),
    ...nameOrHandle(ref),
    hook: devs && { devs },
  }
  const family = familyNumber(ref.family)
  const subject = described('chain', ref)
  if (devs === undefined) return [change(destroy ? destroyChain : delChain, family, attributes, 0, subject)]
  // Kernels before 6.4 do not look at the devices, and delete the chain. The same devices are added before: those kernels refuse that, since
  // hook and priority are missing, while later ones take what is there already as it is.
  const meaning: Meaning = (code, path) => needsPrefixes(code, devs) ?? noDevice(code, path)
  return [newChain, delChain].map((message) => change(message, family, attributes, 0, subject, meaning))
}

const noDevice: Meaning = (code, path) =>
  path !== 'table' && ['ENOENT', 'EINVAL', 'EEXIST', 'EOPNOTSUPP'].includes(code)
    ? 'the chain, or one of the devices in it, is not there; before Linux 6.4 none is taken out of a chain'
    : undefined

/** Reads a NFT_MSG_NEWCHAIN. */
export function chainOf({ header, attributes: found }: Body<typeof newChain>): NftChain {
  const family = header.family ?? 0
  const { hook, counters } = found
  return {
    family: families.toName(family),
    table: found.table ?? '',
    name: found.name ?? '',
    handle: found.handle ?? 0,
    type: found.type ?? null,
    hook: hook?.num === undefined ? null : hookName(family, hook.num),
    priority: hook?.priority ?? null,
    policy: found.policy ?? null,
    devices: hook?.devs === undefined && hook?.dev !== undefined ? [hook.dev] : devicesOf(hook?.devs),
    flags: found.flags ?? [],
    use: found.use ?? 0,
    counters:
      counters === undefined ? null : { packets: counters.packets ?? 0n, bytes: counters.bytes ?? 0n },
    comment: commentOf(found.userdata),
    userdata: found.userdata ?? null,
    unknown: found.unknown ?? [],
    ...unknownOfHook(hook),
  }
}
