/** What a rule does with a packet: verdicts, counters, limits, logs. */

import { toBits } from '../../codec/choice.js'
import { guarded, show } from '../../codec/fault.js'
import { checkBoolean, checkInteger, checkKeys, checkKnown } from '../../netlink/check.js'
import type { Expression } from '../expression.js'
import { logFlags, logLevels } from '../expressions/log.js'
import { checkName, checkText, oneOf } from '../input.js'
import { type ObjectType, objectTypes } from '../names.js'
import { type Verdict, verdictData } from '../value.js'
import type { Statement } from './compiler.js'

function emits(...expressions: readonly Expression[]): Statement {
  return {
    compile: (compiler) => {
      for (const one of expressions) compiler.emit(one)
    },
  }
}

/** Ends the rule with a verdict: 'return' too, and those that accept(), drop(), jump() and goto() name. */
export function verdict(what: Verdict): Statement {
  const data = verdictData(what, 'verdict')
  return { ends: what !== 'continue', compile: (compiler) => compiler.verdict(data) }
}

/** Lets the packet pass this hook. */
export function accept(): Statement {
  return verdict('accept')
}

/** Drops the packet without a word. */
export function drop(): Statement {
  return verdict('drop')
}

function named(type: ObjectType, name: string): Statement {
  return emits({ name: 'objref', data: { immType: type, immName: checkName(name, `${type}.name`) } })
}

/**
 * Uses an object of the table by its name: a connection gets its 'ct-helper', 'ct-timeout' or 'ct-expect', a packet its 'secmark' or
 * 'tunnel', a SYN its 'synproxy'. Counters, quotas and limits, too, for which there are counter(), quota() and limit().
 *
 * @throws RangeError for a type that there is not
 */
export function namedObject(type: Exclude<ObjectType, 'unspec'>, name: string): Statement {
  oneOf(objectTypes, type, 'namedObject')
  return named(type, name)
}

/** Counts packets and bytes, from zero or from given numbers; with a name, in the counter of that name. */
export function counter(
  options: { packets?: bigint | number; bytes?: bigint | number; name?: string } = {},
): Statement {
  if (isNamed('counter', options) && options.name !== undefined) {
    checkKeys('counter', options, ['name'])
    return named('counter', options.name)
  }
  checkKeys('counter', options, ['packets', 'bytes', 'name'])
  const { packets, bytes } = options
  const data =
    packets === undefined && bytes === undefined
      ? {}
      : { bytes: toBigint(bytes ?? 0, 'counter.bytes'), packets: toBigint(packets ?? 0, 'counter.packets') }
  return emits({ name: 'counter', data })
}

const MAX_U64 = 2n ** 64n - 1n

function toBigint(value: bigint | number, field: string, most = MAX_U64): bigint {
  if (typeof value !== 'bigint') return BigInt(checkInteger(value, field, 0, Number.MAX_SAFE_INTEGER))
  if (value < 0 || value > most)
    throw new RangeError(`${field}: ${show(value)} is not an integer from 0 to ${most}`)
  return value
}

