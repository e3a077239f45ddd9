/** The devices of a hook: names, or with '*' at the end all whose names begin so (Linux 6.16). */

import { show } from '../codec/fault.js'
import type { RawAttribute } from '../codec/index.js'
import { checkDevice, rawFor } from './input.js'

/** Attributes of enum nft_devices_attributes. */
export interface DeviceNames {
  name?: readonly string[] | undefined
  prefix?: readonly string[] | undefined
  unknown?: RawAttribute[] | undefined
}

/** What is not known of a hook, as it was read. */
export interface UnknownOfHook {
  /** Attributes of the hook that this library does not know (NFTA_HOOK, NFTA_FLOWTABLE_HOOK). */
  readonly hookUnknown: readonly RawAttribute[]
  /** The same among its devices (NFTA_DEVICE). */
  readonly devicesUnknown: readonly RawAttribute[]
}

/** To be written again. */
export type UnknownOfHookInput = { readonly [K in keyof UnknownOfHook]?: UnknownOfHook[K] | undefined }

export const HOOK_KEYS = ['hookUnknown', 'devicesUnknown'] as const

/** Reads them. */
export function unknownOfHook(
  hook: { unknown?: RawAttribute[] | undefined; devs?: DeviceNames | undefined } | undefined,
): UnknownOfHook {
  return { hookUnknown: hook?.unknown ?? [], devicesUnknown: hook?.devs?.unknown ?? [] }
}

/** What an error means where names end with '*': the kernel takes no other attribute than a whole name. */
export function needsPrefixes(code: string, devices: DeviceNames | undefined): string | undefined {
  return code === 'EINVAL' && devices?.prefix !== undefined
    ? 'devices by the beginning of their names need Linux 6.16'
    : undefined
}

/** What an error of a thing that is to have devices means for these. Before Linux 6.4 the kernel does not say which of them is not there. */
export function missingDevice(
  code: string,
  path: string | null,
  { dev, devs }: { readonly dev?: string | undefined; readonly devs?: DeviceNames | undefined },
): string | undefined {
  const names = dev === undefined ? (devs?.name ?? []) : [dev]
  if (code !== 'ENOENT' || names.length === 0) return needsPrefixes(code, devs)
  if (path === null && names.length > 1) return 'one of the devices is not there'
  const place = /^hook\.dev(?:s\.name(?:\[(\d+)\])?)?$/.exec(path ?? 'hook.dev')
  return place === null ? undefined : `there is no interface '${names[Number(place[1] ?? 0)]}'`
}

/** The names of devices, checked, as the kernel takes them. */
export function devicesFor(value: unknown, unknown?: readonly RawAttribute[]): DeviceNames {
  if (!Array.isArray(value)) throw new TypeError(`devices: ${show(value)} is not an array of names`)
  const names = value.map((device, i) => checkDevice(device, `devices[${i}]`))
  if (names.includes('*'))
    throw new RangeError(
      `devices[${names.indexOf('*')}]: '*' alone is every device, those of the machine itself too`,
    )
  const twice = names.findIndex((name, i) => names.indexOf(name) < i)
  if (twice >= 0) throw new RangeError(`devices[${twice}]: ${show(names[twice])} is among them already`)
  const patterns = names.filter((name) => name.endsWith('*'))
  for (const pattern of patterns) {
    const covered = names.find((name) => name !== pattern && name.startsWith(pattern.slice(0, -1)))
    if (covered !== undefined)
      throw new RangeError(`devices: ${show(covered)} is among those that ${show(pattern)} stands for`)
  }
  const plain = names.filter((name) => !name.endsWith('*'))
  return {
    ...(plain.length > 0 && { name: plain }),
    ...(patterns.length > 0 && { prefix: patterns.map((name) => name.slice(0, -1)) }),
    unknown: rawFor(unknown, 'devicesUnknown'),
  }
}

/**
 * The devices alone that are to be taken out of a thing; undefined for the whole of it, as one that was made or listed has its hook besides.
 * What was listed without a hook says so, and has no devices.
 */
export function devicesAlone(ref: object, hook: 'hook' | 'priority'): DeviceNames | undefined {
  const { devices: given, [hook]: own } = ref as Readonly<Record<string, unknown>>
  if (given == null || own != null) return undefined
  if (own === null && Array.isArray(given) && given.length === 0) return undefined
  const devices = devicesFor(given)
  if (devices.name === undefined && devices.prefix === undefined)
    throw new RangeError('devices: there is none to be taken out')
  return devices
}

/** The names of devices as callers have them. */
export function devicesOf({ name = [], prefix = [] }: DeviceNames = {}): string[] {
  return [...name, ...prefix.map((it) => `${it}*`)]
}
