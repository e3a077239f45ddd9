/** What the kernel calls at its hooks: chains, flowtables, and functions of its own. */

import { show } from '../codec/fault.js'
import { type Body, decodeBody, type Infer, type OneOf } from '../codec/index.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import { NetlinkError } from '../netlink/errors.js'
import { withNetfilter } from '../netlink/netfilter.js'
import { type Channel, dump, type Operation } from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import { getHooks, type hookBpfAttributes, type hookChainAttributes } from './hook-attributes.js'
import { hookNumber, type NftHook } from './hooks.js'
import { checkDevice } from './input.js'
import { families, type NftFamily } from './names.js'

const OF_IP = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const

/** The hooks of each family; those of 'inet' are the ones of ip, ip6 and netdev. */
const HOOKS = {
  ip: OF_IP,
  ip6: OF_IP,
  arp: ['input', 'output', 'forward'],
  bridge: OF_IP,
  netdev: ['ingress', 'egress'],
} as const satisfies Partial<Record<NftFamily, readonly NftHook[]>>
type HookFamily = keyof typeof HOOKS

/** A chain or a flowtable at a hook. */
export interface NftHookPlace {
  readonly family: OneOf<NftFamily>
  readonly table: string
  readonly name: string
}

/** A function that the kernel calls at a hook, and what it is for. */
export interface NftHookFunction {
  /** Of whose packets: chains of the family 'inet' are called for ip and for ip6, and at ingress for netdev. */
  readonly family: HookFamily
  readonly hook: NftHook
  /** The device of a hook of the family 'netdev'. */
  readonly device: string | null
  /** The lowest is called first. */
  readonly priority: number
  /** The name of the function in the kernel; null where that was built without names (CONFIG_KALLSYMS). */
  readonly function: string | null
  /** The kernel module that has the function; null for what is built in. */
  readonly module: string | null
  /** The chain of nf_tables whose rules it looks at. */
  readonly chain: NftHookPlace | null
  /** The flowtable that it is for (Linux 6.17; before, it is a function as others are). */
  readonly flowtable: NftHookPlace | null
  /** The id of the BPF program that it runs (Linux 6.4). */
  readonly bpf: number | null
}

/** Which functions: whatever is given must hold. */
export interface NftHookFilter extends CallOptions {
  family?: HookFamily | undefined
  hook?: NftHook | undefined
  /** The device of the family 'netdev', by its name: its ingress and egress. */
  device?: string | undefined
}

/**
 * Lists what the kernel calls for packets that pass its hooks, each hook's in the order in which they are called: base chains of nf_tables,
 * flowtables, connection tracking, what iptables-legacy has, BPF programs; as `nft list hooks`. Hooks of devices are told for the device that is
 * given; without one the others are. Each hook is read at one moment, one after another.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError EINVAL where the kernel does not tell (before Linux 5.14, or without
 * CONFIG_NETFILTER_NETLINK_HOOK), ENODEV where there is no such device, EPERM without CAP_NET_ADMIN
 * @see nft(8), linux/netfilter/nfnetlink_hook.h
 * @example const functions = await listHooks({ family: 'ip', hook: 'forward' })
 */
export function* listHooks(options: NftHookFilter = {}): Operation<NftHookFunction[]> {
  const places = placesOf(options)
  return yield* withNetfilter(options.netns, function* (channel) {
    const found: NftHookFunction[] = []
    for (const place of places) found.push(...(yield* functionsAt(channel, place)))
    return found
  })
}

type Place = Pick<NftHookFunction, 'family' | 'hook' | 'device'>

/** The hooks to ask for, which the kernel tells one by one. */
function placesOf(options: NftHookFilter): Place[] {
  checkKeys('listHooks', options, ['family', 'hook', 'device', ...CALL_OPTIONS])
  const { family, hook } = options
  const device = options.device === undefined ? null : checkDevice(options.device, 'device')
  if (family !== undefined && !Object.hasOwn(HOOKS, family))
    throw new RangeError(
      `family: ${show(family)} is not one of ${Object.keys(HOOKS).join(', ')}; chains of 'inet' are among those of ip, ip6 and netdev`,
    )
  if (device !== null && family !== undefined && family !== 'netdev')
    throw new TypeError(`device: the hooks of the family '${family}' are not of a device`)
  const asked = (Object.keys(HOOKS) as HookFamily[]).filter((one) =>
    family === undefined ? (one === 'netdev') === (device !== null) : one === family,
  )
  const places = asked.flatMap((one) =>
    HOOKS[one]
      .filter((name) => hook === undefined || name === hook)
      .map((name): Place => ({ family: one, hook: name, device })),
  )
  if (places.length === 0)
    throw new RangeError(`hook: ${show(hook)} is none of ${asked.join(', ')}${device === null ? NEEDS : ''}`)
  if (family === 'netdev' && device === null)
    throw new TypeError("device: the hooks of the family 'netdev' are those of one, which is needed")
  return places
}

const NEEDS = '; ingress and egress are those of a device, which is needed'

/** A kernel that has not one of the hooks of devices calls nothing there: since Linux 5.16 they are two, each an option of its own. */
const NO_HOOK = ['EPROTONOSUPPORT', 'EOPNOTSUPP']

function* functionsAt(channel: Channel, place: Place): Operation<NftHookFunction[]> {
  try {
    return yield* dump(channel, requestFor(place))
  } catch (error) {
    if (place.device !== null && error instanceof NetlinkError && NO_HOOK.includes(error.code)) return []
    throw error
  }
}

function requestFor(place: Place): Request<NftHookFunction> {
  const { family, hook, device } = place
  const number = families.numbers[family]
  return {
    message: getHooks,
    body: {
      header: { family: number },
      attributes: { dev: device ?? undefined, hooknum: hookNumber(number, hook) },
    },
    flags: 0,
    answer: 'dump',
    subject: `hook '${hook}' of the family ${family}${device === null ? '' : ` at '${device}'`}`,
    advise: {
      EINVAL:
        'the kernel does not tell its hooks (before Linux 5.14, or CONFIG_NETFILTER_NETLINK_HOOK is not set, whose module is nfnetlink_hook)',
      ENODEV: `there is no interface '${device}'`,
    },
    read: (bytes, start, end) => functionOf(place, decodeBody(getHooks, bytes, start, end)),
  }
}

/** Reads a NFNL_MSG_HOOK_GET. The kernel says ingress of 'inet' as it says that of a device, and no device: where it is was asked. */
function functionOf({ family, hook, device }: Place, { attributes }: Body<typeof getHooks>): NftHookFunction {
  const { type, desc } = attributes.chainInfo ?? {}
  return {
    family,
    hook,
    device,
    priority: attributes.priority ?? 0,
    function: attributes.functionName ?? null,
    module: attributes.moduleName ?? null,
    chain: type === 'chain' ? placeOf((desc ?? {}) as Chain) : null,
    flowtable: type === 'flowtable' ? placeOf((desc ?? {}) as Chain) : null,
    bpf: type === 'bpf' ? ((desc as Infer<typeof hookBpfAttributes> | undefined)?.id ?? null) : null,
  }
}

type Chain = Infer<typeof hookChainAttributes>

function placeOf({ family, table, name }: Chain): NftHookPlace {
  return { family: families.toName(family ?? 0), table: table ?? '', name: name ?? '' }
}
