/** Filters of connections at random: conntrack(8) with the same options lists the same. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addConntrack,
  type ConntrackFilter,
  type ConntrackInput,
  listConntrack,
} from '../../src/conntrack-sync.js'
import { asPrinted, printedEntries } from './conntrack-oracle.js'
import { lackedProtocols } from './conntrack-support.js'
import { needNftables } from './needs.js'
import { PATIENCE } from './patience.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const RUNS = Number(process.env['CONNTRACK_RUNS'] ?? 100)
const SEED = Number(process.env['CONNTRACK_SEED'] ?? 1)

const { constantFrom: one } = fc
const ADDRESSES = {
  ipv4: ['10.0.0.1', '10.0.0.2', '10.1.0.1', '192.0.2.1'],
  ipv6: ['2001:db8::1', '2001:db8::2', '2001:db8:1::1', 'fd00::1'],
} as const
const NETWORKS = {
  ipv4: ['10.0.0.0/8', '10.0.0.0/24', '10.0.0.0/30', '0.0.0.0/1'],
  ipv6: ['2001:db8::/32', '2001:db8::/48', '2001:db8::/127', 'fc00::/7'],
} as const
const PORTS = [1, 80, 443, 65535]
const ZONES = [0, 1, 7]
const isTracked = (protocol: string) => !lackedProtocols.includes(protocol)
const PORTED = (['tcp', 'udp', 'sctp', 'udplite'] as const).filter(isTracked)
const PROTOCOLS = [...PORTED, ...(['gre', 'icmp', 'ipv6-icmp'] as const)]
const FAMILIES = ['ipv4', 'ipv6'] as const

/** A connection; of some the addresses are translated. */
const CONNECTIONS: fc.Arbitrary<ConntrackInput> = one(...FAMILIES).chain((family) => {
  const address = one(...ADDRESSES[family])
  const port = one(...PORTS)
  return fc
    .record({
      protocol: one(...PROTOCOLS.filter((it) => it !== (family === 'ipv4' ? 'ipv6-icmp' : 'icmp'))),
      ends: fc.tuple(address, address),
      ports: fc.tuple(port, port),
      behind: fc.option(fc.tuple(address, port), { freq: 2 }),
      mark: one(0, 1, 0x10, 0x11, 0xff00),
      status: fc.subarray(['seen-reply', 'assured'] as const),
      zone: one(...ZONES),
    })
    .map(({ protocol, ends: [src, dst], ports: [sport, dport], behind, mark, status, zone }) => {
      const isEcho = protocol === 'icmp' || protocol === 'ipv6-icmp'
      const type = protocol === 'icmp' ? 8 : 128
      const has = isEcho ? { icmp: { type, code: 0, id: sport } } : { sport, dport }
      const original = { protocol, src, dst, ...has }
      const [realDst, realPort] = behind ?? [dst, dport]
      const reply = { protocol, src: realDst, dst: src, sport: realPort, dport: sport }
      return { original, ...(!isEcho && { reply }), timeout: 3600, mark, status, zone }
    })
})

/** An option of conntrack(8), and the part of a filter. */
interface Part {
  readonly option: string
  readonly filter: ConntrackFilter
}

const part = (option: string, filter: ConntrackFilter): Part => ({ option, filter })
const side = (direction: 'original' | 'reply', key: string, value: unknown) => ({
  [direction]: { [key]: value },
})

const FILTERS: fc.Arbitrary<Part> = one(...FAMILIES).chain((family) => {
  const address = one(...ADDRESSES[family])
  // Networks of the original direction alone.
  const network = one(...ADDRESSES[family], ...NETWORKS[family])
  const port = one(...PORTS)
  const some = (parts: fc.Arbitrary<Part>) =>
    fc.oneof({ arbitrary: parts, weight: 1 }, { arbitrary: fc.constant(part('', {})), weight: 3 })
  const ported = one(...PORTED)
  return fc
    .tuple(
      one(part(`-f ${family}`, { family }), part(`-f ${family}`, { family }), part('', {})),
      some(network.map((it) => part(`-s ${it}`, side('original', 'src', it)))),
      some(network.map((it) => part(`-d ${it}`, side('original', 'dst', it)))),
      some(address.map((it) => part(`-r ${it}`, side('reply', 'src', it)))),
      some(address.map((it) => part(`-q ${it}`, side('reply', 'dst', it)))),
      some(one(...ZONES).map((zone) => part(`-w ${zone}`, { zone }))),
      // Both together conntrack(8) finds in none.
      fc.oneof(
        fc.constant(part('', {})),
        one(0, 1, 0x10).map((mark) => part(`-m ${mark}`, { mark })),
        fc
          .subarray(['seen-reply', 'assured'] as const, { minLength: 1 })
          .map((status) => part(`-u ${status.join().toUpperCase().replace('-', '_')}`, { status })),
      ),
      fc.oneof(
        fc.constant(part('', {})),
        one(...PROTOCOLS).map((protocol) => part(`-p ${protocol}`, { protocol })),
        fc
          .tuple(
            ported,
            fc.subarray(['--sport', '--dport', '--reply-port-src', '--reply-port-dst'] as const, {
              minLength: 1,
              maxLength: 2,
            }),
            port,
            port,
          )
          .map(([protocol, keys, ...ports]) =>
            merged([
              part(`-p ${protocol}`, { protocol } as ConntrackFilter),
              ...keys.map((key, i) =>
                part(
                  `${key} ${ports[i]}`,
                  side(
                    key.includes('reply') ? 'reply' : 'original',
                    key.endsWith('src') || key === '--sport' ? 'sport' : 'dport',
                    ports[i],
                  ),
                ),
              ),
            ]),
          ),
      ),
    )
    .map(merged)
})

function merged(parts: readonly Part[]): Part {
  const filter: Record<string, unknown> = {}
  for (const { filter: one } of parts)
    for (const [key, value] of Object.entries(one))
      filter[key] =
        typeof value === 'object' && !Array.isArray(value) ? { ...(filter[key] as object), ...value } : value
  return {
    option: parts
      .map(({ option }) => option)
      .filter(Boolean)
      .join(' '),
    filter,
  }
}

describe.skipIf(!hasTool('conntrack'))('filters at random', () => {
  it('let through what conntrack(8) lists', { timeout: 60_000 * PATIENCE }, () =>
    withNetns((netns) => {
      for (const input of fc.sample(CONNECTIONS, { numRuns: 150, seed: SEED })) {
        try {
          addConntrack({ ...input, netns })
        } catch (error) {
          // One of its tuples is another connection's.
          expect(error).toMatchObject({ code: expect.stringMatching(/^(EEXIST|EINVAL)$/) })
        }
      }
      expect(listConntrack({ netns }).length).toBeGreaterThan(60)
      let all = 0
      const same = fc.property(FILTERS, ({ option, filter }) => {
        const printed = printedEntries(netns, ` ${option}`.trimEnd())
        all += printed.length
        expect({
          option,
          entries: listConntrack({ ...filter, netns })
            .map(asPrinted)
            .sort(),
        }).toEqual({ option, entries: printed })
      })
      fc.assert(same, { numRuns: RUNS, seed: SEED })
      expect(all).toBeGreaterThan(RUNS)
    }),
  )
})
