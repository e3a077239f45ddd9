/** What can be said of a link when it is made, whatever its kind; checked here, before anything is sent. */

import { isRecord } from '../../codec/fault.js'
import type { Infer } from '../../codec/index.js'
import { checkArray, checkInteger, checkKeys } from '../../netlink/check.js'
import type { NetnsLike } from '../../netlink/operation.js'
import { type AddressInput, checkAddressInput } from '../address/options.js'
import { checkDev, checkIfindex, checkNewIfname } from '../input.js'
import { checkRouteInput } from '../route/check.js'
import type { RouteInput } from '../route/input.js'
import { checkLinkOptions, flagsHeader, LINK_OPTIONS, type LinkOptions, plainAttributes } from './options.js'
import type { Dev, LinkBody } from './request.js'
import type { linkAttributes } from './table.js'

/** What a link gets when it is made. */
export interface LinkSettings extends LinkOptions {
  /**
   * At most 15 bytes. In 'veth%d' the number is chosen: the first one with which the name is free (in the namespace of both that of the
   * other end of a pair is not); the link that is returned has it.
   */
  name: string
  /** The ifindex that it gets; without it the kernel chooses. */
  ifindex?: number | undefined
  /** A bridge, bond, team or VRF that it becomes a port of; looked up where the interface lives. */
  master?: Dev | undefined
  /** Transmit and receive queues; one of each makes creation about a fifth faster, and the number cannot be raised later. */
  queues?: number | { readonly tx?: number | undefined; readonly rx?: number | undefined } | undefined
  /** Given to the interface once it is there, in this order: '192.168.15.1/24'. */
  addresses?: readonly (string | AddressInput)[] | undefined
  /** Added after the addresses, once the interface is up; `dev` is the interface itself unless given. */
  routes?: readonly RouteInput[] | undefined
}

/** One end of a pair. */
export interface LinkEnd extends LinkSettings {
  /** Where this end lives; without it, where the call acts. */
  netns?: NetnsLike | undefined
}

/** The options of `LinkSettings`. */
export const LINK_SETTINGS: readonly string[] = [
  ...LINK_OPTIONS,
  'name',
  'ifindex',
  'master',
  'queues',
  'addresses',
  'routes',
] satisfies readonly (keyof LinkSettings)[]

const MAX_QUEUES = 4096

/** Throws for a value that cannot be; `prefix` tells the ends of a pair apart ('far.'). */
export function checkLinkSettings(settings: LinkSettings, prefix = ''): void {
  const { name, ifindex, master, queues, addresses, routes } = settings
  checkNewIfname(name, `${prefix}name`)
  checkLinkOptions(settings, prefix)
  if (ifindex !== undefined) checkIfindex(ifindex, `${prefix}ifindex`)
  if (master !== undefined) checkDev(master, `${prefix}master`)
  if (queues !== undefined) checkQueues(queues, `${prefix}queues`)
  if (addresses !== undefined) checkEach(addresses, `${prefix}addresses`, checkAddressInput)
  if (routes !== undefined) checkEach(routes, `${prefix}routes`, checkRouteInput)
}

function checkEach<T>(list: readonly T[], field: string, check: (item: T, field: string) => unknown): void {
  checkArray(list, field)
  for (let i = 0; i < list.length; i++) check(list[i]!, `${field}[${i}]`)
}

function checkQueues(queues: NonNullable<LinkSettings['queues']>, field: string): void {
  if (!isRecord(queues)) {
    checkInteger(queues, field, 1, MAX_QUEUES)
    return
  }
  checkKeys(field, queues, ['tx', 'rx'])
  if (queues.tx !== undefined) checkInteger(queues.tx, `${field}.tx`, 1, MAX_QUEUES)
  if (queues.rx !== undefined) checkInteger(queues.rx, `${field}.rx`, 1, MAX_QUEUES)
}

/** The attributes that go into the request which makes the interface. */
export function creationAttributes(settings: LinkSettings): Infer<typeof linkAttributes> {
  const { name, queues } = settings
  const { tx, rx } = typeof queues === 'object' ? queues : { tx: queues, rx: queues }
  const attributes = plainAttributes(settings)
  attributes.numTxQueues = tx
  attributes.numRxQueues = rx
  attributes.ifname = name
  return attributes
}

/** struct ifinfomsg of the request which makes the interface. */
export function creationHeader(settings: LinkSettings): NonNullable<LinkBody['header']> {
  const index = settings.ifindex === undefined ? {} : { index: settings.ifindex }
  return isRaisedLater(settings) ? index : { ...index, ...flagsHeader(settings) }
}

/** How link-local addresses are made has to be known before the interface comes up, and is not taken when it is made. */
export function isRaisedLater({ addrGenMode }: LinkSettings): boolean {
  return addrGenMode !== undefined
}
