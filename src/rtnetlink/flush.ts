import { show } from '../codec/fault.js'

/** What a flush takes besides its filters. */
export interface FlushAll {
  /** Every one; instead of what chooses among them. */
  all?: true | undefined
}

/** Throws TypeError unless a flush is either of what one of its filters lets through, or of all. `entries` is what there are. */
export function checkFlush<Filter extends string>(
  call: string,
  entries: string,
  filters: readonly Filter[],
  options: FlushAll & { readonly [key in Filter]?: unknown },
): void {
  const { all } = options
  if (all !== undefined && all !== true) throw new TypeError(`all: ${show(all)} is not true`)
  const given = filters.filter((key) => options[key] !== undefined)
  if (all && given.length > 0)
    throw new TypeError(
      `${call}: all: true is every one of the ${entries}, not those by ${given.join(', ')}: give one or the other`,
    )
  if (!all && !given.some((key) => isChoice(key, options[key])))
    throw new TypeError(
      `${call}: which ${entries}? Give at least one of ${filters.join(', ')}, or all: true instead`,
    )
}

/** An empty array lets everything through, and false nearly everything, but for the interfaces that are down. */
function isChoice(key: string, value: unknown): boolean {
  if (value === false) return key === 'up'
  return !Array.isArray(value) || value.length > 0
}
