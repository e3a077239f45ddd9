/** What somebody has put in the place of an entry of the topology, in one of its namespaces: the kernel has no room for both. */

import { deletionOf } from './build.js'
import type { Step } from './call.js'
import { placeOfNeighbour, placeOfRoute } from './exclusion.js'
import type { Item, Place } from './network.js'

/** `there` and `kept` are what the kernel has, as entries of `old` and of `next`. Of the process's own namespace they have nobody else's. */
export function removeUsurpers(old: Place, there: Place, next: Place, kept: Place): Step[] {
  const { netns } = old
  const routes = usurpers(old.routes, there.routes, next.routes, kept.routes, placeOfRoute)
  const neighbours = usurpers(
    old.neighbours,
    there.neighbours,
    next.neighbours,
    kept.neighbours,
    placeOfNeighbour,
  )
  return [
    ...routes.map(({ path, value: route }): Step => {
      return { path, call: deletionOf(netns, route), undo: { call: 'addRoute', netns, route } }
    }),
    ...neighbours.map(({ path, value: neighbour }): Step => {
      const undo = { call: 'addNeighbour', netns, neighbour } as const
      return { path, call: { call: 'deleteNeighbour', netns, neighbour }, undo }
    }),
  ]
}

/** With the path of what is to be there. One that is there, and is to be said in other words, nobody has put there. */
function usurpers<T>(
  old: readonly Item<T>[],
  there: readonly Item<T>[],
  next: readonly Item<T>[],
  kept: readonly Item<T>[],
  placeOf: (value: T) => string,
): Item<T>[] {
  const isThere = new Set(kept.map(({ value }) => value))
  const missing = next.filter(({ value }) => !isThere.has(value))
  if (missing.length === 0) return []
  const lost = new Set(old.map(({ value }) => placeOf(value)))
  for (const { value, found } of there) if (found !== undefined) lost.delete(placeOf(value))
  const paths = new Map(missing.map(({ path, value }) => [placeOf(value), path]))
  return kept.flatMap(({ value, found }) => {
    const place = placeOf(value)
    const path = found === undefined && lost.has(place) ? paths.get(place) : undefined
    return path === undefined ? [] : [{ path, value }]
  })
}
