/** The registry of link kinds: a kind that is not here is created and read by raw data. */

import type { Table } from '../../../codec/index.js'
import { bridge } from './bridge.js'
import { bridgePort } from './bridge-port.js'
import { type DataOfKind, type Kind, type OptionsOfKind, plainKind } from './kind.js'
import { veth } from './veth.js'

export const kinds = {
  bridge,
  dummy: plainKind('dummy'),
  ifb: plainKind('ifb'),
  veth,
}

/** What a port has in IFLA_INFO_SLAVE_DATA, by the kind of its master. */
export const portKinds = { bridge: bridgePort }

/** A kind of link whose data is typed. */
export type KindName = keyof typeof kinds
/** What callers give for a kind. */
export type OptionsOf<K extends KindName> = OptionsOfKind<(typeof kinds)[K]>
/** What is read of a kind. */
export type DataOf<K extends KindName> = DataOfKind<(typeof kinds)[K]>

/** A kind of master whose ports' data is typed. */
export type PortKindName = keyof typeof portKinds
/** What callers give for a port. */
export type PortOptionsOf<K extends PortKindName> = OptionsOfKind<(typeof portKinds)[K]>
/** What is read of a port. */
export type PortDataOf<K extends PortKindName> = DataOfKind<(typeof portKinds)[K]>

export function findKind(name: string): Kind | undefined {
  return Object.hasOwn(kinds, name) ? kinds[name as KindName] : undefined
}

export function findPortKind(name: string): Kind | undefined {
  return Object.hasOwn(portKinds, name) ? portKinds[name as PortKindName] : undefined
}

export function kindTable(name: string): Table | undefined {
  return findKind(name)?.table ?? undefined
}

export function portTable(name: string): Table | undefined {
  return findPortKind(name)?.table ?? undefined
}
