import { show } from '../../codec/fault.js'
import { Attributes, type Infer } from '../../codec/index.js'
import { checkInteger, checkKeys } from '../../netlink/check.js'
import { type Channel, type Operation, requestOne } from '../../netlink/operation.js'
import { getLinkRequest } from './request.js'
import { ifinfomsg, linkAttributes } from './table.js'
import type { XdpFlag, xdpAttributes } from './xdp.js'
import { xdpFlags, xdpPlaces } from './xdp.js'

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

type XdpAttributes = Infer<typeof xdpAttributes>

/**
 * IFLA_XDP of a change, one for each request that it takes. A program is taken away from where it runs: the kernel leaves one in another
 * place alone, so that we look.
 */
export function* xdpChanges(
  channel: Channel,
  ifindex: number,
  xdp: SetXdp | null | undefined,
): Operation<readonly XdpAttributes[]> {
  if (xdp === undefined) return []
  if (xdp !== null) return [{ fd: xdp.fd, flags: xdp.flags, expectedFd: xdp.expectedFd }]
  const attached = yield* requestOne(channel, { ...getLinkRequest(ifindex), read: readXdp })
  return xdpPlaces
    .filter(({ attribute }) => attached[attribute] !== undefined)
    .map(({ mode }) => ({ fd: NO_PROGRAM, flags: [mode] }))
}

function readXdp(bytes: Uint8Array, start: number, end: number): XdpAttributes {
  const found = new Attributes(linkAttributes).load(bytes, start + ifinfomsg.size, end)
  return found.get(linkAttributes.field.xdp) ?? {}
}
