/** Attributes put together by hand, as the kernel lays them out. */

export function u32(...values: number[]): number[] {
  return values.flatMap((value) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24])
}

/** Small ones. */
export function u64(...values: number[]): number[] {
  return values.flatMap((value) => [...u32(value), ...u32(0)])
}

/** One attribute, padded to four bytes. */
export function attribute(type: number, payload: readonly number[]): number[] {
  const length = 4 + payload.length
  return [length & 255, length >> 8, type & 255, type >> 8, ...payload, ...Array(-length & 3).fill(0)]
}
