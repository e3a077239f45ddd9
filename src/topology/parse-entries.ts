/** Routes, rules, neighbours and kernel parameters of a place. */

import { isRecord, show } from '../codec/fault.js'
import { checkArray, checkKeys } from '../netlink/check.js'
import { sysctlPath, sysctlText } from '../netns/sysctl.js'
import { familyName } from '../rtnetlink/family.js'
import { checkNeighbourInput, type NeighbourInput } from '../rtnetlink/neighbour/options.js'
import { neighbourStates } from '../rtnetlink/neighbour/table.js'
import { parseNetwork } from '../rtnetlink/route/check.js'
import { normalAddress, normalPrefix } from '../rtnetlink/route/filter.js'
import { ipProtocols, routeProtocols } from '../rtnetlink/route/table.js'
import { checkNewRule, checkRule, familyOfRule, RULE_KEYS, type RuleInput } from '../rtnetlink/rule/input.js'
import { WHOLE_MARK } from '../rtnetlink/rule/request.js'
import { ruleActions } from '../rtnetlink/rule/table.js'
import { parameterOf } from './fan-out.js'
import { parseNat } from './nat.js'
import { HOST, type Item, join, type Place } from './network.js'
import { named, normalMac, within } from './parse-link.js'
import { normalRealms, parseRoute } from './parse-route.js'
import { entries, withoutNothing } from './record.js'
import type { TopologyPlace } from './value.js'

/** The lists of a place. */
export function parseEntries(place: Place, given: TopologyPlace, topology: string): void {
  const { path } = place
  place.routes.push(...list(given.routes, join(path, 'routes'), parseRoute))
  place.rules.push(...list(given.rules, join(path, 'rules'), parseRule))
  place.neighbours.push(...list(given.neighbours, join(path, 'neighbours'), parseNeighbour))
  place.nat.push(...parseNat(given.nat, topology, join(path, 'nat')))
  const parameters = new Set<string>()
  for (const [key, value] of entries(given.sysctls, join(path, 'sysctls'))) {
    const file = within(join(path, 'sysctls'), () => sysctlPath(key))
    const at = join(path, `sysctls.${key}`)
    // It would be set for the whole machine, and not be put back when the namespace goes.
    if (place.netns !== HOST && !file.startsWith('/proc/sys/net/'))
      throw new RangeError(`${at}: only parameters of net belong to a network namespace`)
    const parameter = parameterOf(key)
    if (parameters.has(parameter)) throw new RangeError(`${at}: it is there twice`)
    parameters.add(parameter)
    place.sysctls.set(key, sysctlText(value, at))
  }
}

function list<T extends object>(
  given: readonly object[] | undefined,
  path: string,
  parse: (input: T, path: string) => T,
): Item<T>[] {
  if (given === undefined) return []
  checkArray(given, path)
  // Not map(), which passes over holes.
  return Array.from(given, (item, index) => {
    const at = `${path}[${index}]`
    if (!isRecord(item)) throw new TypeError(`${at}: ${show(item)} is not an object`)
    return { path: at, value: withoutNothing(parse(item as T, at)) }
  })
}

const KNOWN_RULE_KEYS = RULE_KEYS.filter((key) => !['flags', 'multicast'].includes(key))

function parseRule(input: RuleInput, path: string): RuleInput {
  checkKeys(path, input, KNOWN_RULE_KEYS)
  if (typeof input.tunId === 'bigint')
    throw new TypeError(
      `${path}.tunId: ${show(input.tunId)} is a bigint, which JSON has not: a number is wanted`,
    )
  const family = within(path, () => {
    checkRule(input)
    checkNewRule(input)
    return familyOfRule(input)
  })
  const [from, to] = (['from', 'to'] as const).map((key) =>
    input[key] == null ? null : normalPrefix(parseNetwork(input[key], key)),
  )
  // None of its bits counts.
  const isAnyMark = input.fwmask === 0 && !input.fwmark
  return {
    ...input,
    from,
    to,
    family: from == null && to == null ? familyName(family) : null,
    protocol: named(routeProtocols, input.protocol),
    ipProtocol: named(ipProtocols, input.ipProtocol),
    realms: normalRealms(input.realms),
    fwmark: isAnyMark ? null : input.fwmark,
    // As addRule() means it: without a mask the kernel and ip(8) would take 0 for any mark.
    fwmask: isAnyMark ? null : (input.fwmask ?? (input.fwmark === 0 ? WHOLE_MARK : null)),
    action: named(ruleActions, input.action),
  }
}

/** What a neighbour of a topology has. */
export const NEIGHBOUR_KEYS = ['to', 'dev', 'mac', 'state', 'proxy', 'protocol'] as const

function parseNeighbour(input: NeighbourInput, path: string): NeighbourInput {
  checkKeys(path, input, NEIGHBOUR_KEYS)
  within(path, () => checkNeighbourInput(input))
  if (typeof input.dev !== 'string')
    throw new TypeError(`${path}.dev: ${show(input.dev)} is not the name of a link`)
  return {
    ...input,
    to: normalAddress(input.to),
    mac: input.mac == null ? null : normalMac(input.mac),
    protocol: named(routeProtocols, input.protocol),
    state: named(neighbourStates, input.state) ?? undefined,
  }
}
