import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js'
import {
  type Channel,
  exchange,
  type Operation,
  request,
  requestOne,
  withChannel,
} from '../../netlink/operation.js'
import type { OpenFile } from '../../netlink/primitives.js'
import { type Request, refined } from '../../netlink/request.js'
import { checkDev } from '../input.js'
import { NETNSA_NSID_NOT_ASSIGNED } from '../nsid/constants.js'
import { checkAddressLengths } from './address-length.js'
import { adviseAltNames, adviseChange } from './advice.js'
import { type Kind, kindData } from './kinds/kind.js'
import { flagsHeader } from './options.js'
import {
  type Dev,
  describeDev,
  getLinkRequest,
  type LinkBody,
  newLinkRequest,
  resolveDev,
} from './request.js'
import {
  type CheckedChanges,
  changedAttributes,
  checkChanges,
  type LinkChanges,
  type SetLinkOptions,
} from './set-options.js'
import { delLinkProp, newLinkProp } from './table.js'
import { resolveData, resolveMaster } from './target.js'
import { vfChanges } from './vf-settings.js'
import { withProgram, xdpChanges } from './xdp-settings.js'

/**
 * Changes an interface: all that is given in one request (alternative names in others, which leave together with it, and options of the
 * port of a new master in one after it; with these it is brought up last, so that nothing passes an isolated port before it is one). What
 * is not given stays. The kernel carries a request out step by step: where it refuses one option, those before it have taken effect. It
 * passes over an option that it is too old for: getLink() lacks it then.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where there is no such interface, EEXIST where a name is
 * taken, EOPNOTSUPP where the master takes no ports or the device cannot do it, EADDRINUSE where another interface has the UDP port or
 * mac that it needs for itself; SystemError ENOENT, EACCES or EPERM where the program that is pinned cannot be opened
 * @see ip-link(8), rtnetlink(7)
 * @example await setLink('veth-red', { mtu: 9000, master: null, up: true, netns: 'red' })
 */
export function* setLink(dev: Dev, options: SetLinkOptions): Operation<void> {
  const plan = checkChanges(options)
  checkDev(dev, 'dev')
  yield* withChannel(options.netns, (channel) =>
    withProgram(options.xdp, (program) => change(channel, dev, plan, options, program)),
  )
}

function* change(
  channel: Channel,
  dev: Dev,
  plan: CheckedChanges,
  options: SetLinkOptions,
  program: OpenFile | null,
): Operation<void> {
  const ifindex = yield* resolveDev(channel, dev)
  yield* checkAddressLengths(channel, ifindex, options)
  const resolved = yield* resolve(channel, ifindex, plan, options, program)
  const { port } = resolved
  const raised = port !== undefined && options.up === true
  const first = raised ? { ...options, up: undefined } : options
  const requests = setLinkRequests(channel, ifindex, describeDev(dev), first, resolved, program)
  if (requests.length === 1) yield* request(channel, requests[0]!)
  else if (requests.length > 1) {
    const outcomes = yield* exchange(channel, requests)
    const failed = outcomes.find(({ error }) => error !== null)
    if (failed !== undefined) throw failed.error
  }
  if (port === undefined) return
  const header = { index: ifindex }
  const attributes = { linkinfo: port }
  yield* request(channel, newLinkRequest(describeDev(dev), 0, { header, attributes }))
  if (raised) yield* request(channel, upRequest(dev, ifindex))
}

function upRequest(dev: Dev, index: number): Request {
  return newLinkRequest(describeDev(dev), 0, {
    header: { index, ...flagsHeader({ up: true }) },
    attributes: {},
  })
}

/** Options that had to be looked up. */
export interface ResolvedChanges {
  /** 0: none. */
  readonly master?: number | undefined
  readonly linkinfo?: LinkBody['attributes']['linkinfo']
  /** What a new master is to keep of the port: rtnl_changelink() hands it to the master that there was before. */
  readonly port?: LinkBody['attributes']['linkinfo']
  readonly xdp: readonly NonNullable<LinkBody['attributes']['xdp']>[]
  readonly vfs?: NonNullable<LinkBody['attributes']['vfinfoList']>['info']
}

