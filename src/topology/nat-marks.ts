/**
 * Which names of `nat` a topology's record has, told by the name of a file beside it, its mark: who looks for the record that has a name
 * lists a directory instead of reading all records. A mark is there before the record has the names, and goes after it, so that it may tell of
 * too many, never of too few. A record without one (from another directory, of more names than it could hold) is read. A version of this library
 * that wrote records and no marks must not share a directory with one that does.
 */

import type { Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { codeOf, textOf, unwritable } from './error.js'
import type { NatModel } from './nat.js'
import { digest, HOST, type Network } from './network.js'

/** Other files of a topology of such a name have a dot behind it. */
const MARK = /^(.+)\.([0-9a-z]*)\.names$/s

/** Bytes of a file's name (NAME_MAX). */
const ROOM = 255

/** So much of a name: one that is taken for another makes a record be read. */
function shortOf({ verb, name }: NatModel): string {
  return digest(`${verb} ${name}`).slice(-6)
}

/** Null where there are too many. */
function markOf(name: string, networks: readonly Network[]): string | null {
  const nat = networks.flatMap(({ places }) => places.get(HOST)!.nat)
  const names = new Set(nat.map(({ value }) => shortOf(value)))
  const mark = `${name}.${[...names].sort().join('')}.names`
  return new TextEncoder().encode(mark).length > ROOM ? null : mark
}

/** Before the record of a topology has the names of some networks; those that it has already are to be among them. */
export function* mark(
  call: string,
  directory: string,
  name: string,
  networks: readonly Network[],
): Operation<void> {
  const own = markOf(name, networks)
  try {
    if (own === null) yield* unmark(directory, name)
    // It leads to the record, and like the lock takes no room.
    else yield* primitive('claimLink', `${directory}/${own}`, `${name}.json`)
  } catch (error) {
    // NAME_MAX is less in some file systems (eCryptfs: 143).
    if (codeOf(error) === 'ENAMETOOLONG') yield* unmark(directory, name)
    else if (codeOf(error) !== 'EEXIST') throw unwritable(call, textOf(error), error)
  }
}

/** Once the record has the names of a network alone. */
export function* markAnew(call: string, directory: string, name: string, network: Network): Operation<void> {
  yield* mark(call, directory, name, [network])
  yield* unmark(directory, name, markOf(name, [network]))
}

/** Removes the marks of a topology, but for one that is kept. */
export function* unmark(directory: string, name: string, kept: string | null = null): Operation<void> {
  for (const file of yield* primitive('listDirectory', directory))
    if (file.startsWith(name) && MARK.exec(file)?.[1] === name && file !== kept)
      yield* primitive('removeFile', `${directory}/${file}`)
}

/** By the files of a directory: whether the record of a topology may have one of some names; null where no mark tells. */
export function marksIn(
  files: readonly string[],
  nat: readonly NatModel[],
): (topology: string) => boolean | null {
  const wanted = nat.map(shortOf)
  const marks = new Map<string, boolean>()
  for (const file of files) {
    const [, name, names] = MARK.exec(file) ?? []
    if (name === undefined) continue
    marks.set(name, marks.get(name) === true || wanted.some((one) => names!.includes(one)))
  }
  return (topology) => marks.get(topology) ?? null
}
