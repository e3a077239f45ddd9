/** What the kernel looks up for a packet: the socket that gets it, and the routing table. */

import { toBits } from '../../codec/choice.js'
import { guarded, show } from '../../codec/fault.js'
import type { Names } from '../../codec/index.js'
import { checkInteger } from '../../netlink/check.js'
import { type Datatype, ruleTypes, datatypes as t } from '../datatypes.js'
import { fibFlags } from '../expressions/fib.js'
import type { socketKeys } from '../expressions/socket.js'
import { bit } from '../integers.js'
import type { Compiler } from './compiler.js'
import { present } from './facts.js'
import { fact } from './fields.js'
import type { Selector, Values } from './selector.js'

type KeyOf<T> = T extends Names<infer N extends string> ? N : never

/** Levels of control groups: NFTA_SOCKET_LEVEL has at most this. */
const MAX_LEVEL = 255

/** The socket that gets the packet: enum nft_socket_keys of linux/netfilter/nf_tables.h. */
export const socket = {
  transparent: socketFact('transparent', bit),
  wildcard: socketFact('wildcard', bit),
  mark: socketFact('mark', t.mark),
  /**
   * The control group (version 2) of the socket, or the one that it is in at a level: 1 is a directory of /sys/fs/cgroup. Values are the
   * numbers that getCgroupId() tells, which nft(8) takes from the path.
   */
  cgroupv2: (level: number): Selector =>
    socketFact('cgroupv2', t.cgroupsv2, checkInteger(level, 'socket cgroupv2: level', 0, MAX_LEVEL)),
}

function socketFact(key: KeyOf<typeof socketKeys>, type: Datatype, level = 0): Selector {
  return fact(`socket ${key}`, type, (compiler, dreg) =>
    compiler.emit({ name: 'socket', data: { key, dreg, level } }),
  )
}

type FibFlag = 'saddr' | 'daddr' | 'mark' | 'iif' | 'oif'

const EITHER = [
  ['saddr', 'daddr'],
  ['iif', 'oif'],
] as const

/**
 * What the routing table says of a packet's addresses: `fib(['daddr'], 'type')('local')`, `fib(['saddr', 'iif'], 'oif')('missing')`,
 * `fib(['daddr'], 'oif')('eth0')`.
 *
 * @throws RangeError or TypeError for flags or a result that there are not
 */
export function fib(flags: readonly FibFlag[], result: 'oif' | 'oifname' | 'type'): Selector {
  guarded('fib', () => toBits(fibFlags, flags))
  for (const [one, other] of EITHER)
    if (flags.includes(one) && flags.includes(other))
      throw new RangeError(`fib: ${show(flags)} has '${one}' and '${other}'; it takes one of them`)
  if (!flags.includes('saddr') && !flags.includes('daddr'))
    throw new RangeError(`fib: ${show(flags)} has no 'saddr' or 'daddr', whose route it is`)
  if (result !== 'oif' && result !== 'oifname' && result !== 'type')
    throw new RangeError(`fib: ${show(result)} is not 'oif', 'oifname' or 'type'`)
  const name = `fib ${flags.join(' . ')} ${result}`
  const emit =
    (found: 'oif' | 'oifname' | 'addrtype', all: readonly (FibFlag | 'present')[]) =>
    (compiler: Compiler, dreg: number) =>
      compiler.emit({ name: 'fib', data: { flags: all, result: found, dreg } })
  if (result === 'type') return fact(name, t.fib_addrtype, emit('addrtype', flags))
  if (result === 'oifname') return fact(name, oifname, emit('oifname', flags))
  const whether = fact(name, exists, emit('oif', [...flags, 'present']))
  const index = fact(name, t.iface_index, emit('oif', flags))
  const of = ([first]: Values) => (first === 'exists' || first === 'missing' ? whether : index)
  return Object.assign((...values: Values) => of(values)(...values), index, {
    not: (...values: Values) => of(values).not(...values),
  })
}

/** The name of an interface, which nft(8) takes for a plain text here. */
const oifname: Datatype = { ...t.ifname, id: ruleTypes.string.id }

/** Whether there is a route at all: four bytes, of which the first is 1. */
const exists: Datatype = {
  ...present,
  size: 4,
  encode: (value, field) => Uint8Array.of(present.encode(value, field)[0]!, 0, 0, 0),
}
