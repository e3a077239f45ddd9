import type { Fields, Infer, Table } from '../../../codec/index.js'

/** A kind of link: its name in IFLA_INFO_KIND and the attributes that it takes in IFLA_INFO_DATA. */
export interface Kind<F extends Fields = Fields> {
  readonly name: string
  /** Null for a kind without data of its own (dummy, ifb). */
  readonly table: Table<F> | null
  /** Checks that need more than one value; throws an error naming the field. `options` is what the caller gave. */
  readonly check?: ((options: Readonly<Record<string, unknown>>) => void) | undefined
}

export function kind<F extends Fields>(
  name: string,
  table: Table<F>,
  check?: (options: Readonly<Record<string, unknown>>) => void,
): Kind<F> {
  return { name, table, check }
}

/** A kind without attributes. */
export function plainKind(name: string): Kind<Record<never, never>> {
  return { name, table: null }
}

export type KindValue<K> = K extends Kind<infer F> ? Omit<Infer<Table<F>>, 'unknown'> : never
