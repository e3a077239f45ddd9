import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Entry } from '../../src/netlink/entry.js'
import { Outstanding } from '../../src/netlink/outstanding.js'
import type { Request } from '../../src/netlink/request.js'

function entry(seq: number, last = seq): Entry {
  const made = new Entry({} as Request, 0, () => {})
  made.seq = seq
  made.last = last
  return made
}

describe('what waits for its answers', () => {
  it('is what a list would be, whatever comes and goes', () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ remove: fc.nat({ max: 40 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const awaited = new Outstanding()
        const model: Entry[] = []
        let seq = 0
        for (const one of steps) {
          if ('add' in one) {
            const added = entry(seq + 1, seq + one.add)
            seq = added.last
            awaited.add(added)
            model.push(added)
          } else if (model.length > 0) {
            const [removed] = model.splice(one.remove % model.length, 1)
            awaited.remove(removed!)
            awaited.remove(removed!)
          }
          expect(awaited.size).toBe(model.length)
          expect(awaited.all()).toEqual(model)
        }
        for (let number = 0; number <= seq + 1; number++)
          expect(awaited.find(number)).toBe(model.find((it) => it.seq <= number && number <= it.last))
        for (const [at, one] of model.entries()) expect(awaited.before(one)).toEqual(model.slice(0, at))
        expect(awaited.before(entry(0))).toEqual(model)
      }),
    )
  })

  it('are found after those before them have gone, many times over', () => {
    const awaited = new Outstanding()
    const first = entry(1)
    awaited.add(first)
    let last = first
    for (let seq = 2; seq <= 5000; seq++) {
      const next = entry(seq)
      awaited.add(next)
      awaited.remove(last)
      last = next
      expect(awaited.find(seq - 1)).toBeUndefined()
    }
    expect(awaited.all()).toEqual([last])
    expect(awaited.find(5000)).toBe(last)
  })
})
