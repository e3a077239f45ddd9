/**
 * Raw netlink datagrams out of strace's output. strace decodes netlink structures in the arguments, so the
 * bytes come from the hexadecimal dump that `-e write=all` prints below each call.
 */

/** The options under which strace prints what {@link parseTrace} reads. */
export const STRACE_OPTIONS = [
  '-f',
  '-e',
  'trace=socket,sendto,sendmsg,sendmmsg',
  '-e',
  'write=all',
  '-e',
  'signal=none',
]

/** Where no message may reach the kernel: each call ends before it begins. */
export const UNSENT_OPTIONS = [
  '-f',
  '-e',
  'trace=socket,sendto,sendmsg,sendmmsg,recvmsg',
  '-e',
  'write=all',
  '-e',
  'signal=none',
  '-e',
  'inject=sendto,sendmsg,sendmmsg:retval=1',
  '-e',
  'inject=recvmsg:error=ECONNRESET',
]

/** One datagram as it was given to the kernel. */
export interface SentDatagram {
  /** Whether it left through the first netlink socket that the command opened. */
  firstSocket: boolean
  bytes: Uint8Array
}

const CALL = /^(?:\d+ +)?(socket|sendto|sendmsg|sendmmsg)\((.*)$/
const RESULT = / = (-?\d+)(?: .*)?$/
const DUMP = /^ \| [0-9a-f]{5} ((?: {1,2}[0-9a-f]{2}){1,16})/

/**
 * Reads the netlink datagrams that a traced command sent, in order.
 *
 * @throws Error when a call was interrupted in the output, failed, or its dump has not the length it returned.
 */
export function parseTrace(trace: string): SentDatagram[] {
  const sockets = new Set<number>()
  const datagrams: SentDatagram[] = []
  let first: number | undefined
  let current: { fd: number; length: number | null; bytes: number[] } | undefined

  const finish = () => {
    if (!current || !sockets.has(current.fd)) return
    const { fd, length, bytes } = current
    if (length !== null && bytes.length !== length)
      throw new Error(`strace printed ${bytes.length} of ${length} bytes`)
    datagrams.push({ firstSocket: fd === first, bytes: Uint8Array.from(bytes) })
  }

  for (const line of trace.split('\n')) {
    const dump = DUMP.exec(line)
    if (dump) {
      for (const byte of dump[1]!.trim().split(/ +/)) current?.bytes.push(Number.parseInt(byte, 16))
      continue
    }
    const call = CALL.exec(line)
    if (!call) continue
    finish()
    current = undefined
    const result = Number(RESULT.exec(line)?.[1] ?? Number.NaN)
    if (!(result >= 0)) throw new Error(`call failed or not on one line: ${line}`)
    if (call[1] === 'sendmmsg') throw new Error(`sendmmsg is not understood: ${line}`)
    if (call[1] === 'socket') {
      if (!call[2]!.startsWith('AF_NETLINK')) continue
      sockets.add(result)
      first ??= result
    } else {
      current = {
        fd: Number.parseInt(call[2]!, 10),
        length: line.endsWith('(INJECTED)') ? null : result,
        bytes: [],
      }
    }
  }
  finish()
  return datagrams
}
