import { attributes, flagged, type Infer, nested, string, u32 } from '../../../codec/index.js'
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
