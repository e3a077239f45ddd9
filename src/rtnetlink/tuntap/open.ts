/** How TUN and TAP devices are opened: linux/if_tun.h. */

import { checkBoolean, checkKnown } from '../../netlink/check.js'
import { SystemError } from '../../netlink/errors.js'
import type { OpenNetns, Operation } from '../../netlink/operation.js'
import { primitive } from '../../netlink/primitives.js'

const MODES = { tun: 0x0001, tap: 0x0002 } as const
const IFF_MULTI_QUEUE = 0x0100
const IFF_NO_PI = 0x1000
const IFF_VNET_HDR = 0x4000
/** Fail where the device is there. */
const IFF_TUN_EXCL = 0x8000

/** What a device is like; it is opened as it was made. */
export interface TuntapMode {
  /** 'tun': packets of IP. 'tap': frames of Ethernet. */
  mode: keyof typeof MODES
  /** It can be opened several times, each descriptor a queue of its own. */
  multiQueue?: boolean | undefined
  /** A struct virtio_net_hdr of 10 bytes stands before each packet (offloads, for virtual machines). */
  vnetHdr?: boolean | undefined
  /** A struct tun_pi of 4 bytes (flags, Ethernet type) stands before each packet. */
  packetInfo?: boolean | undefined
}

export const TUNTAP_MODE = [
  'mode',
  'multiQueue',
  'vnetHdr',
  'packetInfo',
] as const satisfies (keyof TuntapMode)[]

/** Throws for what cannot be. */
export function checkMode(options: TuntapMode): void {
  checkKnown(options.mode, 'mode', MODES)
  for (const field of ['multiQueue', 'vnetHdr', 'packetInfo'] as const)
    if (options[field] !== undefined) checkBoolean(options[field], field)
}

/** Makes a device that stays; -1 for no owner and no group. */
export function* createTun(
  netns: OpenNetns | null,
  name: string,
  mode: TuntapMode,
  owner: number,
  group: number,
): Operation<void> {
  const flags = flagsOf(mode) | IFF_TUN_EXCL
  yield* explained(netns, name, mode, true, primitive('createTun', netns, name, flags, owner, group))
}

/** Opens a device, which is made where there is none: its descriptor. */
export function* openTun(netns: OpenNetns | null, name: string, mode: TuntapMode): Operation<number> {
  return yield* explained(netns, name, mode, false, primitive('openTun', netns, name, flagsOf(mode)))
}

function flagsOf({ mode, multiQueue = false, vnetHdr = false, packetInfo = false }: TuntapMode): number {
  return (
    MODES[mode] |
    (multiQueue ? IFF_MULTI_QUEUE : 0) |
    (vnetHdr ? IFF_VNET_HDR : 0) |
    (packetInfo ? 0 : IFF_NO_PI)
  )
}

function* explained<T>(
  netns: OpenNetns | null,
  name: string,
  { mode }: TuntapMode,
  isNew: boolean,
  opening: Operation<T>,
): Operation<T> {
  try {
    return yield* opening
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const { code, errno, syscall } = error
    throw new SystemError({
      errno,
      syscall,
      subject: `${mode} device '${name}'${netns === null ? '' : ` in ${netns.label}`}`,
      advice: syscall === 'open' ? adviseOpen(code) : adviseAttach(code, isNew),
    })
  }
}

function adviseOpen(code: string): string | undefined {
  switch (code) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return '/dev/net/tun is not there, or the kernel lacks its driver: modprobe tun; in a container, mknod /dev/net/tun c 10 200'
    case 'EACCES':
    case 'EPERM':
      return 'this user, or this container, may not open /dev/net/tun'
    default:
      return undefined
  }
}

function adviseAttach(code: string, isNew: boolean): string | undefined {
  switch (code) {
    case 'EBUSY':
      return isNew
        ? 'an interface with this name exists already'
        : 'it is open already, and only a device that was made with multiQueue can be opened several times'
    case 'EINVAL':
      return 'there is an interface of this name that is no such device, or was made with another mode or other options'
    case 'EPERM':
      return 'needs CAP_NET_ADMIN in the user namespace that owns the network namespace, or to be the user or the group of the device'
    default:
      return undefined
  }
}
