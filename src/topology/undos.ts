/** What takes back a whole topology. */

import { build } from './build.js'
import { type Call, namespacesOf } from './call.js'
import { parameterOf } from './fan-out.js'
import type { JournalRecord } from './journal.js'
import { HOST, type Network } from './network.js'
import { parseValue } from './parse.js'
import { recordedNetwork } from './recorded.js'
import type { SetSysctl, Setting } from './setting.js'
import type { Undo } from './take-back.js'
import type { Topology } from './value.js'

/** By the names in its value, last things first. */
export function undosOf(topology: Topology): Undo[] {
  return undosOfNetwork(parseValue(topology))
}

function undosOfNetwork(network: Network): Undo[] {
  return build(network)
    .flatMap(({ undo }) => (undo === null ? [] : [{ call: undo, is: null }]))
    .reverse()
}

/**
 * The same of one that the journal knows: what each thing was, what parameters were, and what was under way. What is in a namespace goes
 * with that, which may be somebody else's by now. Throws TopologyError for a record that is damaged.
 */
export function undosOfRecord(record: JournalRecord): Undo[] {
  return allOfRecord(record).filter(({ call }) => call.call === 'deleteNetns' || isOfHost(call))
}

/** What a record keeps that is written once more: besides those, what parameters of namespaces were, which a later value may say no more. */
export function keptOfRecord(record: JournalRecord): Undo[] {
  return allOfRecord(record).filter(
    ({ call }) => call.call === 'deleteNetns' || call.call === 'setSysctl' || isOfHost(call),
  )
}

/** Tells of calls that put parameters back whether a topology says something of these. */
export function saidIn({ places }: Network): (call: SetSysctl) => boolean {
  const said = new Set(
    [...places.values()].flatMap(({ netns, sysctls }) =>
      [...sysctls.keys()].map((key) => `${netns} ${parameterOf(key)}`),
    ),
  )
  return ({ netns, key }) => said.has(`${netns} ${parameterOf(key)}`)
}

/**
 * Each thing once, in the order of their first steps. The first value of a parameter is the one before all, and the last what it was set to;
 * of what was made again, the last is there.
 */
export function merged(undos: readonly Undo[]): Undo[] {
  return [...byKey(undos).values()]
}

function byKey(undos: readonly Undo[]): Map<string, Undo> {
  const known = new Map<string, Undo>()
  for (const undo of undos) {
    const key = keyOf(undo.call)
    const first = known.get(key)
    known.set(key, first !== undefined && isSetting(first) && isSetting(undo) ? setAgain(first, undo) : undo)
  }
  return known
}

function setAgain(first: Setting, { call, is }: Setting): Setting {
  if (call.anew) return { call, is }
  const again: SetSysctl = { ...first.call, written: call.written }
  return is === null ? { call: again, is, before: call.value } : { call: again, is }
}

export function isSetting(undo: Undo): undo is Setting {
  return undo.call.call === 'setSysctl'
}

function isOfHost(call: Call): boolean {
  return namespacesOf(call).every((netns) => netns === HOST)
}

function allOfRecord(record: JournalRecord): Undo[] {
  const { complete, pending, undos: begun, recent } = record
  // It is needed later, where a link has another name.
  if (pending !== null) recordedNetwork(record, pending)
  const known = byKey(begun)
  if (complete === null) return [...known.values()].reverse()
  const network = recordedNetwork(record, complete)
  const isSaid = saidIn(network)
  const all = new Map<string, Undo>()
  // Of what is under way nothing is to be made again or set back, as all of it goes.
  const made = new Set(
    recent.filter(({ call }) => call.call === 'setSysctl' || call.call.startsWith('delete')),
  )
  // Parameters that the value says no more have been put back.
  for (const undo of [...begun].reverse())
    if (made.has(undo) || (isSetting(undo) && isSaid(undo.call)))
      all.set(keyOf(undo.call), known.get(keyOf(undo.call))!)
  for (const undo of undosOfNetwork(network)) all.set(keyOf(undo.call), known.get(keyOf(undo.call)) ?? undo)
  return [...all.values()]
}

function keyOf(call: Call): string {
  return JSON.stringify(
    call.call === 'setSysctl' ? { call: call.call, netns: call.netns, key: parameterOf(call.key) } : call,
  )
}
