import { getBe32, putBe32 } from '../../../codec/bytes.js'
import { encodeEach } from '../../../codec/encode.js'
import { malformed, outOfRange, type Type } from '../../../codec/index.js'

const SIZE = 4
const MAX_LABEL = 0xfffff
const LABEL_SHIFT = 12
/** The last one of a stack. */
const BOTTOM = 0x100

/**
 * MPLS labels, the outermost first, as a stack (RFC 3032, linux/mpls.h): of each the kernel looks at the label and at the bit that marks
 * the last one.
 */
export const labels: Type<readonly number[]> = {
  label: 'labels',
  size: 0,
  encode(out, value) {
    encodeEach(value, (label, index) => {
      if (!Number.isInteger(label) || (label as number) < 0 || (label as number) > MAX_LABEL)
        throw outOfRange(label, `an MPLS label from 0 to ${MAX_LABEL}`)
      const at = out.reserve(SIZE)
      putBe32(out.bytes, at, ((label as number) << LABEL_SHIFT) | (index === value.length - 1 ? BOTTOM : 0))
    })
  },
  decode(bytes, start, end) {
    if ((end - start) % SIZE !== 0)
      throw malformed(`${end - start} bytes where each label has ${SIZE}`, start)
    const list: number[] = []
    for (let at = start; at < end; at += SIZE) list.push(getBe32(bytes, at) >>> LABEL_SHIFT)
    return list
  },
}
