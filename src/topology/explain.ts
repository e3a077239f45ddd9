/** Calls as the commands that a person would type. */

import { words } from '../netns/sysctl.js'
import type { Call, Step } from './call.js'
import { addressWords, familyOption, neighbourWords, routeCommand, ruleWords } from './explain-entry.js'
import { keepsLink, kindWords } from './explain-kind.js'
import { creation, explainChanges, furnish } from './explain-link.js'
import { explainNat } from './explain-nat.js'
import { device, inside, ip, quote, target } from './explain-words.js'

/** A table or a chain, which nft(8) takes again and nobody would type again, or what is there once it was waited for. */
const TYPED_ONCE = /^while |^(ip netns exec \S+ )?nft '?add (table|chain) /

/** The commands for steps, one after another. */
export function explainSteps(steps: readonly Step[]): string[] {
  const commands = steps.flatMap(({ call }) => explainCall(call))
  return commands.filter((command, index) => !TYPED_ONCE.test(command) || commands.indexOf(command) === index)
}

/** The commands of ip(8), sysctl(8) and nft(8) that do what a call does. */
export function explainCall(call: Call): string[] {
  switch (call.call) {
    case 'createNetns':
      return [
        `ip netns add ${quote(call.netns)}`,
        ...(call.loopback ? [`${ip(call.netns)} link set dev lo up`] : []),
      ]
    case 'deleteNetns':
      return [`ip netns delete ${quote(call.netns)}`]
    case 'setSysctl':
      return Object.entries({ [call.key]: call.value, ...call.also }).map(
        ([key, value]) => `${inside(call.netns)}sysctl -w ${quote(`${key}=${words(value)}`)}`,
      )
    case 'createVethPair': {
      const { near, far } = call
      const elsewhere = near.netns === far.netns ? '' : ` netns ${target(far.netns)}`
      const peer = `peer name ${quote(far.name)}${creation(far.options)}${elsewhere}`
      return [
        `${ip(near.netns)} link add name ${quote(near.name)}${creation(near.options)} type veth ${peer}`,
        ...(elsewhere === '' ? [far, near] : [near, far]).flatMap(furnish),
      ]
    }
    case 'createLink': {
      const { link, kind, below } = call
      const from = below?.netns ?? link.netns
      const over = below === null || keepsLink(kind) ? '' : ` link ${quote(below.name)}`
      const elsewhere = from === link.netns ? '' : ` netns ${target(link.netns)}`
      const words = kindWords(kind, link.options, below?.name)
      return [
        `${ip(from)} link add${over} name ${quote(link.name)}${elsewhere}${creation(link.options)} type ${kind}${words}`,
        ...furnish(link),
      ]
    }
    case 'setLink':
      return explainChanges(call.netns, call.dev, call.options)
    case 'deleteLink':
      return [`${ip(call.netns)} link delete ${device(call.dev)}`]
    case 'addAddress':
    case 'replaceAddress':
    case 'deleteAddress': {
      const { address, peer } = call.address
      const words = addressWords(call.call === 'deleteAddress' ? { address, peer } : call.address)
      return [`${ip(call.netns)} address ${verb(call.call)} ${words} ${device(call.dev)}`]
    }
    case 'addRoute':
      return [...wait(call.netns, call.route.src), routeCommand(call.netns, verb(call.call), call.route)]
    case 'deleteRoute':
      return [routeCommand(call.netns, verb(call.call), call.route)]
    case 'addRule':
    case 'deleteRule':
      return [`${ip(call.netns, familyOption(call.rule))} rule ${verb(call.call)}${ruleWords(call.rule)}`]
    case 'addNat':
    case 'deleteNat':
      return explainNat(call).map((command) => inside(call.netns) + command)
    case 'addNeighbour':
    case 'deleteNeighbour':
      // What the kernel has learned of the address is in the way of `add`.
      return [
        `${ip(call.netns)} neighbour ${call.call === 'addNeighbour' ? 'replace' : 'delete'} ${neighbourWords(call.neighbour, call.call)}`,
      ]
  }
}

/** Until a route can send from an IPv6 address, or never will, as untilProbed(); no command of ip(8) waits for that. */
function wait(netns: string, source: string | null | undefined): string[] {
  if (!source?.includes(':')) return []
  const shown = `${ip(netns, ' -6')} address show to ${source} tentative -dadfailed`
  return [`while ${shown} | grep LOWER_UP | grep -qv 'state DORMANT'; do sleep 0.1; done`]
}

function verb(call: string): string {
  return /^(add|replace|delete)/.exec(call)![0]
}
