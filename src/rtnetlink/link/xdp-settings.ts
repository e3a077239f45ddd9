import { show } from '../../codec/fault.js'
import type { Infer } from '../../codec/index.js'
import { checkInteger, checkKeys } from '../../netlink/check.js'
import type { XdpFlag, xdpAttributes } from './xdp.js'
import { xdpFlags } from './xdp.js'

/** A BPF program to attach. */
export interface SetXdp {
  /** The descriptor of a loaded program of type BPF_PROG_TYPE_XDP. */
  fd: number
  /** Where it is to run ('driver', 'generic', 'offload'), and 'update_if_noexist', 'replace'. */
  flags?: readonly XdpFlag[] | undefined
  /** With 'replace': a descriptor of the program that has to be there. */
  expectedFd?: number | undefined
}

/** Throws for what is no program to attach. */
export function checkXdp(xdp: SetXdp): void {
  checkKeys('xdp', xdp, ['fd', 'flags', 'expectedFd'])
  checkInteger(xdp.fd, 'xdp.fd', 0, 0x7fffffff, 'a descriptor')
  if (xdp.expectedFd !== undefined)
    checkInteger(xdp.expectedFd, 'xdp.expectedFd', 0, 0x7fffffff, 'a descriptor')
  for (const flag of xdp.flags ?? [])
    if (!Object.hasOwn(xdpFlags.numbers, flag))
      throw new RangeError(
        `xdp.flags: ${show(flag)} is not one of ${Object.keys(xdpFlags.numbers).join(', ')}`,
      )
}

const NO_PROGRAM = -1

/** IFLA_XDP: a descriptor of -1 takes the program away. */
export function xdpAttributesOf(xdp: SetXdp | null | undefined): Infer<typeof xdpAttributes> | undefined {
  if (xdp === undefined) return undefined
  if (xdp === null) return { fd: NO_PROGRAM }
  return { fd: xdp.fd, flags: xdp.flags, expectedFd: xdp.expectedFd }
}
