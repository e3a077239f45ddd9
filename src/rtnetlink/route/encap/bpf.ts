import { attributes, flagged, type Infer, nested, string, u32 } from '../../../codec/index.js'
import type { Extack } from '../../../netlink/extack.js'
import * as c from './constants.js'

const program = attributes('LWT_BPF_PROG', {
  fd: [c.LWT_BPF_PROG_FD, u32],
  name: [c.LWT_BPF_PROG_NAME, string],
})

/** enum LWT_BPF_* */
export const bpfEncap = attributes('LWT_BPF', {
  in: [c.LWT_BPF_IN, flagged(nested(program))],
  out: [c.LWT_BPF_OUT, flagged(nested(program))],
  xmit: [c.LWT_BPF_XMIT, flagged(nested(program))],
  xmitHeadroom: [c.LWT_BPF_XMIT_HEADROOM, u32],
})

/**
 * Programs that packets of the route pass, by their descriptors and names: coming in, going out, being sent. Read back, they have names
 * alone. linux/lwtunnel.h
 */
export interface BpfEncap extends Omit<Infer<typeof bpfEncap>, 'unknown'> {
  type: 'bpf'
}

/** By when they run: enum bpf_prog_type of linux/bpf.h. */
const PROGRAMS = { in: 'LWT_IN', out: 'LWT_OUT', xmit: 'LWT_XMIT' } as const
const MAX_HEADROOM = 256

/** Advice about programs that were refused, of which the kernel says nothing (bpf_build_state() of net/core/lwt_bpf.c). */
export function adviseBpf(
  code: string,
  { message }: Extack,
  { in: incoming, out, xmit, xmitHeadroom }: Infer<typeof bpfEncap>,
): string | undefined {
  if (message !== null) return undefined
  if (code === 'ERANGE' && xmitHeadroom !== undefined)
    return `encap.xmitHeadroom: ${xmitHeadroom} is above ${MAX_HEADROOM}`
  if (code !== 'EBADF' && code !== 'EINVAL') return undefined
  const given = Object.entries({ in: incoming, out, xmit }).filter(([, one]) => one !== undefined)
  if (given.length === 0) return "encap: one of type 'bpf' needs a program: in, out or xmit"
  return given
    .map(([when, { fd, name } = {}]) => {
      if (fd === undefined || name === undefined)
        return `encap.${when}: it needs the fd of a program, and a name`
      return `perhaps encap.${when}.fd: ${fd} is no descriptor of a program of type ${PROGRAMS[when as keyof typeof PROGRAMS]}`
    })
    .join('; ')
}
