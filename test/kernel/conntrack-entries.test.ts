/** Entries that are not as most are: without ports, without an end, with counters that are reset, with the time of their events. */

import { describe, expect, it } from 'vitest'
import { monitorConntrack } from '../../src/conntrack.js'
import { CONNTRACK_FACES, conntrack, printedEntries } from './conntrack-oracle.js'
import { needNftables, since } from './needs.js'
import { nftIn } from './nft-support.js'
import { execIn, hasTool, sysctl, withNetns } from './support.js'

needNftables()

const TRACKED = 'table inet t { chain c { type filter hook output priority 0; ct state new counter; }; }'
const V4 = { src: '10.0.0.1', dst: '10.0.0.2' }
const TCP = { protocol: 'tcp', ...V4, sport: 1000, dport: 2000 } as const

/** Sends DCCP's first packet, whose sequence number has 48 bits (RFC 4340, 5.1), to the machine itself, from port 7 to port 9. */
const SEND = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 33)
s.sendto(bytes([0, 7, 0, 9, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]), ('127.0.0.1', 0))
`

describe.skipIf(!hasTool('conntrack')).each(CONNTRACK_FACES)('entries ($face)', ({ ct }) => {
  it.skipIf(!hasTool('python3'))('of a protocol that the kernel knows no more are taken and deleted', () =>
    withNetns(async (netns) => {
      nftIn(netns, TRACKED)
      execIn(netns, 'python3', '-c', SEND)
      conntrack('-I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 7 --dport 9 -t 600', netns)
      const entries = await ct.listConntrack({ netns, protocol: 'dccp' })
      // Kernels from 6.17 on have no code for it.
      const ports = conntrack('-L -p 33', netns).includes('sport=7') ? 7 : null
      expect(entries.map(({ original }) => original.sport)).toEqual([ports])
      expect(await ct.getConntrack({ ...entries[0]!, netns })).toMatchObject({ id: entries[0]!.id })
      // All that have their ends here: the entry without ports, and what has ports.
      expect(await ct.flushConntrack({ netns, original: { src: '0.0.0.0/1' } })).toBe(2)
      expect(printedEntries(netns)).toEqual([])
      if (ports === null) {
        await ct.addConntrack({ ...entries[0]!, netns })
        expect(printedEntries(netns).join()).toContain('dccp 33 src=127.0.0.1 dst=127.0.0.1')
      }
    }),
  )

  it('without an end get one', () =>
    withNetns(async (netns) => {
      await ct.addConntrack({ original: TCP, timeout: null, netns })
      const [seconds] = /(?<=tcp +6 )\d+/.exec(conntrack('-L', netns))!
      expect(Number(seconds)).toBeGreaterThan(590)
      expect(Number(seconds)).toBeLessThanOrEqual(600)
    }))

  it('are counted from zero again', () =>
    withNetns(async (netns) => {
      sysctl(netns, 'net.netfilter.nf_conntrack_acct=1')
      nftIn(netns, TRACKED)
      const packets = () => [...conntrack('-L', netns).matchAll(/packets=(\d+)/g)].map(([, one]) => one)
      execIn(netns, 'ping', '-c2', '-i0.01', '127.0.0.1')
      const [entry] = await ct.listConntrack({ netns, reset: true })
      expect(entry!.counters).toMatchObject({ original: { packets: 2 }, reply: { packets: 2 } })
      expect(packets()).toEqual(['0', '0'])
      execIn(netns, 'ping', '-c1', '127.0.0.1')
      const { original } = (await ct.listConntrack({ netns })).find(({ id }) => id !== entry!.id)!
      expect(packets()).toEqual(expect.arrayContaining(['1', '0']))
      const again = await ct.getConntrack({ original, netns, reset: true })
      expect(again.counters!.original.packets).toBe(1)
      expect(packets()).toEqual(['0', '0', '0', '0'])
      await expect(async () => ct.listConntrack({ netns, protocol: 'tcp', reset: true })).rejects.toThrow(
        'reset: of all',
      )
    }))

  it('to a port of SCTP are flushed', () =>
    withNetns(async (netns) => {
      for (const [protocol, more] of [
        ['sctp', ' --state ESTABLISHED --orig-vtag 1 --reply-vtag 2'],
        ['udp', ''],
      ])
        conntrack(`-I -p ${protocol} -s 10.0.0.1 -d 10.0.0.2 --sport 9 --dport 10${more} -t 600`, netns)
      expect(await ct.flushConntrackPort({ port: 11, protocol: 'sctp', netns })).toBe(0)
      expect(await ct.flushConntrackPort({ port: 10, protocol: 'sctp', netns })).toBe(1)
      expect(printedEntries(netns).map((line) => line.split(' ')[2])).toEqual(['udp'])
    }))
})

it.skipIf(!since(6, 14))('an event has its time where times are kept', () =>
  withNetns(async (netns) => {
    sysctl(netns, 'net.netfilter.nf_conntrack_timestamp=1')
    nftIn(netns, TRACKED)
    await using events = await monitorConntrack(['new'], { netns })
    const before = Date.now()
    execIn(netns, 'ping', '-c1', '127.0.0.1')
    const { value } = await events.next()
    const { time } = value as { time: number }
    // The kernel's clock may differ from ours by what a tick of it takes.
    expect(time).toBeGreaterThan(before - 100)
    expect(time).toBeLessThan(Date.now() + 100)
  }),
)
