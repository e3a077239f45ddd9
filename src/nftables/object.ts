/** Stateful objects: counters, quotas, limits and the like, which rules and maps refer to by name. */

import { show } from '../codec/fault.js'
import type { Body, Chosen, Infer, OneOf, RawAttribute } from '../codec/index.js'
import { checkKeys } from '../netlink/check.js'
import type { Request } from '../netlink/request.js'
import { change, type Making, type Meaning, makingFlags } from './change.js'
import type { Expression } from './expression.js'
import {
  checkName,
  described,
  familyNumber,
  type NftRef,
  nameOrHandle,
  oneOf,
  type UnknownInput,
  unknownFor,
} from './input.js'
import { delObject, destroyObject, newObject } from './messages.js'
import { families, type NftFamily, type ObjectType, objectTypes } from './names.js'
import type { objects } from './objects/registry.js'
import { commentOf, type UserdataInput, userdataFor } from './userdata.js'
import { writable } from './writable.js'

/** What an object of each type holds; bytes for a type that this library does not know. */
export type ObjectData = { [K in keyof typeof objects]: Infer<(typeof objects)[K]> }[keyof typeof objects]

/** An object as the kernel has it. See enum nft_object_attributes of linux/netfilter/nf_tables.h. */
export interface NftObject {
  readonly family: OneOf<NftFamily>
  readonly table: string
  readonly name: string
  readonly type: OneOf<ObjectType>
  readonly handle: number
  /** `{ packets: 5n, bytes: 500n }` of a counter, and so on: the attributes of src/nftables/objects/. */
  readonly data: ObjectData | Uint8Array
  /** How many rules and elements refer to it. */
  readonly use: number
  readonly comment: string | null
  readonly userdata: Uint8Array | null
  /** Attributes that this library does not know. */
  readonly unknown: readonly RawAttribute[]
}

/** An object to add. */
export interface NftObjectInput extends UserdataInput, UnknownInput {
  family: OneOf<NftFamily>
  table: string
  name: string
  type: OneOf<ObjectType>
  data?: ObjectData | Uint8Array | undefined
  handle?: number | undefined
  use?: number | undefined
}

/** Which object: by its type and its name, or its handle where there is no name. */
export interface NftObjectRef extends NftRef {
  type: OneOf<ObjectType>
}

const KEYS = ['family', 'table', 'name', 'type', 'data', 'handle', 'use', 'comment', 'userdata', 'unknown']

/** NFT_MSG_NEWOBJ */
export function addObject(input: NftObjectInput, making: Making): Request {
  checkKeys(`${making}Object`, input, KEYS)
  const { data = {} } = input
  if (typeof data !== 'object' || data === null) throw new TypeError(`data: ${show(data)} is not an object`)
  const type = objectTypes.toName(oneOf(objectTypes, input.type, 'type'))
  if (input.data != null && !(data instanceof Uint8Array))
    for (const field of NEEDED[type] ?? [])
      if ((data as Readonly<Record<string, unknown>>)[field] == null)
        throw new TypeError(`data.${field}: an object of type '${type}' needs it`)
  const attributes = {
    table: checkName(input.table, 'table'),
    name: checkName(input.name, 'name'),
    type,
    userdata: userdataFor(input),
    unknown: unknownFor(input),
    // A quota is the same as an expression and as an object.
    data: writable({ name: String(type), data } as Expression).data as Chosen,
  }
  const meaning: Meaning = (code, path) => {
    if (code === 'ENOENT' && path === null) return lacking(String(input.type), String(input.family))
    return code === 'EINVAL' && input.data == null ? `objects of type '${input.type}' need data` : undefined
  }
  const family = familyNumber(input.family)
  return change(
    newObject,
    family,
    attributes,
    makingFlags(making),
    described(String(input.type), input),
    meaning,
  )
}

/** What the functions `init` of objects refuse to do without (EINVAL): net/netfilter/nft_quota.c, nft_limit.c, nft_ct.c and so on. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  quota: ['bytes'],
  limit: ['rate', 'unit'],
  connlimit: ['count'],
  'ct-helper': ['name', 'l4proto'],
  'ct-timeout': ['l4proto', 'data'],
  secmark: ['ctx'],
  tunnel: ['id'],
  'ct-expect': ['l4proto', 'dport', 'timeout', 'size'],
}

/** What an object refers to, which the kernel can lack, too. */
const REFERS: Readonly<Record<string, string>> = {
  'ct-helper': 'has not that helper',
  secmark: 'has no security module that knows that context',
}

function lacking(type: string, family: string): string {
  const why = REFERS[type]
  return `this kernel ${why === undefined ? '' : `${why}, or `}has no objects of type '${type}' in the family ${family}`
}

/** NFT_MSG_DELOBJ, or NFT_MSG_DESTROYOBJ (Linux 6.3), to which an absent object is no error. */
export function deleteObject(ref: NftObjectRef, destroy: boolean): Request {
  checkKeys(destroy ? 'destroyObject' : 'deleteObject', ref, KEYS)
  const attributes = {
    table: checkName(ref.table, 'table'),
    ...nameOrHandle(ref),
    type: objectTypes.toName(oneOf(objectTypes, ref.type, 'type')),
  }
  return change(
    destroy ? destroyObject : delObject,
    familyNumber(ref.family),
    attributes,
    0,
    described(String(ref.type), ref),
  )
}

/** Reads a NFT_MSG_NEWOBJ. */
export function objectOf({ header, attributes: found }: Body<typeof newObject>): NftObject {
  return {
    family: families.toName(header.family ?? 0),
    table: found.table ?? '',
    name: found.name ?? '',
    type: found.type ?? 'unspec',
    handle: found.handle ?? 0,
    data: (found.data ?? {}) as ObjectData | Uint8Array,
    use: found.use ?? 0,
    comment: commentOf(found.userdata),
    userdata: found.userdata ?? null,
    unknown: found.unknown ?? [],
  }
}
