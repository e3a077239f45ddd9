/**
 * The kernel's own descriptions of its netlink families (Documentation/netlink/specs), and a comparer for attribute tables. They are
 * looked for in the directory that NETLINK_SPECS names, otherwise beside the checkout; they are no part of the project.
 */

import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** One attribute, or one member of a struct. */
export interface SpecAttribute {
  name: string
  type?: string
  value?: number
  'byte-order'?: 'big-endian' | 'little-endian'
  'sub-type'?: string
  'nested-attributes'?: string
  'multi-attr'?: boolean
  struct?: string
  enum?: string
  'enum-as-flags'?: boolean
  'display-hint'?: string
  'sub-message'?: string
  selector?: string
  len?: number | string
}

export interface SpecSet {
  name: string
  'subset-of'?: string
  attributes: SpecAttribute[]
}

export interface SpecDefinition {
  name: string
  type: 'enum' | 'flags' | 'struct' | 'const'
  'value-start'?: number
  entries?: (string | { name: string; value?: number })[]
  members?: SpecAttribute[]
}

export interface Spec {
  definitions: SpecDefinition[]
  'attribute-sets': SpecSet[]
  'sub-messages'?: {
    name: string
    formats: { value: string; 'attribute-set'?: string; 'fixed-header'?: string }[]
  }[]
}

const BESIDE = new URL('../../../shared/specs/', import.meta.url)

/** Reads a description, 'rt-link'; null where there is none: then `noSpec` says why. */
export function loadSpec(name: string): Spec | null {
  const place = specPlace(name)
  return existsSync(place) ? (parse(readFileSync(place, 'utf8')) as Spec) : null
}

/** Why a test skips without a description. */
export const noSpec = (name: string): string =>
  `cannot be installed: there is no ${specPlace(name)} (NETLINK_SPECS names a directory: the kernel's Documentation/netlink/specs)`

function specPlace(name: string): string {
  const directory = process.env['NETLINK_SPECS']
  return directory === undefined ? new URL(`${name}.yaml`, BESIDE).pathname : `${directory}/${name}.yaml`
}

/** The attributes of a set with their numbers: each is one more than the one before, from 1. A subset has those of the whole. */
export function numbered(spec: Spec, set: SpecSet): (SpecAttribute & { number: number })[] {
  const parent = spec['attribute-sets'].find(({ name }) => name === set['subset-of'])
  if (parent !== undefined) {
    const whole = numbered(spec, parent)
    return set.attributes.map((attribute) => ({
      ...whole.find(({ name }) => name === attribute.name)!,
      ...attribute,
    }))
  }
  let next = 1
  return set.attributes.map((attribute) => {
    const number = attribute.value ?? next
    next = number + 1
    return { ...attribute, number }
  })
}

/** The entries of an enum with their numbers, or of flags with their bits. */
export function entriesOf({
  type,
  entries = [],
  'value-start': start = 0,
}: SpecDefinition): { name: string; value: number }[] {
  let next = start
  return entries.map((entry) => {
    const name = typeof entry === 'string' ? entry : entry.name
    const given = typeof entry === 'string' ? undefined : entry.value
    const position = given ?? next
    next = position + 1
    return { name, value: type === 'flags' ? 2 ** position : position }
  })
}
