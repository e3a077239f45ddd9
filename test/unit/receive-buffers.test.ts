import { expect, it } from 'vitest'
import { giveBuffer, takeBuffer } from '../../src/socket/buffers.js'

it('there are few receive buffers; who asks for more gets those that come back, in the order of asking', () => {
  const taken: Uint8Array[] = []
  for (let i = 0; i < 1000; i++) takeBuffer((buffer) => taken.push(buffer))
  const made = taken.length
  expect(made).toBeGreaterThan(1)
  expect(made).toBeLessThan(20)
  expect(new Set(taken).size).toBe(made)

  const order: number[] = []
  for (const number of [1, 2]) takeBuffer(() => order.push(number))
  // Those of the loop come first.
  for (let i = made; i < 1000; i++) giveBuffer(taken[i % made]!)
  expect(taken).toHaveLength(1000)
  expect(new Set(taken).size).toBe(made)
  expect(order).toEqual([])
  giveBuffer(taken[0]!)
  expect(order).toEqual([1])
  giveBuffer(taken[1]!)
  expect(order).toEqual([1, 2])
  // Other files of this process ask for them, too.
  for (const buffer of new Set(taken)) giveBuffer(buffer)
})
