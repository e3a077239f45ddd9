/**
 * Writes transcripts/*.json: what the real kernel answered, for the scenarios that the fake kernel plays. Run it inside private
 * namespaces: test/isolated npx tsx test/fake/capture.ts
 */

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { toHex } from '../../src/codec/bytes.js'
import { attributes, message, s32, struct, u8, u16, u32 } from '../../src/codec/index.js'
import { NETNS, type NetnsHandle } from '../../src/netlink/operation.js'
import { addon } from '../../src/socket/addon.js'
import { check } from '../../src/socket/failure.js'
import type { Addon, NativeSocket } from '../../src/socket/native.js'
import { NetnsCore } from '../../src/socket/netns-core.js'
import * as nl from '../../src/sync.js'
import type { Exchanged, Transcript } from './transcript.js'

/** The kernel fills a dump's parts up to the longest receive so far; this makes them short. */
const SHORT = 4096

/** A socket that writes down what goes through it. `between` runs after the first receive of a dump. */
function recording(socket: NativeSocket, log: Exchanged[], between: () => void): NativeSocket {
  const note = (into: Uint8Array, received: number): number => {
    const receive = log.at(-1)!.receive as (string | number)[]
    receive.push(received < 0 ? received : toHex(into, 0, received))
    if (receive.length === 1) between()
    return received
  }
  const wrapped: Partial<NativeSocket> = {
    exchange(request, length, into) {
      log.push({ send: toHex(request, 0, length), receive: [] })
      return note(into, socket.exchange(request, length, into.subarray(0, SHORT)))
    },
    receive: (into, wait) => note(into, socket.receive(into.subarray(0, SHORT), wait)),
    ifindex: (name) => socket.ifindex(name),
    ifname: (ifindex) => socket.ifname(ifindex),
    close: () => socket.close(),
    portid: socket.portid,
  }
  return wrapped as NativeSocket
}

let made = 0

/** Runs a scenario in a namespace of its own and writes its transcript. */
function capture(
  scenario: string,
  prepare: string[],
  work: (netns: NetnsHandle) => unknown,
  between = '',
): void {
  const name = `capture-${process.pid}-${++made}`
  const ip = (command: string) => execFileSync('ip', ['-n', name, ...command.split(' ')])
  execFileSync('ip', ['netns', 'add', name])
  for (const command of [
    'link add eth0 index 10 type veth peer name eth1 index 11',
    'link set eth0 up',
    ...prepare,
  ])
    ip(command)
  const log: Exchanged[] = []
  let pending = between
  const change = () => {
    if (pending !== '') ip(pending)
    pending = ''
  }
  const openNetlink = (netns: number, protocol: number, settings: Int32Array) =>
    recording(check(addon().openNetlink(netns, protocol, settings)), log, change)
  const system = {
    openNetlink: openNetlink as Addon['openNetlink'],
    duplicate: addon().duplicate,
    close: addon().close,
  }
  const fd = check(addon().openNetns(`/run/netns/${name}`))
  const core = new NetnsCore(fd, name, `namespace '${name}'`, false, system)
  try {
    work({ [NETNS]: core })
  } catch (error) {
    console.log(`${scenario}: ${error}`)
  }
  core.close()
  execFileSync('ip', ['netns', 'delete', name])
  const transcript: Transcript = { kernel: `Linux ${release().split('-')[0]}`, scenario, exchanged: log }
  const file = new URL(`transcripts/${scenario.replaceAll(' ', '-')}.json`, import.meta.url)
  writeFileSync(file, `${JSON.stringify(transcript, null, 2)}\n`)
}

const ADDRESS = '192.0.2.1/24'
const add = (netns: NetnsHandle, address = ADDRESS) => nl.addAddress('eth0', address, { netns })
const three = (netns: NetnsHandle, addresses: string[]) =>
  nl.batch(
    (b) => {
      for (const address of addresses) b.addAddress('eth0', address)
    },
    { netns },
  )

capture('acknowledged', [], (netns) => add(netns))
capture('refused with text', [`address add ${ADDRESS} dev eth0`], (netns) => add(netns))
capture('refused without text', [], (netns) => nl.createBridge({ name: 'eth0', netns }))
capture('refused with policy', [], (netns) => {
  const ifinfomsg = struct({ family: u8, pad: u8, type: u16, index: s32, flags: u32, change: u32 })
  // IFLA_MTU has four bytes.
  const short = message('RTM_NEWLINK', 16, ifinfomsg, attributes('IFLA', { mtu: [4, u16] }))
  using socket = nl.openNetlinkSocket(0, { netns })
  socket.request(short, { header: { index: 10 }, attributes: { mtu: 1400 } })
})
const [a, b, c] = ['192.0.2.1/24', '192.0.2.2/24', '192.0.2.3/24'] as const
capture('batch with an error in the middle', [`address add ${b} dev eth0`], (netns) =>
  three(netns, [a, b, c]),
)
capture('batch with an error at the end', [`address add ${c} dev eth0`], (netns) => three(netns, [a, b, c]))
capture(
  'batch of errors',
  [a, b, c].map((address) => `address add ${address} dev eth0`),
  (netns) => three(netns, [a, b, c]),
)
capture('dump of an absent table', [], (netns) => nl.listRoutes({ table: 12345, family: 'ipv4', netns }))
capture('dump refused', [], (netns) => {
  const ifaddrmsg = struct({ family: u8, prefixlen: u8, flags: u8, scope: u8, index: u32 })
  const getAddress = message('RTM_GETADDR', 22, ifaddrmsg, attributes('IFA', { local: [2, u32] }))
  using socket = nl.openNetlinkSocket(0, { netns })
  socket.dump(getAddress, { header: { family: 2 }, attributes: { local: 1 } })
})
const many = Array.from({ length: 110 }, (_, i) => `address add 198.51.100.${i}/32 dev eth0`)
capture('dump in parts', many, (netns) => nl.listAddresses({ family: 'ipv4', netns }))
capture(
  'dump interrupted',
  many,
  (netns) => nl.listAddresses({ family: 'ipv4', netns }),
  'address add 203.0.113.1/32 dev eth0',
)
