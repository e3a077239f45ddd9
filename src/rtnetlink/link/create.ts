import { wrongType } from '../../codec/fault.js'
import type { CallOptions } from '../../netlink/call.js'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js'
import { type Channel, exchange, type Operation, withChannel } from '../../netlink/operation.js'
import { CALL_OPTIONS, checkKeys } from '../input.js'
import { findKind, type KindData, type KindName } from './kinds/index.js'
import type { Link } from './link.js'
import { type Dev, getLinkRequest, newLinkRequest, resolveDev } from './request.js'
import {
  applyExtras,
  checkDev,
  checkLinkSettings,
  creationAttributes,
  LINK_SETTINGS,
  type LinkSettings,
  needsExtras,
  orUndo,
  upHeader,
} from './settings.js'

interface CommonOptions extends LinkSettings, CallOptions {
  /** The interface underneath, for kinds that have one (vlan, macvlan …). */
  link?: Dev | undefined
}

/** A kind of the registry: its own options stand beside the common ones. */
export type KindOptions = { [K in KindName]: CommonOptions & { kind: K } & Partial<KindData<K>> }[KindName]

/** Any other kind: its IFLA_INFO_DATA as bytes, null for none. */
export interface RawKindOptions extends CommonOptions {
  kind: string
  data: Uint8Array | null
}

export type CreateLinkOptions = KindOptions | RawKindOptions

/** Options of createBridge: the bridge's own, without a kind. Times are seconds. */
export type CreateBridgeOptions = LinkSettings & CallOptions & Partial<KindData<'bridge'>>

const COMMON = [...LINK_SETTINGS, 'link', 'kind', ...CALL_OPTIONS]

/**
 * Makes an interface of any kind, with its addresses and routes, and reads it back. A failure leaves nothing behind.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError EEXIST where the name is taken,
 * EOPNOTSUPP where the kernel lacks the kind.
 * @see ip-link(8), rtnetlink(7), linux/if_link.h
 * @example await createLink({ name: 'dummy0', kind: 'dummy', up: true, addresses: ['10.0.0.1/24'], netns: red })
 */
export function* createLink(options: CreateLinkOptions): Operation<Link> {
  const { data, ...given } = options as CreateLinkOptions & { data?: unknown }
  const kind = options.kind as unknown
  if (typeof kind !== 'string' || kind === '')
    throw wrongType(kind, "a kind of link such as 'bridge'").within('kind').toError('createLink')
  const known = findKind(kind)
  checkKeys('createLink', given, known?.table ? [...COMMON, ...Object.keys(known.table.fields)] : COMMON)
  if (known === undefined && data !== null && !(data instanceof Uint8Array)) {
    throw new TypeError(`data: kind '${kind}' is not known here; give its attributes as bytes, or null`)
  }
  if (known !== undefined && data !== undefined) {
    throw new TypeError(`data: the options of kind '${kind}' stand beside its name`)
  }
  checkLinkSettings(options)
  if (options.link !== undefined) checkDev(options.link, 'link')
  known?.check?.(given as Record<string, unknown>)
  return yield* withChannel(options.netns, (channel) => make(channel, kind, options, kindData(options, data)))
}

/**
 * Makes a bridge: `createBridge({ name: 'v-net-0', up: true, addresses: ['192.168.15.5/24'] })`.
 *
 * Its options are the common ones and those of the kind: `stp`, `forwardDelay`, `helloTime`, `maxAge` and `ageingTime` in seconds,
 * `priority`, `vlanFiltering`, `nfCallIptables` …
 *
 * @throws as createLink
 * @see ip-link(8), linux/if_link.h (IFLA_BR_*)
 */
export function* createBridge(options: CreateBridgeOptions): Operation<Link> {
  return yield* createLink({ ...options, kind: 'bridge' })
}

/** The options that are not common are the kind's; undefined where there are none. */
function kindData(options: object, raw: unknown): object | undefined {
  if (raw instanceof Uint8Array) return raw
  const entries = Object.entries(options).filter(
    ([key, value]) => value !== undefined && key !== 'data' && !COMMON.includes(key),
  )
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function* make(
  channel: Channel,
  kind: string,
  options: CreateLinkOptions,
  data: object | undefined,
): Operation<Link> {
  const link = options.link === undefined ? undefined : yield* resolveDev(channel, options.link, 'link')
  const master =
    options.master === undefined ? undefined : yield* resolveDev(channel, options.master, 'master')
  const subject = `${kind} '${options.name}'`
  const create = newLinkRequest(subject, NLM_F_CREATE | NLM_F_EXCL, {
    header: upHeader(options.up),
    attributes: { ...creationAttributes(options), link, master, linkinfo: { kind, data } },
  })
  const [made, read] = yield* exchange(channel, [
    { ...create, advise: (code) => adviseCreation(code, kind, options.name) },
    getLinkRequest(options.name),
  ])
  if (made!.error !== null) throw made!.error
  if (read!.error !== null) throw read!.error
  const created = read!.values[0] as Link
  if (!needsExtras(options)) return created
  return yield* orUndo(
    channel,
    created,
    applyExtras(channel, { settings: options, ifindex: created.ifindex, raise: false }),
  )
}

/** What is usually the matter when an interface cannot be made. */
export function adviseCreation(code: string, kind: string, name: string): string | undefined {
  if (code === 'EOPNOTSUPP')
    return `the kernel lacks link kind '${kind}' (a module to load, or CONFIG_ of the kernel)`
  if (code === 'EEXIST') return `an interface '${name}' is there already`
  return undefined
}
