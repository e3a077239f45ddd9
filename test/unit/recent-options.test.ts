/**
 * Options of links that neither kernels tell nor the ip of the golden bytes knows, or that most kernels lack: what is sent, by the numbers of
 * linux/if_link.h.
 */

import { describe, expect, it } from 'vitest'
import type { CreateLinkOptions } from '../../src/index.js'
import { createLink } from '../../src/rtnetlink/link/create.js'
import { sentBy } from './sent-by.js'

/** struct nlmsghdr and struct ifinfomsg */
const HEADERS = 32
const [IFLA_LINKINFO, IFLA_INFO_DATA] = [18, 2]

/** Attributes one behind the other, by their numbers: what they hold, without padding. */
function attributesOf(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt16LE(at)
    found.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length))
    at += (length + 3) & ~3
  }
  return found
}

function sentData(options: object): Record<number, string> {
  const [message] = sentBy(createLink(options as CreateLinkOptions), [[], [{ ifindex: 77 }]])
  const linkinfo = attributesOf(Buffer.from(message!).subarray(HEADERS)).get(IFLA_LINKINFO)!
  const data = attributesOf(attributesOf(linkinfo).get(IFLA_INFO_DATA)!)
  return Object.fromEntries([...data].map(([number, value]) => [number, value.toString('hex')]))
}

const VXLAN = { kind: 'vxlan', id: 1 }
const GENEVE = { kind: 'geneve', id: 1 }
const HSR = { kind: 'hsr', slave1: 10, slave2: 11 }

const ROWS: readonly (readonly [link: object, options: object, number: number, value: string])[] = [
  // IFLA_VXLAN_*
  [VXLAN, { remcsumNopartial: true }, 24, ''],
  [VXLAN, { localbypass: true }, 31, '01'],
  [VXLAN, { localbypass: false }, 31, '00'],
  [VXLAN, { labelPolicy: 'inherit' }, 32, '01000000'],
  [VXLAN, { mcRoute: true }, 34, '01'],
  [VXLAN, { mcRoute: false }, 34, '00'],
  // IFLA_GENEVE_*
  [GENEVE, { innerProtoInherit: true }, 14, ''],
  [GENEVE, { groHint: true }, 16, ''],
  // IFLA_BOND_*
  [{ kind: 'bond' }, { coupledControl: false }, 32, '00'],
  [{ kind: 'bond' }, { coupledControl: true }, 32, '01'],
  [{ kind: 'bond' }, { broadcastNeigh: true }, 33, '01'],
  [{ kind: 'bond' }, { lacpStrict: true }, 34, '01'],
  // IFLA_BR_STP_MODE, BR_STP_MODE_*
  [{ kind: 'bridge' }, { stpMode: 'auto' }, 50, '00000000'],
  [{ kind: 'bridge' }, { stpMode: 'user' }, 50, '01000000'],
  [{ kind: 'bridge' }, { stpMode: 'kernel' }, 50, '02000000'],
  // IFLA_HSR_INTERLINK
  [HSR, { interlink: 300 }, 8, '2c010000'],
  [HSR, { interlink: 'eth1' }, 8, '0b000000'],
  // IFLA_NETKIT_PAIRING, NETKIT_DEVICE_*
  [{ kind: 'netkit' }, { pairing: 'pair' }, 10, '00000000'],
  [{ kind: 'netkit' }, { pairing: 'single' }, 10, '01000000'],
  // IFLA_GTP_*
  [{ kind: 'gtp' }, { fd0: 300 }, 1, '2c010000'],
  [{ kind: 'gtp' }, { fd1: 300 }, 2, '2c010000'],
  [{ kind: 'gtp' }, { createSockets: true }, 5, '01'],
]

describe('an option of a link is sent', () => {
  it.each(ROWS)('%o with %o as attribute %i', (link, options, number, value) => {
    expect(sentData({ name: 'our0', ...link, ...options })).toMatchObject({ [number]: value })
  })
})
