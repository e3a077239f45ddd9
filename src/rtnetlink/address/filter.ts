/** Which addresses a list or a flush is about. */

import { show } from '../../codec/fault.js'
import { type AnyOf, guarded, type OneOf } from '../../codec/index.js'
import { checkBoolean, checkInteger } from '../../netlink/check.js'
import type { Family } from '../family.js'
import { checkDev, checkKind, checkOneOf, parsePrefix } from '../input.js'
import type { Dev } from '../link/request.js'
import { routeScopes } from '../route/table.js'
import { familyOfPrefix, isWithin } from '../within.js'
import type { Address } from './address.js'
import {
  type AddressFlag,
  type AddressProtocol,
  type AddressScope,
  checkScope,
  flagNames,
} from './options.js'
import { addressProtocols } from './table.js'

/** Which addresses: those that everything given applies to. */
export interface AddressFilter {
  dev?: Dev | undefined
  family?: Family | undefined
  /** By name or number. */
  scope?: OneOf<AddressScope> | undefined
  /** Only addresses in this prefix: '192.168.15.0/24', or one address. Bits after its length do not count. */
  within?: string | undefined
  /**
   * Only addresses with this label, in which `*` stands for any text and `?` for one character: 'eth0:*'. An IPv6 address, which has none,
   * is taken to have its interface's name.
   */
  label?: string | undefined
  /** Only addresses that have all of these: `['tentative']`. */
  flags?: AnyOf<AddressFlag> | undefined
  /** Only addresses that have none of these: without 'permanent' those with a lifetime, without 'secondary' the primary ones. */
  withoutFlags?: AnyOf<AddressFlag> | undefined
  /** Who made it: a name, or a number from 0 to 255. */
  protocol?: OneOf<AddressProtocol> | undefined
  /** Only addresses of interfaces that are administratively up (or down: false). */
  up?: boolean | undefined
  /** Only addresses of interfaces of this kind: 'veth'. */
  kind?: string | undefined
  /** Only addresses of ports of masters of this kind: 'bridge', 'bond', 'vrf'. */
  portKind?: string | undefined
  /** Only addresses of ports of this bridge, bond or VRF; null: only of interfaces that are nobody's port. */
  master?: Dev | null | undefined
  /** Only addresses of interfaces of this group. */
  group?: number | undefined
}

export const FILTERS = [
  ...['dev', 'family', 'scope', 'within', 'label', 'flags', 'withoutFlags', 'protocol'],
  ...['up', 'kind', 'portKind', 'master', 'group'],
] as readonly (keyof AddressFilter)[]

/** Throws RangeError or TypeError naming the option. */
export function checkFilter(filter: AddressFilter): void {
  const { dev, scope, label, flags, withoutFlags, protocol, up, kind, portKind, master, group } = filter
  if (dev !== undefined) checkDev(dev, 'dev')
  familyOfPrefix(filter.family, filter.within, 'within')
  if (scope !== undefined) checkScope(scope, 'scope')
  if (label !== undefined && (typeof label !== 'string' || label === ''))
    throw new TypeError(`label: ${show(label)} is not a label or a pattern such as 'eth0:*'`)
  if (flags !== undefined) guarded('flags', () => flagNames(flags))
  if (withoutFlags !== undefined) guarded('withoutFlags', () => flagNames(withoutFlags))
  if (protocol !== undefined) checkOneOf(addressProtocols, protocol, 'protocol')
  if (up !== undefined) checkBoolean(up, 'up')
  if (kind !== undefined) checkKind(kind, 'kind')
  if (portKind !== undefined) checkKind(portKind, 'portKind')
  if (master != null) checkDev(master, 'master')
  if (group !== undefined) checkInteger(group, 'group', 0, 0xffffffff)
}

/** What the kernel cannot filter, as a test on addresses whose interface has been named. */
export function matcher(filter: AddressFilter): (address: Address) => boolean {
  const tests: ((address: Address) => boolean)[] = []
  if (filter.scope !== undefined) {
    const scope = routeScopes.normal(filter.scope)
    tests.push((it) => it.scope === scope)
  }
  if (filter.within !== undefined) {
    const inside = isWithin(parsePrefix(filter.within, 'within'))
    tests.push(({ address }) => inside(address.slice(0, address.indexOf('/'))))
  }
  if (filter.label !== undefined) {
    const pattern = patternOf(filter.label)
    tests.push(({ label, dev }) => pattern.test(label ?? dev ?? ''))
  }
  if (filter.flags !== undefined) {
    const wanted = flagNames(filter.flags)
    tests.push(({ flags }) => wanted.every((name) => flags.includes(name)))
  }
  if (filter.withoutFlags !== undefined) {
    const unwanted = flagNames(filter.withoutFlags)
    tests.push(({ flags }) => !unwanted.some((name) => flags.includes(name)))
  }
  if (filter.protocol !== undefined) {
    const number = addressProtocols.toNumber(filter.protocol)
    const protocol = number === 0 ? null : addressProtocols.toName(number)
    tests.push((it) => it.protocol === protocol)
  }
  return (address) => tests.every((test) => test(address))
}

function patternOf(label: string): RegExp {
  const text = label
    .replace(/[.+^${}()|[\]\\/-]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${text}$`, 's')
}
