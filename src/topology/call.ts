/** What a topology does to the kernel, as plain data: calls of the library's operations. */

import type { AddressInput } from '../rtnetlink/address/options.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import type { RouteInput } from '../rtnetlink/route/input.js'
import type { RuleInput } from '../rtnetlink/rule/input.js'
import type { NatModel } from './nat.js'
import type { Reference } from './network.js'

/** What a link is made with: `options` are those of createLink() that need no reference. */
export interface CallLink {
  readonly netns: string
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly master: string | null
  readonly addresses: readonly AddressInput[]
  readonly routes: readonly RouteInput[]
}

/** A call of an operation; `netns` is the name of a namespace, '' the process's own. */
export type Call =
  | { readonly call: 'createNetns'; readonly netns: string; readonly loopback: boolean }
  | { readonly call: 'deleteNetns'; readonly netns: string }
  | {
      readonly call: 'setSysctl'
      readonly netns: string
      readonly key: string
      readonly value: string
      /** Of a call that puts back: what other parameters were that the kernel writes with this one, by their keys. */
      readonly also?: Readonly<Record<string, string>>
      /** Of such a call: what was written. Where it is another value by now, somebody has set it since. */
      readonly written?: string | undefined
      /** Of such a call: its namespace or interface had been made by the same change, so that what was known of an earlier one is of no use. */
      readonly anew?: true
    }
  | { readonly call: 'createVethPair'; readonly near: CallLink; readonly far: CallLink }
  | {
      readonly call: 'createLink'
      readonly link: CallLink
      readonly kind: string
      readonly below: Reference | null
    }
  | {
      readonly call: 'setLink'
      readonly netns: string
      readonly dev: string
      readonly options: Readonly<Record<string, unknown>>
    }
  | { readonly call: 'deleteLink'; readonly netns: string; readonly dev: string }
  | {
      readonly call: 'addAddress' | 'replaceAddress' | 'deleteAddress'
      readonly netns: string
      readonly dev: string
      readonly address: AddressInput
    }
  | { readonly call: 'addRoute' | 'deleteRoute'; readonly netns: string; readonly route: RouteInput }
  | { readonly call: 'addRule' | 'deleteRule'; readonly netns: string; readonly rule: RuleInput }
  | {
      readonly call: 'addNeighbour' | 'deleteNeighbour'
      readonly netns: string
      readonly neighbour: NeighbourInput
    }
  | NatCall

/** Of masquerade() and publishPort(), and their withdrawal. */
export interface NatCall {
  readonly call: 'addNat' | 'deleteNat'
  readonly netns: string
  readonly nat: NatModel
  /** What is there under the same name, whose place it takes. */
  readonly before?: NatModel
}

/** A call, where in the value it comes from, and what takes it back. */
export interface Step {
  /** 'namespaces.red.links.eth0' */
  readonly path: string
  readonly call: Call
  /** Null where something else takes it back, as the end of its namespace does. */
  readonly undo: Call | null
}

/** The namespaces that a call needs. */
export function namespacesOf(call: Call): string[] {
  switch (call.call) {
    case 'createVethPair':
      return [call.near.netns, call.far.netns]
    case 'createLink':
      return call.below === null ? [call.link.netns] : [call.link.netns, call.below.netns]
    default:
      return [call.netns]
  }
}
