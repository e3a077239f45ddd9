/** linux/if_link.h, IFLA_XDP_*: a BPF program that sees packets before anything else does. */

import {
  attributes,
  enumeration,
  flags,
  type Infer,
  names,
  type OneOf,
  s32,
  u8,
  u32,
} from '../../codec/index.js'

/** Where the program runs, XDP_ATTACHED_*; 'multi' is several at once. */
export const xdpModes = names({ none: 0, driver: 1, generic: 2, offload: 3, multi: 4 })
/**
 * Where an XDP program runs: in the network stack ('generic'), in the driver, on the card ('offload'). XDP_ATTACHED_* of linux/if_link.h.
 */
export type XdpMode = keyof typeof xdpModes.numbers

/** XDP_FLAGS_* */
export const xdpFlags = names({ update_if_noexist: 1, generic: 2, driver: 4, offload: 8, replace: 16 })
/** How an XDP program is to be attached: XDP_FLAGS_* of linux/if_link.h. */
export type XdpFlag = keyof typeof xdpFlags.numbers

/** enum IFLA_XDP_* */
export const xdpAttributes = attributes('IFLA_XDP', {
  fd: [1, s32],
  attached: [2, enumeration(u8, xdpModes)],
  flags: [3, flags(u32, xdpFlags)],
  progId: [4, u32],
  drvProgId: [5, u32],
  skbProgId: [6, u32],
  hwProgId: [7, u32],
  expectedFd: [8, s32],
})

/** Where a program can run, and the attribute that tells of one there; in the order of `ip link`. */
export const xdpPlaces = [
  { mode: 'generic', attribute: 'skbProgId' },
  { mode: 'driver', attribute: 'drvProgId' },
  { mode: 'offload', attribute: 'hwProgId' },
] as const satisfies readonly { mode: XdpMode & XdpFlag; attribute: keyof Infer<typeof xdpAttributes> }[]
/** One of the places where a program can run. */
export type XdpPlace = (typeof xdpPlaces)[number]['mode']

/** The XDP programs on an interface. */
export interface LinkXdp {
  /** Where the program runs; 'multi' where several do, each in another place. */
  readonly mode: OneOf<XdpMode>
  /** The program's id; null where several are attached. */
  readonly progId: number | null
  /** Each program and where it runs, one alone too. */
  readonly attached: readonly AttachedXdp[]
}

/** One XDP program on an interface. */
export interface AttachedXdp {
  readonly mode: XdpPlace
  readonly progId: number
}

/** The programs of an interface; null without any. */
export function toXdp(xdp: Infer<typeof xdpAttributes> | null): LinkXdp | null {
  if (xdp?.attached === undefined || xdp.attached === 'none') return null
  const attached = xdpPlaces.flatMap(({ mode, attribute }) => {
    const progId = xdp[attribute]
    return progId === undefined ? [] : [{ mode, progId }]
  })
  return { mode: xdp.attached, progId: xdp.progId ?? null, attached }
}