/** Throws TypeError for what is no object with options. */
function isNamed<T extends object>(call: string, options: T | { name: string }): options is { name: string } {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${call}: ${show(options)} is not an options object`)
  return 'name' in options
}

const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86400, week: 604800 }

/** How fast packets may come. */
export interface LimitOptions {
  /** Packets, or bytes with `unit: 'bytes'`, in each `per`. */
  rate: number
  per?: keyof typeof SECONDS | undefined
  unit?: 'packets' | 'bytes' | undefined
  /** How many more may come at once; 5 packets unless it is said. */
  burst?: number | undefined
  /** The rule goes on for what is over the limit, instead of for what is within. */
  over?: boolean | undefined
}

/** The rule goes on as long as packets come no faster; with a name, by the limit of that name. */
export function limit(options: LimitOptions | { name: string }): Statement {
  if (isNamed('limit', options)) {
    checkKeys('limit', options, ['name'])
    return named('limit', options.name)
  }
  return emits({ name: 'limit', data: limitData(options) })
}

function limitData(options: LimitOptions) {
  checkKeys('limit', options, ['rate', 'per', 'unit', 'burst', 'over'])
  const {
    rate,
    per = 'second',
    unit = 'packets',
    burst = unit === 'packets' ? 5 : undefined,
    over = false,
  } = options
  if (unit !== 'packets' && unit !== 'bytes')
    throw new RangeError(`limit.unit: ${show(unit)} is not 'packets' or 'bytes'`)
  return {
    rate: BigInt(checkInteger(rate, 'limit.rate', 1, Number.MAX_SAFE_INTEGER)),
    unit: BigInt(SECONDS[checkKnown(per, 'limit.per', SECONDS)]),
    // The kernel takes 0 packets for its own 5.
    burst:
      burst === undefined
        ? undefined
        : checkInteger(burst, 'limit.burst', unit === 'packets' ? 1 : 0, 0xffffffff),
    type: unit,
    flags: checkBoolean(over, 'limit.over') ? (['invert'] as const) : [],
  }
}

/** What nft_quota_do_init() of net/netfilter/nft_quota.c takes: S64_MAX. */
const MAX_QUOTA = 2n ** 63n - 1n

/**
 * The rule goes on up to a number of bytes, or with `over` after them; with a name, by the quota of that name.
 *
 * @throws RangeError for 2^63 bytes or more, and for more that are `used` than there are
 */
export function quota(
  options: { bytes: bigint | number; over?: boolean; used?: bigint | number } | { name: string },
): Statement {
  if (isNamed('quota', options)) {
    checkKeys('quota', options, ['name'])
    return named('quota', options.name)
  }
  checkKeys('quota', options, ['bytes', 'over', 'used'])
  const bytes = toBigint(options.bytes, 'quota.bytes', MAX_QUOTA)
  const consumed = toBigint(options.used ?? 0, 'quota.used')
  if (consumed > bytes)
    throw new RangeError(`quota.used: ${consumed} is more than the ${bytes} of quota.bytes`)
  return emits({
    name: 'quota',
    data: {
      bytes,
      consumed,
      flags: checkBoolean(options.over ?? false, 'quota.over') ? ['invert'] : [],
    },
  })
}

/**
 * The rule goes on where there are at most `count` connections, or with `over` more of them: of all that came to it, or of each key where an
 * element of a set has it (`addElement(set('busy'), ip.saddr, { expressions: stateful(connectionLimit(20)) })`).
 */
export function connectionLimit(count: number, options: { over?: boolean | undefined } = {}): Statement {
  checkKeys('connectionLimit', options, ['over'])
  const over = checkBoolean(options.over ?? false, 'over')
  return emits({
    name: 'connlimit',
    data: { count: checkInteger(count, 'count', 0, 0xffffffff), flags: over ? ['invert'] : [] },
  })
}

/** How a packet is logged: by the kernel's log, with a level and flags, or by a group of nfnetlink_log. */
export interface LogOptions {
  /** Up to 127 bytes before each line. */
  prefix?: string | undefined
  level?: keyof typeof logLevels.numbers | undefined
  flags?: readonly (keyof typeof logFlags.numbers)[] | undefined
  /** To a group of nfnetlink_log, instead of the kernel's log. */
  group?: number | undefined
  /** How many bytes of the packet: of a group. */
  snaplen?: number | undefined
  /** How many packets are told together: of a group. */
  queueThreshold?: number | undefined
}

/** What each kind of log has no use for, though the kernel takes it. */
const LOG_STRANGERS = {
  kernel: { keys: ['snaplen', 'queueThreshold'], why: 'is of a group, and there is none' },
  group: { keys: ['level', 'flags'], why: "is of the kernel's log, not of a group" },
  audit: {
    keys: ['prefix', 'flags', 'snaplen', 'queueThreshold'],
    why: "is not of the level 'audit', which has nothing beside it",
  },
} as const

/**
 * Writes a line about the packet.
 *
 * @throws TypeError for `snaplen` and `queueThreshold` without a group, for `level` and `flags` with one, and for all others beside the level
 * 'audit', which the kernel would not look at
 */
export function log(options: LogOptions = {}): Statement {
  checkKeys('log', options, ['prefix', 'level', 'flags', 'group', 'snaplen', 'queueThreshold'])
  const { prefix, level, flags, group, snaplen, queueThreshold } = options
  if (flags !== undefined) guarded('log.flags', () => toBits(logFlags, flags))
  if (level !== undefined) oneOf(logLevels, level, 'log.level')
  const { keys, why } = LOG_STRANGERS[group !== undefined ? 'group' : level === 'audit' ? level : 'kernel']
  for (const key of keys)
    if (options[key] !== undefined) throw new TypeError(`log.${key}: ${show(options[key])} ${why}`)
  return emits({
    name: 'log',
    data: {
      prefix: prefix === undefined ? undefined : checkText(prefix, 'log.prefix', 127),
      group: group === undefined ? undefined : checkInteger(group, 'log.group', 0, 0xffff),
      snaplen: snaplen === undefined ? undefined : checkInteger(snaplen, 'log.snaplen', 0, 0xffffffff),
      qthreshold:
        queueThreshold === undefined
          ? undefined
          : checkInteger(queueThreshold, 'log.queueThreshold', 0, 0xffff),
      level,
      flags,
    },
  })
}

/** Keeps the packet from connection tracking; in a chain of priority raw. */
export function notrack(): Statement {
  return emits({ name: 'notrack' })
}

/** Remembers when a packet came here last (Linux 5.14). */
export function last(): Statement {
  return emits({ name: 'last', data: {} })
}

/** Puts the connection into a flowtable. */
export function flowOffload(flowtable: string): Statement {
  return emits({ name: 'flow_offload', data: { tableName: checkName(flowtable, 'flowtable') } })
}

/** An expression in the kernel's terms, for what has no function here. */
export function raw(expression: Expression): Statement {
  return emits(expression)
}
