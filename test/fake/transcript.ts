import { readFileSync } from 'node:fs'
import { align, getU16, getU32, putU32 } from '../../src/codec/bytes.js'
import { type Answer, fakeKernel, PAUSE } from '../../src/testing/index.js'

/** One sendmsg and what was received until the next: hexadecimal, or -errno. */
export interface Exchanged {
  readonly send: string
  readonly receive: readonly (string | number)[]
}

/** What the real kernel answered. */
export interface Transcript {
  readonly kernel: string
  readonly scenario: string
  readonly exchanged: readonly Exchanged[]
}

export function transcript(name: string): Transcript {
  const file = new URL(`transcripts/${name.replaceAll(' ', '-')}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as Transcript
}

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

export interface Recorded {
  readonly type: number
  readonly flags: number
  readonly seq: number
  readonly bytes: Uint8Array
}

/** The messages in bytes that were sent or received. */
export function messagesIn(hex: string): Recorded[] {
  const all = bytesOf(hex)
  const found: Recorded[] = []
  for (let at = 0; at < all.length; at += align(getU32(all, at))) {
    const bytes = all.slice(at, at + getU32(all, at))
    found.push({ type: getU16(bytes, 4), flags: getU16(bytes, 6), seq: getU32(bytes, 8), bytes })
  }
  return found
}

/** A fake kernel that answers as the real one did, with the numbers of who asks now. */
export function replay({ exchanged }: Transcript) {
  const asked = exchanged.flatMap(({ send, receive }) =>
    messagesIn(send).map(({ seq }) => ({ seq, receive })),
  )
  const kernel = fakeKernel(
    () => {
      const { seq, receive } = asked[kernel.requests.length - 1]!
      return receive.flatMap((part): Answer[] => {
        if (typeof part === 'number') return []
        const answers = messagesIn(part).filter((it) => it.seq === seq)
        const parts = answers.map(
          ({ bytes }) =>
            (to: { seq: number; portid: number }) =>
              addressed(bytes, to),
        )
        return parts.length === 0 ? [] : [...parts, PAUSE]
      })
    },
    { interfaces: { lo: 1, eth0: 10, eth1: 11 } },
  )
  return kernel
}

/** The same message for somebody else: with the request that an error repeats, too. */
function addressed(message: Uint8Array, { seq, portid }: { seq: number; portid: number }): Uint8Array {
  const bytes = message.slice()
  putU32(bytes, 8, seq)
  putU32(bytes, 12, portid)
  return bytes
}
