import { encodeEach } from '../codec/encode.js'
import { malformed, type Type } from '../codec/index.js'

/** Any number of values of one size, one after another, as C has arrays. */
export function listOf<T>(element: Type<T>): Type<readonly T[]> {
  return {
    label: `${element.label}[]`,
    size: 0,
    encode(out, value, siblings) {
      encodeEach(value, (item) => element.encode(out, item as T, siblings))
    },
    decode(bytes, start, end, siblings) {
      if ((end - start) % element.size !== 0)
        throw malformed(`${end - start} bytes where each ${element.label} has ${element.size}`, start)
      const list: T[] = []
      for (let at = start; at < end; at += element.size)
        list.push(element.decode(bytes, at, at + element.size, siblings))
      return list
    },
  }
}
