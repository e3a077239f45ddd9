import { encodeAttributes } from '../../../codec/encode.js'
import { guarded, show } from '../../../codec/fault.js'
import { type Fields, flag, type Table, type ValueOf, Writer } from '../../../codec/index.js'
import { checkDev } from '../../input.js'
import type { Dev } from '../request.js'
import type { LinkEnd } from '../settings.js'

/** What is particular about a kind's attributes, by the names of its table. */
export interface Traits<Name extends string = string> {
  /** An ifindex: callers may give a name, which is looked up where the link is made, or null for none (0). */
  readonly devs?: readonly Name[] | undefined
  /** Only the kernel sets them: read, never options. */
  readonly readOnly?: readonly Name[] | undefined
  /** Said when the link is made, for good: the kernel overlooks them in a change. */
  readonly fixed?: readonly Name[] | undefined
  /** Flags that have the kernel do something, once: false is not to. */
  readonly actions?: readonly Name[] | undefined
  /** Without them there is no such link. */
  readonly required?: readonly Name[] | undefined
  /** The attribute that holds the other end of a pair. */
  readonly peer?: Name | undefined
  /** An attribute that takes IPv4 addresses, and its twin for IPv6 ones. Callers see the first alone. */
  readonly twins?: { readonly [K in Name]?: Name } | undefined
  /** Options that it has under another name: what to say of them to somebody who knows them from other kinds, or from ip-link(8). */
  readonly otherwise?: Readonly<Record<string, string>> | undefined
  /** None is made by netlink, whatever the options: what to do instead. */
  readonly notMade?: string | undefined
  /** It stands on another interface, the common option `link`. */
  readonly needsLink?: true | undefined
  /** A change resets what it does not name: what is to stay has to be read and sent again. */
  readonly resets?: true | undefined
  /** Checks that need more than one value; throws an error naming the field. `options` is what the caller gave. */
  readonly check?: ((options: Readonly<Record<string, unknown>>) => void) | undefined
  /** What a new link gets where the options do not say it. */
  readonly initial?: ((options: Readonly<Record<string, unknown>>) => Record<string, unknown>) | undefined
  /**
   * What follows from the attributes that are to be sent, of which `given` are those that the caller gave: a flag that the kernel wants
   * besides a value; undefined for what is not to be sent.
   */
  readonly complete?:
    | ((
        data: Readonly<Record<string, unknown>>,
        given: Readonly<Record<string, unknown>>,
      ) => Record<string, unknown>)
    | undefined
  /** Attributes that the kernel sends although there is nothing that they tell of. */
  readonly meaningless?: ((data: Readonly<Record<string, unknown>>) => readonly Name[]) | undefined
}

/** A kind of link: its name in IFLA_INFO_KIND and what IFLA_INFO_DATA holds for it. */
export interface Kind<Options = object, Data = object, Fixed extends string = string> extends Traits {
  readonly name: string
  /** Null for a kind without data of its own (dummy, ifb). Built when first used. */
  readonly table: Table | null
  /** The attributes that can be given. */
  readonly options: readonly string[]
  /** For the type checker only: what callers give, what is read, and what cannot be changed. */
  readonly types?: { options: Options; data: Data; fixed: Fixed }
}

type ListOf<T, K extends keyof Traits> = T extends { readonly [P in K]: readonly (infer N)[] } ? N : never
type TwinsOf<T> = T extends { readonly twins: infer W } ? W[keyof W] : never

type PeerOf<T> = T extends { readonly peer: infer P } ? P : never

type DataOf<F extends Fields, T> = {
  [K in Exclude<keyof F, TwinsOf<T> | PeerOf<T>>]?: ValueOf<F[K][1]> | undefined
}
type Given<F extends Fields, T> = Exclude<
  keyof F,
  TwinsOf<T> | PeerOf<T> | ListOf<T, 'readOnly'> | ListOf<T, 'required'> | 'link'
>
type OptionOf<F extends Fields, T, K extends keyof F> =
  K extends ListOf<T, 'devs'> ? Dev | null : ValueOf<F[K][1]>
type OptionsOf<F extends Fields, T> = {
  [K in Given<F, T>]?: OptionOf<F, T, K> | undefined
} & { [K in ListOf<T, 'required'> & keyof F]: OptionOf<F, T, K> } & (T extends { readonly peer: unknown }
    ? {
        /** The other end, made with this one; the kernel names it where it is not given. */
        peer?: LinkEnd | undefined
      }
    : unknown) &
  (T extends { readonly needsLink: true } ? { link: Dev } : unknown)

/**
 * Defines a kind: `kind('vrf', () => attributes('IFLA_VRF', { table: [IFLA_VRF_TABLE, u32] }))`. An attribute called 'link' is
 * given by the common option of that name.
 */
