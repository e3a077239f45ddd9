/** Compares a link operation's message with iproute2's as trees, so that each difference can be stated as a rule and checked to be all. */

import { expect } from 'vitest'
import type { Operation } from '../../src/netlink/operation.js'
import { type Attribute, dissect } from '../golden/dissect.js'
import { expectExplained } from '../golden/explained.js'
import { findGolden, type GoldenMessage, toHex } from '../golden/golden.js'
import { sentBy } from './sent-by.js'

const RTM_GETLINK = 18

/** An attribute: its path without nesting and its payload in hexadecimal, children in order. */
export interface Node {
  type: number
  flags: number
  payload: string
  children: Node[]
}

/** A message as rules see it. */
export interface Tree {
  type: number
  flags: number
  body: string
  attributes: Node[]
}

/** A difference from iproute2's message: `same` makes both sides alike in this respect. */
export interface Difference {
  why: string
  same(tree: Tree): Tree
}

/** An operation and the command of a fixture that asks for the same. */
export interface LinkCase {
  name: string
  operation: () => Operation<unknown>
  differs?: readonly Difference[]
  /** What the answers bring, one list for each request; without it the second tells of a link. */
  values?: readonly unknown[][]
  /** How many RTM_GETLINK go before the message that is compared, and after it. */
  lookups?: number
  readings?: number
}

/** What iproute2 sent and what the operation sends are the same but for the differences, none of which is superfluous. */
export function expectSame(area: string, link: LinkCase): void {
  const { name, operation, differs = [], values = [[], [{ ifindex: 77 }]], lookups = 0, readings = 0 } = link
  const { messages } = findGolden(area, name)
  expect(messages).toHaveLength(1)
  const all = sentBy(operation(), values)
  const [sent] = all.splice(lookups, 1)
  expect(all.map((message) => dissect(message).type)).toEqual(Array(lookups + readings).fill(RTM_GETLINK))
  const golden = toTree(masked(messages[0]!.bytes, messages[0]!))
  const ours = toTree(masked(sent!, messages[0]!))
  const alike = (rules: readonly Difference[]) =>
    [golden, ours].map((tree) => rules.reduce((changed, { same }) => same(structuredClone(changed)), tree))
  const [expected, given] = alike(differs)
  expect(given).toEqual(expected)
  for (const rule of differs) {
    const [before, after] = alike(differs.filter((other) => other !== rule))
    expect(after, `superfluous: ${rule.why}`).not.toEqual(before)
  }
  expectExplained(
    area,
    name,
    differs.map(({ why }) => why),
  )
}

/** A namespace's descriptor or process id is another one in each run: by what it is named is compared, not its value. */
function masked(bytes: Uint8Array, { varying }: GoldenMessage): { bytes: Uint8Array; varies: boolean } {
  return { bytes, varies: varying.length > 0 }
}

const IFLA_NET_NS = [19, 28]

function toTree({ bytes, varies }: { bytes: Uint8Array; varies: boolean }): Tree {
  const { type, flags, body, attributes } = dissect(bytes)
  return {
    type,
    flags,
    body: toHex(body),
    attributes: attributes.map((attribute) => toNode(attribute, varies)),
  }
}

function toNode({ rawType, payload, children }: Attribute, varies: boolean): Node {
  const type = rawType & 0x3fff
  return {
    type,
    flags: rawType & 0xc000,
    payload: varies && IFLA_NET_NS.includes(type) && payload.length === 4 ? 'a namespace' : toHex(payload),
    children: children.map((child) => toNode(child, varies)),
  }
}

/** The attributes at a path of types; an empty path is the message's own. */
export function at(tree: Tree, path: readonly number[]): Node[] {
  return path.reduce(
    (nodes: Node[], type) => nodes.find((node) => node.type === type)?.children ?? [],
    tree.attributes,
  )
}

/** Attributes may stand in any order: the kernel puts them into a table before it looks at them. Lists keep theirs. */
export const order: Difference = {
  why: 'attributes stand in another order',
  same(tree) {
    const sort = (nodes: Node[]) => {
      nodes.sort((a, b) => a.type - b.type)
      for (const node of nodes) sort(node.children)
    }
    sort(tree.attributes)
    return tree
  },
}

const IFLA_LINKINFO = 18
const IFLA_INFO_KIND = 1
const IFLA_INFO_SLAVE_KIND = 4

/** The kernel reads the kind with nla_strscpy(), with NUL and without. */
export const kindWithNul: Difference = {
  why: 'the kind ends with NUL, as other strings do',
  same(tree) {
    for (const node of at(tree, [IFLA_LINKINFO]))
      if (node.type === IFLA_INFO_KIND || node.type === IFLA_INFO_SLAVE_KIND)
        node.payload = node.payload.replace(/00$/, '')
    return tree
  },
}

/** IFLA_INFO_KIND 'bridge_slave' or IFLA_INFO_SLAVE_KIND 'bridge': the kernel asks the master itself. */
export const masterNamed: Difference = {
  why: 'the kind of the master stands in IFLA_INFO_SLAVE_KIND, which it is read in too',
  same(tree) {
    const linkinfo = at(tree, [IFLA_LINKINFO])
    const [kind] = linkinfo
    if (kind === undefined) return tree
    kind.type = IFLA_INFO_SLAVE_KIND
    kind.payload = kind.payload.replace(/00$/, '').replace(/5f736c617665$/, '')
    return tree
  },
}

/** An attribute that only one side sends. */
export function without(why: string, path: readonly number[]): Difference {
  const type = path.at(-1)!
  return {
    why,
    same(tree) {
      const nodes = at(tree, path.slice(0, -1))
      const index = nodes.findIndex((node) => node.type === type)
      if (index >= 0) nodes.splice(index, 1)
      return tree
    },
  }
}

/** Another struct ifinfomsg. */
export function otherBody(why: string): Difference {
  return { why, same: (tree) => ({ ...tree, body: '' }) }
}
