/** What can be said of a link when it is made, whatever its kind; checked here, before anything is sent. */

import type { Infer } from '../../codec/index.js'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js'
import { type Channel, exchange, type Operation } from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import { type AddressInput, checkAddressInput, newAddressRequest } from '../address/request.js'
import { checkBoolean, checkDevName, checkIfindex, checkIfname, checkInteger, checkMac } from '../input.js'
import { checkRouteInput, newRouteRequest, type RouteInput } from '../route/request.js'
import { IFF_UP } from './constants.js'
import type { Link } from './link.js'
import {
  type Dev,
  deleteLinkRequest,
  getLinkRequest,
  type LinkBody,
  newLinkRequest,
  resolveDev,
} from './request.js'
import type { linkAttributes } from './table.js'

export interface LinkSettings {
  name: string
  /** Set in the request that makes the interface, so that nothing rewrites it later. */
  mac?: string | undefined
  /** Bytes. */
  mtu?: number | undefined
  /** A bridge, bond or VRF that it becomes a port of; looked up where the interface lives. */
  master?: Dev | undefined
  up?: boolean | undefined
  /** Transmit and receive queues, each; one queue makes creation about a fifth faster and cannot be raised later. */
  queues?: number | undefined
  /** Packets. */
  txQueueLength?: number | undefined
  group?: number | undefined
  /** Given to the interface once it is there, in this order: '192.168.15.1/24'. */
  addresses?: readonly (string | AddressInput)[] | undefined
  /** Added after the addresses, once the interface is up; `dev` is the interface itself unless given. */
  routes?: readonly RouteInput[] | undefined
}

export const LINK_SETTINGS = [
  'name',
  'mac',
  'mtu',
  'master',
  'up',
  'queues',
  'txQueueLength',
  'group',
  'addresses',
  'routes',
] as const satisfies readonly (keyof LinkSettings)[]

const MAX_QUEUES = 4096
const MAX_MTU = 0x7fffffff

/** Throws for a value that cannot be; `prefix` tells the ends of a veth pair apart ('far.'). */
export function checkLinkSettings(settings: LinkSettings, prefix = ''): void {
  checkIfname(settings.name, `${prefix}name`)
  if (settings.mac !== undefined) checkMac(settings.mac, `${prefix}mac`)
  if (settings.mtu !== undefined) checkInteger(settings.mtu, `${prefix}mtu`, 0, MAX_MTU, 'an MTU')
  if (settings.master !== undefined) checkDev(settings.master, `${prefix}master`)
  if (settings.up !== undefined) checkBoolean(settings.up, `${prefix}up`)
  if (settings.queues !== undefined) checkInteger(settings.queues, `${prefix}queues`, 1, MAX_QUEUES)
  if (settings.txQueueLength !== undefined)
    checkInteger(settings.txQueueLength, `${prefix}txQueueLength`, 0, 0xffffffff)
  if (settings.group !== undefined) checkInteger(settings.group, `${prefix}group`, 0, 0xffffffff)
  settings.addresses?.forEach((address, index) => {
    checkAddressInput(address, `${prefix}addresses[${index}]`)
  })
  settings.routes?.forEach((route, index) => {
    checkRouteInput(route, `${prefix}routes[${index}]`)
  })
}

export function checkDev(dev: unknown, field: string): Dev {
  return typeof dev === 'number' ? checkIfindex(dev, field) : checkDevName(dev, field)
}

/** The attributes that go into the request which makes the interface. */
export function creationAttributes(settings: LinkSettings): Infer<typeof linkAttributes> {
  const { name, mac, mtu, queues, txQueueLength, group } = settings
  return {
    ifname: name,
    address: mac,
    mtu,
    txqlen: txQueueLength,
    group,
    numTxQueues: queues,
    numRxQueues: queues,
  }
}

/** What an interface gets besides, after it was made. */
export interface Extras {
  readonly settings: LinkSettings
  readonly ifindex: number
  /** Still to be brought up and made a port: a veth's far end, which cannot be made so. */
  readonly raise: boolean
}

export function needsExtras({ addresses = [], routes = [] }: LinkSettings): boolean {
  return addresses.length > 0 || routes.length > 0
}

/** Sends addresses, state, routes and the reading back in one go; throws the first thing that went wrong. */
export function* applyExtras(channel: Channel, { settings, ifindex, raise }: Extras): Operation<Link> {
  const { name, up, master, addresses = [], routes = [] } = settings
  const subject = `interface '${name}'`
  const requests: Request[] = addresses.map((address, index) =>
    newAddressRequest(
      ifindex,
      name,
      checkAddressInput(address, `addresses[${index}]`),
      NLM_F_CREATE | NLM_F_EXCL,
    ),
  )
  if (raise && (up || master !== undefined)) {
    const attributes = master === undefined ? {} : { master: yield* resolveDev(channel, master, 'master') }
    requests.push(newLinkRequest(subject, 0, { header: { index: ifindex, ...upHeader(up) }, attributes }))
  }
  for (const route of routes) {
    requests.push(yield* newRouteRequest(channel, route, NLM_F_CREATE | NLM_F_EXCL, ifindex))
  }
  requests.push(getLinkRequest(ifindex))
  const outcomes = yield* exchange(channel, requests)
  const failed = outcomes.find((outcome) => outcome.error !== null)
  if (failed !== undefined) throw failed.error
  return outcomes.at(-1)!.values[0] as Link
}

export function upHeader(up: boolean | undefined): NonNullable<LinkBody['header']> {
  return up === undefined ? {} : { flags: up ? IFF_UP : 0, change: IFF_UP }
}

/** Runs `rest` on a link that was just made; if it fails, the link is removed again. */
export function* orUndo<T>(channel: Channel, link: Link, rest: Operation<T>): Operation<T> {
  try {
    return yield* rest
  } catch (error) {
    // Already gone is as good as removed; the error that the caller needs is the first one.
    yield* exchange(channel, [deleteLinkRequest(link.ifindex, `interface '${link.name}'`)])
    throw error
  }
}
