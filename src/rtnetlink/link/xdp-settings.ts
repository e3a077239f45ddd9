import { show } from '../../codec/fault.js'
import { Attributes, type Infer } from '../../codec/index.js'
import { checkInteger, checkKeys } from '../../netlink/check.js'
import { SystemError } from '../../netlink/errors.js'
import { type Channel, type Operation, requestOne } from '../../netlink/operation.js'
import { type OpenFile, primitive } from '../../netlink/primitives.js'
import { getLinkRequest } from './request.js'
import { ifinfomsg, linkAttributes } from './table.js'
import type { XdpFlag, xdpAttributes } from './xdp.js'
import { xdpFlags, xdpPlaces } from './xdp.js'

/** A BPF program to attach, of type BPF_PROG_TYPE_XDP: by its descriptor, or by where it is pinned. */
export type SetXdp = AttachXdp &
  (
    | {
        /** The descriptor of a loaded program. */
        fd: number
        pinned?: undefined
      }
    | {
        /** A path of a BPF filesystem, as this process sees it (not as `ip -n` does, which mounts /sys anew). */
        pinned: string
        fd?: undefined
      }
  )

/** How a program is attached. */
export interface AttachXdp {
  /** Where it is to run ('driver', 'generic', 'offload'), and 'update_if_noexist', 'replace'. */
  flags?: readonly XdpFlag[] | undefined
  /** With 'replace': a descriptor of the program that has to be there. */
  expectedFd?: number | undefined
}

/** Throws for what is no program to attach. */
export function checkXdp(xdp: SetXdp): void {
  checkKeys('xdp', xdp, ['fd', 'pinned', 'flags', 'expectedFd'])
  if (xdp.pinned === undefined) checkInteger(xdp.fd, 'xdp.fd', 0, 0x7fffffff, 'a descriptor')
  else checkPinned(xdp.pinned, xdp.fd)
  if (xdp.expectedFd !== undefined)
    checkInteger(xdp.expectedFd, 'xdp.expectedFd', 0, 0x7fffffff, 'a descriptor')
  for (const flag of xdp.flags ?? [])
    if (!Object.hasOwn(xdpFlags.numbers, flag))
      throw new RangeError(
        `xdp.flags: ${show(flag)} is not one of ${Object.keys(xdpFlags.numbers).join(', ')}`,
      )
}

function checkPinned(path: unknown, fd: unknown): void {
  if (fd !== undefined) throw new TypeError('xdp.pinned: not with xdp.fd')
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw new TypeError(`xdp.pinned: ${show(path)} is not a path`)
}

/** Runs `work` with the program that is pinned, held open meanwhile; null where it is given by its descriptor, or none is. */
export function* withProgram<T>(
  xdp: SetXdp | null | undefined,
  work: (program: OpenFile | null) => Operation<T>,
): Operation<T> {
  if (xdp?.pinned === undefined) return yield* work(null)
  const program = yield* openProgram(xdp.pinned)
  try {
    return yield* work(program)
  } finally {
    program.release()
  }
}

function* openProgram(path: string): Operation<OpenFile> {
  try {
    return yield* primitive('openPinned', path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const { code, errno, syscall } = error
    throw new SystemError({ errno, syscall, subject: `xdp.pinned '${path}'`, advice: ADVICE[code] })
  }
}

/** bpf_obj_do_get() of the kernel's kernel/bpf/inode.c, and __sys_bpf(). */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'nothing is pinned there in the mount namespace of this process',
  EACCES: 'it is no object of a BPF filesystem, or not readable and writable for this user',
  EPERM: 'needs CAP_BPF, where kernel.unprivileged_bpf_disabled is set',
  ENOSYS: 'the kernel has no bpf(2)',
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
  program: OpenFile | null,
): Operation<readonly XdpAttributes[]> {
  if (xdp === undefined) return []
  if (xdp !== null) return [{ fd: program?.fd ?? xdp.fd, flags: xdp.flags, expectedFd: xdp.expectedFd }]
  const attached = yield* requestOne(channel, { ...getLinkRequest(ifindex), read: readXdp })
  return xdpPlaces
    .filter(({ attribute }) => attached[attribute] !== undefined)
    .map(({ mode }) => ({ fd: NO_PROGRAM, flags: [mode] }))
}

function readXdp(bytes: Uint8Array, start: number, end: number): XdpAttributes {
  const found = new Attributes(linkAttributes).load(bytes, start + ifinfomsg.size, end)
  return found.get(linkAttributes.field.xdp) ?? {}
}
