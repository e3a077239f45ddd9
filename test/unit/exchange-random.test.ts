import fc from 'fast-check'
import { expect, test } from 'vitest'
import { align, getU16, getU32 } from '../../src/codec/bytes.js'
import { Writer } from '../../src/codec/index.js'
import * as nl from '../../src/netlink/constants.js'
import type { NetlinkError } from '../../src/netlink/errors.js'
import { Exchange } from '../../src/netlink/exchange.js'
import type { Outcome } from '../../src/netlink/request.js'
import { readLink } from '../../src/rtnetlink/link/link.js'
import { getLinkMessage, newLink } from '../../src/rtnetlink/link/table.js'
import { type Addressee, done, failure, type Part, reply, success } from '../../src/testing/reply.js'

/** What a request asks, and what will become of it. */
const fate = fc.record({
  answer: fc.constantFrom('ack', 'reply', 'replies', 'dump'),
  fails: fc.boolean(),
  values: fc.nat(4),
  abandoned: fc.boolean(),
})
type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never

const name = (index: number, value: number) => `v${index}-${value}`

function answerTo({ answer, fails, values }: Fate, index: number): Part[] {
  const count = answer === 'ack' ? 0 : answer === 'reply' ? 1 : values
  const flags = answer === 'reply' ? 0 : nl.NLM_F_MULTI
  const entries = Array.from({ length: count }, (_, value) =>
    reply(newLink, { header: { index: 1 }, attributes: { ifname: name(index, value) } }, flags),
  )
  if (answer === 'dump') return [...entries, done(fails ? { error: 'ENOENT' } : {})]
  if (fails) return [failure('ENODEV')]
  return [...entries, success()]
}

function expected({ answer, fails, values }: Fate, index: number) {
  if (fails) return answer === 'dump' ? 'ENOENT' : 'ENODEV'
  const count = answer === 'ack' ? 0 : answer === 'reply' ? 1 : values
  return Array.from({ length: count }, (_, value) => name(index, value))
}

/** The kernel's side: answers in order; a dump goes on, behind what is queued by then, whenever something has been received. */
class Kernel {
  readonly ready: Uint8Array[] = []
  dump: { parts: Part[]; to: Addressee } | null = null

  constructor(readonly fates: readonly Fate[]) {}

  take(bytes: Uint8Array) {
    for (let at = 0; at < bytes.length; at += align(getU32(bytes, at))) {
      const flags = getU16(bytes, at + 6)
      const seq = getU32(bytes, at + 8)
      if (getU16(bytes, at + 4) === nl.NLMSG_NOOP) continue
      const index = seq - 1
      const parts = answerTo(this.fates[index]!, index)
      const to = { seq, portid: 1, flags, bytes: bytes.slice(at, at + 16) }
      if (this.fates[index]!.answer === 'dump') {
        expect(this.dump).toBeNull()
        this.dump = { parts, to }
        this.goOn()
      } else {
        this.ready.push(...parts.map((part) => part(to)).filter((it) => it.length > 0))
      }
    }
  }

  give(): Uint8Array | undefined {
    const message = this.ready.shift()
    this.goOn()
    return message
  }

  goOn() {
    if (this.dump === null) return
    this.ready.push(this.dump.parts.shift()!(this.dump.to))
    if (this.dump.parts.length === 0) this.dump = null
  }
}

test('whatever is asked, in whatever parts it is sent and answered, each request gets its own answer, once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fate, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 40 }),
      fc.infiniteStream(fc.nat(7)),
      (groups, choices) => {
        const fates = groups.flat()
        const exchange = new Exchange('', null, 1)
        const kernel = new Kernel(fates)
        const outcomes: (Outcome | undefined)[] = fates.map(() => undefined)
        const abandoned = new Set<number>()
        const choose = () => choices.next().value as number
        let added = 0
        const waiting = [...groups]
        while (waiting.length > 0 || exchange.hasUnsent || exchange.isWaiting) {
          const choice = choose()
          const group = choice < 2 ? waiting.shift() : undefined
          if (group !== undefined) {
            const base = added
            added += group.length
            const requests = group.map(({ answer }) => ({
              message: answer === 'ack' ? newLink : getLinkMessage,
              body: { header: {}, attributes: {} },
              flags: 0,
              answer: answer as 'ack' | 'reply' | 'replies' | 'dump',
              read: (b: Uint8Array, s: number, e: number) => readLink(b, s, e).name,
            }))
            const abandon = exchange.add(requests, (index, outcome) => {
              expect(outcomes[base + index]).toBeUndefined()
              outcomes[base + index] = outcome
            })
            if (group.every((it) => it.abandoned) && choose() < 4) {
              if (choose() < 4) kernel.take(exchange.next())
              abandon()
              for (let i = base; i < added; i++) if (outcomes[i] === undefined) abandoned.add(i)
            }
          } else if (choice < 5) {
            if (exchange.hasUnsent) kernel.take(exchange.next())
          } else {
            const out = new Writer()
            for (let left = choose(); left >= 0; left--) {
              const message = kernel.give()
              if (message !== undefined) {
                out.reserve(align(out.length) - out.length)
                out.raw(message)
              }
            }
            exchange.receive(out.take(), 0, out.length)
          }
        }
        fates.forEach((it, index) => {
          const outcome = outcomes[index]
          const result =
            outcome && (outcome.error === null ? outcome.values : (outcome.error as NetlinkError).code)
          expect(result).toEqual(abandoned.has(index) ? undefined : expected(it, index))
        })
      },
    ),
    { numRuns: 300 },
  )
})