export function kind<F extends Fields, const T extends Traits<keyof F & string>>(
  name: string,
  build: () => Table<F>,
  traits?: T,
): Kind<OptionsOf<F, T>, DataOf<F, T>, ListOf<T, 'fixed'>> {
  let built: { table: Table<F>; options: readonly string[] } | undefined
  const use = () => {
    built ??= describe(build(), traits ?? {})
    return built
  }
  return {
    ...(traits as Traits | undefined),
    name,
    get table() {
      return use().table
    },
    get options() {
      return use().options
    },
  }
}

function describe<F extends Fields>(table: Table<F>, { readOnly = [], twins = {}, peer }: Traits) {
  const hidden: unknown[] = [...readOnly, ...Object.values(twins), peer, 'link']
  return { table, options: Object.keys(table.fields).filter((field) => !hidden.includes(field)) }
}

/** A kind without attributes. */
export function plainKind<const T extends Traits<never> = object>(
  name: string,
  traits?: T,
): Kind<OptionsOf<Record<never, never>, T>, Record<never, never>, never> {
  return { ...(traits as Traits | undefined), name, table: null, options: [] }
}

/** What callers give for a kind. */
export type OptionsOfKind<K> = K extends { readonly types?: { options: infer O } } ? O : never
/** What is read of a kind. */
export type DataOfKind<K> = K extends { readonly types?: { data: infer D } } ? D : never
/** The options of a kind that cannot be changed. */
export type FixedOfKind<K> = K extends { readonly types?: { fixed: infer F } } ? F : never

/** Whether the interface underneath stands among the kind's attributes instead of IFLA_LINK. */
export function hasLinkData(kind: Kind | undefined): boolean {
  return kind?.table?.byName('link') !== undefined
}

/** Throws where something is missing or does not go together, for a link that is to be made. */
export function checkKindOptions(kind: Kind, given: Readonly<Record<string, unknown>>): void {
  for (const option of kind.required ?? [])
    if (given[option] === undefined) throw new TypeError(`${option}: a link of kind '${kind.name}' needs it`)
  if (kind.needsLink && given['link'] === undefined)
    throw new TypeError(`link: a link of kind '${kind.name}' stands on another interface`)
  kind.check?.(given)
}

/** Throws for a change that the kernel would overlook. */
export function checkFixed(kind: Kind, given: Readonly<Record<string, unknown>>): void {
  for (const option of kind.fixed ?? [])
    if (given[option] !== undefined)
      throw new TypeError(
        `${option}: ${show(given[option])} comes too late: a link of kind '${kind.name}' keeps what it was made with`,
      )
  if (kind.resets) return
  for (const option of kind.options)
    if (given[option] === false && isSetting(kind, option))
      throw new TypeError(
        `${option}: false cannot be told: what is not sent stays, and to send it is to set it`,
      )
}

/** Whether it is a flag that the link keeps. */
function isSetting({ table, actions = [] }: Kind, option: string): boolean {
  return table!.byName(option)!.type.label === flag.label && !actions.includes(option)
}

/**
 * The kind's attributes among what a caller gave, ready to be encoded once the names of interfaces are resolved; `others` stand where
 * the caller gave nothing. Throws RangeError or TypeError naming a value that does not fit, as it would be when the request is written.
 */
export function kindData(
  call: string,
  kind: Kind,
  given: Readonly<Record<string, unknown>>,
  others: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const data: Record<string, unknown> = {}
  for (const option of Object.keys({ ...given, ...others })) {
    const value = given[option] === undefined ? others[option] : given[option]
    if (value === undefined || !kind.options.includes(option)) continue
    const twin = kind.twins?.[option]
    data[twin !== undefined && typeof value === 'string' && value.includes(':') ? twin : option] = value
  }
  const whole = { ...data, ...kind.complete?.(data, given) }
  if (kind.table !== null) checkData(call, kind.table, kind.devs ?? [], whole)
  return whole
}

function checkData(call: string, table: Table, devs: readonly string[], data: Record<string, unknown>): void {
  const resolved = { ...data }
  for (const dev of devs)
    if (resolved[dev] === null || (resolved[dev] !== undefined && checkDev(resolved[dev], dev)))
      resolved[dev] = 1
  guarded(call, () => encodeAttributes(table, new Writer(256), resolved))
}

/** What the kernel sent, as callers see it: an IPv6 address stands where an IPv4 one would. */
export function presentData(kind: Kind, data: Record<string, unknown>): Record<string, unknown> {
  for (const field of kind.meaningless?.(data) ?? []) delete data[field]
  for (const [field, twin] of Object.entries(kind.twins ?? {})) {
    if (twin === undefined || data[twin] === undefined) continue
    data[field] = data[twin]
    delete data[twin]
  }
  return data
}
