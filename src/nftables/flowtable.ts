/** Flowtables: connections whose packets pass the rules by, from one device to another. */

import type { AnyOf, Body, OneOf, RawAttribute } from '../codec/index.js'
import { checkKeys } from '../netlink/check.js'
import type { Request } from '../netlink/request.js'
import { change, type Making, type Meaning, makingFlags } from './change.js'
import {
  devicesAlone,
  devicesFor,
  devicesOf,
  HOOK_KEYS,
  missingDevice,
  needsPrefixes,
  type UnknownOfHook,
  type UnknownOfHookInput,
  unknownOfHook,
} from './devices.js'
import { type PriorityName, priorityNumber } from './hooks.js'
import {
  anyOf,
  checkName,
  described,
  familyNumber,
  type NftRef,
  nameOrHandle,
  rawFor,
  type UnknownInput,
  unknownFor,
} from './input.js'
import { delFlowtable, destroyFlowtable, newFlowtable } from './messages.js'
import { type FlowtableFlag, families, flowtableFlags, type NftFamily } from './names.js'

/** A flowtable as the kernel has it. See enum nft_flowtable_attributes of linux/netfilter/nf_tables.h. */
export interface NftFlowtable extends UnknownOfHook {
  readonly family: OneOf<NftFamily>
  readonly table: string
  readonly name: string
  readonly handle: number
  /** Among what hooks into the ingress of its devices. */
  readonly priority: number
  readonly devices: readonly string[]
  readonly flags: AnyOf<FlowtableFlag>
  /** How many rules refer to it. */
  readonly use: number
  /** Attributes that this library does not know. */
  readonly unknown: readonly RawAttribute[]
}

/** A flowtable to add. */
export interface NftFlowtableInput extends UnknownInput, UnknownOfHookInput {
  family: OneOf<NftFamily>
  table: string
  name: string
  priority: number | PriorityName | (string & {})
  /** Of a flowtable that is there already: those that it gets besides. */
  devices: readonly string[]
  flags?: AnyOf<FlowtableFlag> | null | undefined
  handle?: number | undefined
  use?: number | undefined
}

/** Which flowtable: by its name, or by its handle where there is no name. */
export interface NftFlowtableRef extends NftRef {
  /**
   * Without `priority` these alone are taken out of it (Linux 5.13), which all have to be there, also for destroyFlowtable() where the flowtable
   * is; with it the flowtable is deleted.
   */
  devices?: readonly string[] | undefined
}

const KEYS = [
  'family',
  'table',
  'name',
  'priority',
  'devices',
  'flags',
  'handle',
  'use',
  'unknown',
  ...HOOK_KEYS,
]
/** NF_NETDEV_INGRESS */
const INGRESS = 0

/** NFT_MSG_NEWFLOWTABLE */
export function addFlowtable(input: NftFlowtableInput, making: Making): Request {
  checkKeys(`${making}Flowtable`, input, KEYS)
  const family = familyNumber(input.family)
  const attributes = {
    table: checkName(input.table, 'table'),
    name: checkName(input.name, 'name'),
    hook: {
      num: INGRESS,
      priority: priorityNumber(family, input.priority),
      devs: devicesFor(input.devices, input.devicesUnknown),
      unknown: rawFor(input.hookUnknown, 'hookUnknown'),
    },
    flags: anyOf(flowtableFlags, input.flags, 'flags'),
    unknown: unknownFor(input),
  }
  const meaning: Meaning = (code, path) => {
    if (code === 'ENOENT' && path === null)
      return `this kernel has no flowtables in the family ${String(input.family)}, or a device is not there`
    return missingDevice(code, path, attributes.hook)
  }
  return change(newFlowtable, family, attributes, makingFlags(making), described('flowtable', input), meaning)
}

/** What is not there where the kernel points at one of these is no device. */
const OF_THE_WHOLE: readonly (string | null)[] = ['table', 'name', 'handle']

/** NFT_MSG_DELFLOWTABLE, or NFT_MSG_DESTROYFLOWTABLE (Linux 6.3), to which an absent one is no error. */
export function deleteFlowtable(ref: NftFlowtableRef, destroy: boolean): Request {
  const call = destroy ? 'destroyFlowtable' : 'deleteFlowtable'
  checkKeys(call, ref, KEYS)
  const devs = devicesAlone(ref, 'priority')
  const attributes = {
    table: checkName(ref.table, 'table'),
    ...nameOrHandle(ref),
    hook: devs && { devs },
  }
  const meaning: Meaning = (code, path) => {
    if (devs === undefined) return undefined
    if (code === 'ENOENT' && !OF_THE_WHOLE.includes(path)) return 'it lacks one of the devices'
    return (
      needsPrefixes(code, devs) ??
      (code === 'EINVAL' ? 'devices alone are taken out from Linux 5.13 on' : undefined)
    )
  }
  const message = destroy ? destroyFlowtable : delFlowtable
  return change(message, familyNumber(ref.family), attributes, 0, described('flowtable', ref), meaning)
}

/** Reads a NFT_MSG_NEWFLOWTABLE. */
export function flowtableOf({ header, attributes: found }: Body<typeof newFlowtable>): NftFlowtable {
  const { hook } = found
  return {
    family: families.toName(header.family ?? 0),
    table: found.table ?? '',
    name: found.name ?? '',
    handle: found.handle ?? 0,
    priority: hook?.priority ?? 0,
    devices: devicesOf(hook?.devs),
    flags: found.flags ?? [],
    use: found.use ?? 0,
    unknown: found.unknown ?? [],
    ...unknownOfHook(hook),
  }
}