function* resolve(
  channel: Channel,
  ifindex: number,
  { kind, data, portKind, portData }: CheckedChanges,
  options: SetLinkOptions,
  program: OpenFile | null,
): Operation<ResolvedChanges> {
  const master = yield* resolveMaster(channel, options.master)
  const xdp = yield* xdpChanges(channel, ifindex, options.xdp, program)
  const vfs = yield* vfChanges(channel, ifindex, options.vfs)
  if (kind === undefined && portKind === undefined) return { master, xdp, vfs }
  const { link } = options as { link?: Dev | undefined }
  const below = link === undefined ? undefined : { link: yield* resolveBelow(channel, ifindex, link) }
  const changes = below === undefined ? data : { ...data, ...below }
  const whole = changes && (yield* completeData(channel, ifindex, kind, options, changes))
  const own = kind && { kind: kind.name, data: yield* resolveData(channel, kind, whole) }
  if (portKind !== undefined) yield* checkPortKind(channel, ifindex, master, portKind)
  const slaveData = yield* resolveData(channel, portKind, portData)
  const port = portKind && { slaveKind: portKind.name, slaveData }
  return master === undefined
    ? { xdp, vfs, linkinfo: { ...own, ...port } }
    : { master, xdp, vfs, linkinfo: own, port }
}

/** A tunnel's driver looks the interface up where that of its making was, which need not be where the tunnel lives (vxlan_changelink()). */
function* resolveBelow(channel: Channel, ifindex: number, link: Dev): Operation<number> {
  if (typeof link === 'number') return link
  const { linkNetnsid } = yield* requestOne(channel, getLinkRequest(ifindex))
  if (linkNetnsid === NETNSA_NSID_NOT_ASSIGNED)
    throw new RangeError(
      `link: '${link}' is a name in a namespace that has no id here (getNsid() gives it one); give an ifindex of that namespace`,
    )
  return yield* resolveDev(channel, link, 'link', linkNetnsid ?? undefined)
}

/** The kernel takes the options of a port for those of the master that it has, whatever kind they are said to be of. */
function* checkPortKind(
  channel: Channel,
  ifindex: number,
  master: number | undefined,
  { name }: Kind,
): Operation<void> {
  const looked = yield* requestOne(channel, getLinkRequest(master ?? ifindex))
  const actual = master === undefined ? looked.portKind : looked.kind
  // Without a master, or one that is of no kind, it refuses them.
  if (actual !== null && actual !== name)
    throw new RangeError(`port.kind: '${name}' is another one than that of the master, '${actual}'`)
}

/** For a kind that resets what a change does not name: its attributes as they are, with the changes. */
function* completeData(
  channel: Channel,
  ifindex: number,
  kind: Kind | undefined,
  options: SetLinkOptions,
  changes: Record<string, unknown> | Uint8Array,
): Operation<Record<string, unknown> | Uint8Array> {
  if (!kind?.resets || changes instanceof Uint8Array) return changes
  const current = yield* requestOne(channel, getLinkRequest(ifindex))
  if (current.kind !== kind.name) return changes
  const kept = current.data as Record<string, unknown>
  const { link = kept['link'] } = changes
  // The kind says which of them are its own, by name.
  const given = options as unknown as Readonly<Record<string, unknown>>
  return { ...kindData('setLink', kind, given, kept), ...(link !== undefined && { link }) }
}

/** The requests of one change. */
function setLinkRequests(
  channel: Channel,
  ifindex: number,
  subject: string,
  options: LinkChanges,
  { master, linkinfo, xdp, vfs }: ResolvedChanges,
  program: OpenFile | null,
): Request[] {
  const { addAltNames = [], removeAltNames = [] } = options
  const header = flagsHeader(options)
  const attributes = changedAttributes(options)
  Object.assign(attributes, {
    xdp: xdp[0],
    vfinfoList: vfs && { info: vfs },
    master,
    ifname: options.name,
    linkinfo,
  } satisfies LinkBody['attributes'])
  const requests: Request[] = []
  if (header.change !== undefined || Object.values(attributes).some((value) => value !== undefined)) {
    const changing = newLinkRequest(subject, 0, { header: { index: ifindex, ...header }, attributes })
    requests.push(
      refined(changing, {
        // A message that waits carries its number.
        holds: program === null ? [] : [program],
        advise: (code, extack) => adviseChange(code, extack, ifindex, options, channel),
      }),
    )
  }
  for (const more of xdp.slice(1))
    requests.push(newLinkRequest(subject, 0, { header: { index: ifindex }, attributes: { xdp: more } }))
  for (const [message, names, flags] of [
    [delLinkProp, removeAltNames, 0] as const,
    [newLinkProp, addAltNames, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND] as const,
  ]) {
    if (names.length === 0) continue
    const body = { header: { index: ifindex }, attributes: { propList: { altIfname: names } } }
    const advise = (code: string) => adviseAltNames(code, names, channel)
    requests.push({ message, body, flags, answer: 'ack', subject, advise })
  }
  return requests
}
