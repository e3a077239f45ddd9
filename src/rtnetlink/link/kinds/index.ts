/** The registry of link kinds: a kind that is not here is created and read by raw data. */

import type { Table } from '../../../codec/index.js'
import { bridge } from './bridge.js'
import { bridgePort } from './bridge-port.js'
import type { Kind, KindValue } from './kind.js'
import { plainKind } from './kind.js'
import { veth } from './veth.js'

export const kinds = {
  bridge,
  dummy: plainKind('dummy'),
  ifb: plainKind('ifb'),
  veth,
}

/** Data of ports, by the kind of their master. */
const ports = { bridge: bridgePort }

export type KindName = keyof typeof kinds
/** What a kind's options and its read data are. */
export type KindData<K extends KindName> = KindValue<(typeof kinds)[K]>

export function findKind(name: string): Kind | undefined {
  return Object.hasOwn(kinds, name) ? (kinds[name as KindName] as Kind) : undefined
}

export function kindTable(name: string): Table | undefined {
  return findKind(name)?.table ?? undefined
}

export function portTable(name: string): Table | undefined {
  return Object.hasOwn(ports, name) ? ports[name as keyof typeof ports] : undefined
}
