/** What monitorConntrack() tells of connections that conntrack(8) makes and changes at random: followed by events alone, they are what is listed in the end. */

import { createSocket } from 'node:dgram'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ConntrackEntry,
  type ConntrackEvent,
  listConntrack,
  monitorConntrack,
  type UpdateConntrackOptions,
  updateConntrack,
} from '../../src/conntrack.js'
import { openSocketInNetns } from '../../src/index.js'
import { hasZones } from './conntrack-support.js'
import { nftIn } from './nft-support.js'
import { PATIENCE } from './patience.js'
import { phrase } from './phrase.js'
import { spawnSync } from './programs.js'
import { hasTool, withNetns } from './support.js'

const RUNS = Number(process.env['CONNTRACK_MONITOR_RUNS'] ?? 10)
const SEED = Number(process.env['CONNTRACK_MONITOR_SEED'] ?? 1)

const { constantFrom: one } = fc

const ENDS = fc.oneof(
  phrase('-s', one('10.0.0.1', '10.0.0.2'), '-d', one('10.0.0.3', '192.0.2.1')),
  phrase('-s', one('2001:db8::1'), '-d', one('2001:db8::2', 'fd00::1')),
)
const PORTS = phrase('--sport', one('1', '2'), '--dport', one('80', '443'))
const TCP = phrase('-p tcp', ENDS, PORTS)
const UDP = phrase('-p udp', ENDS, PORTS)
const UDP4 = phrase('-p udp -s 10.0.0.9 -d 10.0.0.3', PORTS)
const ANY = fc.oneof(TCP, UDP)
const STATE = phrase('--state', one('SYN_SENT', 'ESTABLISHED', 'CLOSE_WAIT', 'TIME_WAIT'))
const ZONE = hasZones ? one('', '', '-w 7') : fc.constant('')
const MARK = one('', '--mark 0', '--mark 7', '--mark 255')
const STATUS = one('', '-u SEEN_REPLY', '-u SEEN_REPLY,ASSURED')
/** Seconds; nothing is to end by itself. */
const TIMEOUT = '-t 3600'

/** What conntrack(8) is called with; much is refused, as it is there already or not there. */
const COMMAND = fc.oneof(
  { weight: 4, arbitrary: phrase('-I', TCP, TIMEOUT, STATE, MARK, STATUS, ZONE) },
  { weight: 3, arbitrary: phrase('-I', UDP, TIMEOUT, MARK, STATUS, ZONE) },
  {
    weight: 1,
    arbitrary: phrase('-I', UDP4, TIMEOUT, one('--dst-nat 172.17.0.2:53', '--src-nat 172.17.0.1')),
  },
  { weight: 3, arbitrary: phrase('-U', ANY, MARK) },
  { weight: 2, arbitrary: phrase('-U', TCP, STATE) },
  { weight: 2, arbitrary: phrase('-U', ANY, STATUS, '-t 5000') },
  { weight: 2, arbitrary: phrase('-D', ANY) },
  { weight: 1, arbitrary: one('-D --mark 7', '-D -f ipv6', '-D -p tcp', '-F') },
)
/** conntrack(8) sends all that it knows of a connection back; here the kernel gets one thing alone. It stays with one that has a table of labels. */
const CHANGE = fc.record({
  nth: fc.nat(),
  change: one<Omit<UpdateConntrackOptions, 'original'>>(
    { mark: 0 },
    { mark: 9 },
    { labels: [1] },
    { labels: [2, 100] },
    { timeout: 7000 },
    { status: ['seen-reply', 'assured'] },
  ),
})
const UDP_HEADER = 8
const PACKET = fc.record({
  ports: fc.tuple(one(1000, 1001), one(53, 80)),
  length: one(9, 10, 11, 12),
})
const SCRIPT = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: COMMAND },
    { weight: 1, arbitrary: CHANGE },
    { weight: 3, arbitrary: PACKET },
  ),
  { minLength: 20, maxLength: 50 },
)

/** A packet sets what its length says: with it the kernel tells that alone. */
const RULES = ['9 ct mark set 3', '10 ct mark set 0', '11 ct label set 3', '12 ct label set 90'].map(
  (rule) => `add rule inet t c udp length ${rule}`,
)
const BEFORE = [
  'add table inet t',
  'add chain inet t c { type filter hook output priority 0; }',
  ...RULES,
].join(';')

/** Without what passes. */
function lasting({ timeout: _t, use: _u, ...rest }: ConntrackEntry) {
  return rest
}

type Picture = Map<number, ReturnType<typeof lasting>>

type Send = (data: string, port: number, to: string, done: (error: Error | null) => void) => void

type Step =
  | string
  | { readonly nth: number; readonly change: Omit<UpdateConntrackOptions, 'original'> }
  | { readonly ports: readonly [number, number]; readonly length: number }

/** An event that is not about a state or about labels tells none. */
function follow(picture: Picture, event: ConntrackEvent): void {
  if (event.type !== 'conntrack') throw new Error(`unexpected: ${event.type}`)
  const { id, labels, state, tcp } = event.entry
  const before = picture.get(id)
  if (event.action === 'destroy') picture.delete(id)
  else
    picture.set(id, {
      ...lasting(event.entry),
      labels: labels.length > 0 ? labels : (before?.labels ?? []),
      state: state ?? before?.state ?? null,
      tcp: tcp ?? before?.tcp ?? null,
    })
}

const sorted = (picture: Picture) => [...picture].sort(([a], [b]) => a - b).map(([, entry]) => entry)

async function run(step: Step, netns: string): Promise<void> {
  if (typeof step === 'string') {
    spawnSync('ip', ['netns', 'exec', netns, 'conntrack', ...step.split(/ +/)])
    return
  }
  if ('length' in step) {
    const [port, to] = step.ports
    const sender = createSocket('udp4')
    sender.bind({ fd: await openSocketInNetns(netns, { type: 'dgram', address: '127.0.0.1', port }) })
    await promisify(sender.send.bind(sender) as Send)('x'.repeat(step.length - UDP_HEADER), to, '127.0.0.1')
    sender.close()
    return
  }
  const all = await listConntrack({ netns })
  const { original, zone } = all[step.nth % all.length] ?? {}
  if (original !== undefined) await updateConntrack({ original, zone, ...step.change, netns })
}

describe.skipIf(!hasTool('conntrack'))('events of connections at random', () => {
  it('add up to the connections that are there', { timeout: 120_000 * PATIENCE }, async () => {
    let changes = 0
    await fc.assert(
      fc.asyncProperty(SCRIPT, (script) =>
        withNetns(async (netns) => {
          nftIn(netns, BEFORE)
          const picture: Picture = new Map()
          await using events = await monitorConntrack(['new', 'update', 'destroy'], { netns })
          const reading = (async () => {
            for await (const event of events) {
              follow(picture, event)
              changes++
            }
          })()
          for (const step of script) await run(step, netns)
          const there = sorted(
            new Map((await listConntrack({ netns })).map((entry) => [entry.id, lasting(entry)])),
          )
          await expect.poll(() => sorted(picture), { timeout: 2_000 * PATIENCE }).toEqual(there)
          await events.close()
          await reading
        }),
      ),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    )
    expect(changes).toBeGreaterThan(10 * RUNS)
  })
})
