import { describe, expect, it } from 'vitest'
import { Writer } from '../../src/codec/index.js'
import { writeRequest } from '../../src/netlink/nlmsg.js'
import type { OpenNetns } from '../../src/netlink/operation.js'
import type { Request } from '../../src/netlink/request.js'
import { NETNSA_NSID_NOT_ASSIGNED } from '../../src/rtnetlink/nsid/constants.js'
import {
  findNsidRequest,
  getNsidRequest,
  listNsidsRequest,
  newNsidRequest,
  readNsid,
} from '../../src/rtnetlink/nsid/request.js'
import { differenceFrom, findGolden, fromHex } from '../golden/golden.js'

const netns: OpenNetns = {
  fd: 6,
  name: 'red',
  label: "namespace 'red'",
  retain: () => {},
  release: () => {},
  close: () => {},
}

function bytesOf(request: Request): Uint8Array {
  const out = new Writer()
  writeRequest(request, 1, out)
  // A change that leaves alone is acknowledged.
  if (request.answer === 'ack') out.bytes[6]! |= 4
  return out.take()
}

describe('namespace ids', () => {
  it.each([
    ['netns-set', newNsidRequest(netns, 10)],
    ['netns-set-auto', newNsidRequest(netns, NETNSA_NSID_NOT_ASSIGNED)],
    ['netns-list', getNsidRequest(netns)],
    ['netns-list-id', listNsidsRequest(undefined)],
    ['netns-list-id-target', listNsidsRequest(10)],
    ['netns-list-id-of', findNsidRequest(10, undefined)],
  ] as const)('are asked as ip asks: %s', (name, request) => {
    expect(differenceFrom(findGolden('netns', name).messages[0]!, bytesOf(request))).toBeNull()
  })

  it('put the descriptor where the fixture has it', () => {
    const { varying } = findGolden('netns', 'netns-list').messages[0]!
    expect(bytesOf(getNsidRequest(netns))[varying[0]!.offset]).toBe(6)
  })

  it('are read: a number, or none', () => {
    // struct rtgenmsg and NETNSA_NSID, as the kernel answered RTM_GETNSID for a namespace with the id 10 and for one without.
    const answer = (nsid: string) => fromHex(`0000000008000100${nsid}`)
    expect(readNsid(answer('0a000000'), 0, 12)).toBe(10)
    expect(readNsid(answer('ffffffff'), 0, 12)).toBeNull()
  })
})
