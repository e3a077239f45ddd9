/** What calls have that take something back: a call that could not be carried out is none, and its line no line of a record. */

import { isRecord } from '../codec/fault.js'
import { checkKeys } from '../netlink/check.js'
import { type AddressInput, checkAddressInput } from '../rtnetlink/address/options.js'
import { checkChanges, type SetLinkOptions } from '../rtnetlink/link/set-options.js'
import { checkNeighbourInput, type NeighbourInput } from '../rtnetlink/neighbour/options.js'
import { checkRouteInput } from '../rtnetlink/route/check.js'
import type { RouteInput } from '../rtnetlink/route/input.js'
import { checkRule, familyOfRule, RULE_KEYS, type RuleInput } from '../rtnetlink/rule/input.js'
import { isMakeable, type NatModel } from './nat.js'
import { NEIGHBOUR_KEYS } from './parse-entries.js'

/** False for what a field cannot be; those of objects throw, as the operations do that they are given to. */
type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isTrue: Check = (value) => value === true
const isTexts: Check = (value) => isRecord(value) && Object.values(value).every(isText)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const ofObjects =
  <T>(check: (value: T) => unknown): Check =>
  (value) => {
    if (!isRecord(value)) return false
    check(value as T)
    return true
  }

const isOptions = ofObjects<SetLinkOptions>((options) => checkChanges(options))
const isAddress = ofObjects<AddressInput>((address) => checkAddressInput(address, 'address'))
const isRoute = ofObjects<RouteInput>((route) => checkRouteInput(route, 'route'))
const isRule = ofObjects<RuleInput>((rule) => {
  checkKeys('rule', rule, RULE_KEYS)
  checkRule(rule)
  familyOfRule(rule)
})
const isNeighbour = ofObjects<NeighbourInput>((neighbour) => {
  checkKeys('neighbour', neighbour, NEIGHBOUR_KEYS)
  checkNeighbourInput(neighbour)
})
const isNat: Check = (value) => {
  if (!isRecord(value) || !['masquerade', 'publishPort'].includes(value['verb'] as string)) return false
  return isText(value['name']) && isRecord(value['options']) && isMakeable(value as unknown as NatModel)
}

const LINK = { dev: isText }
const ADDRESS = { dev: isText, address: isAddress }
const ROUTE = { route: isRoute }
const RULE = { rule: isRule }
const NEIGHBOUR = { neighbour: isNeighbour }
const NAT = { nat: isNat, before: optional(isNat) }

/** By the names of calls, besides a namespace. */
const FIELDS = new Map<unknown, Readonly<Record<string, Check>>>([
  ['deleteNetns', {}],
  [
    'setSysctl',
    {
      key: isText,
      value: isText,
      also: optional(isTexts),
      written: optional(isText),
      anew: optional(isTrue),
    },
  ],
  ['setLink', { ...LINK, options: isOptions }],
  ['deleteLink', LINK],
  ['addAddress', ADDRESS],
  ['deleteAddress', ADDRESS],
  ['addRoute', ROUTE],
  ['deleteRoute', ROUTE],
  ['addRule', RULE],
  ['deleteRule', RULE],
  ['addNeighbour', NEIGHBOUR],
  ['deleteNeighbour', NEIGHBOUR],
  ['addNat', NAT],
  ['deleteNat', NAT],
])

/** Throws RangeError or TypeError for an object in it that its operation would not take. */
export function isUndo(value: unknown): boolean {
  if (!isRecord(value) || !isText(value['netns'])) return false
  const fields = FIELDS.get(value['call'])
  return fields !== undefined && Object.entries(fields).every(([key, check]) => check(value[key]))
}
