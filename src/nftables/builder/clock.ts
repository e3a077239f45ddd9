/** Times as rules compare them, in UTC: when a packet came, the day of its week, the time of its day. */

import { show } from '../../codec/fault.js'
import { names } from '../../codec/index.js'
import type { Datatype } from '../datatypes.js'
import { integerType, upTo } from '../integers.js'

const NANOSECONDS = 1_000_000_000n
const plainTime = integerType('time', 43, 8, 'host')

/** Nanoseconds since 1970, of which the kernel compares all 64 bits as they are, without a sign. */
export const time: Datatype = {
  ...plainTime,
  encode(value, field) {
    let nanoseconds = nanosecondsOf(value, field)
    const bytes = new Uint8Array(8)
    for (let i = 7; i >= 0; i--, nanoseconds >>= 8n) bytes[i] = Number(nanoseconds & 0xffn)
    return bytes
  },
  decode: (bytes) => {
    const nanoseconds = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
    const [seconds, rest] = [nanoseconds / NANOSECONDS, nanoseconds % NANOSECONDS]
    return rest === 0n ? Number(seconds) : `${seconds}.${`${rest}`.padStart(9, '0')}`
  },
}

/** A second and its parts, which a number of JavaScript has not exactly, are a text: '1780765200.25'. */
function nanosecondsOf(value: unknown, field: string): bigint {
  const found = typeof value === 'string' ? /^(\d{1,11})\.(\d{1,9})$/.exec(value) : null
  if (found === null) return BigInt(secondsOf(value, field)) * NANOSECONDS
  const nanoseconds = BigInt(found[1]!) * NANOSECONDS + BigInt(found[2]!.padEnd(9, '0'))
  if (nanoseconds >= 1n << 64n) throw notTime(value, field)
  return nanoseconds
}

/** Seconds that nanoseconds in 64 bits can count. */
const MAX_SECONDS = 18_446_744_073

function secondsOf(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_SECONDS) return value
  const found =
    typeof value === 'string' ? /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d)?)?$/.exec(value) : null
  const at =
    found === null ? Number.NaN : Date.parse(`${found[1]}T${found[2] ?? '00:00'}${found[3] ?? ':00'}Z`)
  if (at >= 0 && at / 1000 <= MAX_SECONDS) return at / 1000
  throw notTime(value, field)
}

function notTime(value: unknown, field: string): RangeError {
  return new RangeError(
    `${field}: ${show(value)} is not a time such as '2026-06-06 17:00:00', or seconds since 1970, '1780765200.5' with parts of one`,
  )
}

const days = names({ sunday: 0, monday: 1, tuesday: 2, wednesday: 3, thursday: 4, friday: 5, saturday: 6 })
export const day = /* @__PURE__ */ upTo(6, integerType('day', 45, 1, 'network', days))

const SECONDS_OF_DAY = 86_400
const plainHour = integerType('hour', 44, 4, 'host')

/** Seconds since midnight. */
export const hour: Datatype = {
  ...plainHour,
  turns: true,
  encode(value, field) {
    const found = typeof value === 'string' ? /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(value) : null
    const [, hours, minutes, seconds = '0'] = found ?? []
    const at = found === null ? value : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
    const isSixties = found === null || (Number(minutes) < 60 && Number(seconds) < 60)
    if (typeof at !== 'number' || !Number.isInteger(at) || at < 0 || at >= SECONDS_OF_DAY || !isSixties)
      throw new RangeError(
        `${field}: ${show(value)} is not a time of day such as '17:00', or seconds since midnight`,
      )
    return plainHour.encode(at, field)
  },
}
