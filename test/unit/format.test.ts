/** Lines of DEBUG=netlink:*: what real kernels answered (golden/dumps), to the questions that it answers, and what is no message that is known. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { message } from '../../src/codec/index.js'
import type { Message } from '../../src/codec/message.js'
import { getConntrackMessage, newConntrack } from '../../src/conntrack/table.js'
import { NLM_F_ACK } from '../../src/netlink/constants.js'
import { formatMessage } from '../../src/netlink/format.js'
import { nfnlType } from '../../src/netlink/netfilter.js'
import * as nft from '../../src/nftables/messages.js'
import { getAddress } from '../../src/rtnetlink/address/table.js'
import { getLinkMessage, newLink } from '../../src/rtnetlink/link/table.js'
import { getNeighbour } from '../../src/rtnetlink/neighbour/table.js'
import { getRouteMessage } from '../../src/rtnetlink/route/table.js'
import { getRuleMessage } from '../../src/rtnetlink/rule/table.js'
import { failure, type Part, reply, success } from '../../src/testing/reply.js'
import { onLittleEndianHost } from './codec/hex.js'

onLittleEndianHost()

const { dumps } = JSON.parse(
  readFileSync(new URL('../golden/dumps/6.18.44.json', import.meta.url), 'utf8'),
) as { dumps: Record<string, string[]> }

const line = (bytes: Uint8Array, definition: Message | null) =>
  formatMessage(bytes, 0, bytes.length, definition)
const answer = (part: Part) => part({ seq: 7, portid: 0, flags: NLM_F_ACK, bytes: new Uint8Array(32) })

describe('a line of the debug log', () => {
  it.each<[string, Message, RegExp]>([
    ['link', getLinkMessage, /^RTM_NEWLINK seq=\d+ flags=0x2 length=\d+ family=0 type=772 .*ifname=lo /],
    ['link', getLinkMessage, / index=1 flags=\[up loopback running lower-up\] change=\[\] ifname=lo /],
    ['address', getAddress, /^RTM_NEWADDR .* prefixlen=8 flags=\[permanent\] scope=host index=1 /],
    ['route6', getRouteMessage, /^RTM_NEWROUTE .* type=\w+ flags=\[\] /],
    ['neighbour', getNeighbour, /^RTM_NEWNEIGH .* state=\[permanent\] flags=\[\] /],
    ['rule', getRuleMessage, /^RTM_NEWRULE .*table=/],
    ['nft-table', nft.getTable, /^NFT_MSG_NEWTABLE .*name=t /],
    ['nft-chain', nft.getChain, /^NFT_MSG_NEWCHAIN .*table=t name=c /],
    ['nft-rule', nft.getRule, /^NFT_MSG_NEWRULE .*expressions=\{elem=\[name=/],
    ['nft-rule', nft.getRuleReset, /^NFT_MSG_NEWRULE /],
    ['nft-elements', nft.getElements, /^NFT_MSG_NEWSETELEM /],
    ['nft-object', nft.getObject, /^NFT_MSG_NEWOBJ /],
  ])('names an answer of %s by its own name', (dump, asked, expected) => {
    expect(line(Uint8Array.from(Buffer.from(dumps[dump]![0]!, 'hex')), asked)).toMatch(expected)
  })

  it('names a tracked connection', () => {
    const bytes = answer(reply(newConntrack, { header: { family: 2 }, attributes: { mark: 5 } }))
    expect(line(bytes, getConntrackMessage)).toMatch(/^IPCTNL_MSG_CT_NEW seq=7 .*family=2 .*mark=5$/)
    // IPCTNL_MSG_CT_GET_CTRZERO
    const zeroing = { ...getConntrackMessage, name: 'IPCTNL_MSG_CT_GET_CTRZERO', number: nfnlType(1, 3) }
    expect(line(bytes, zeroing)).toMatch(/^IPCTNL_MSG_CT_NEW seq=7 /)
  })

  it('names what was sent by its own name', () => {
    const bytes = answer(reply(newLink, { header: { index: 5 }, attributes: { ifname: 'eth0' } }))
    expect(line(bytes, newLink)).toMatch(/^RTM_NEWLINK seq=7 flags=0x0 .*index=5 .*ifname=eth0$/)
  })

  it('tells what an error says', () => {
    expect(line(answer(success()), newLink)).toMatch(/^ACK seq=7 flags=0x[0-9a-f]+ length=\d+$/)
    const refused = answer(failure('ERANGE', { message: 'out of range' }))
    expect(line(refused, newLink)).toMatch(/^NLMSG_ERROR seq=7 .* ERANGE message=out of range$/)
  })

  it('has the bytes of what it does not know, and of what is malformed', () => {
    const bytes = answer(reply(newLink, { header: { index: 5 }, attributes: { mtu: 5 } }))
    const hex = Buffer.from(bytes.subarray(16)).toString('hex')
    expect(line(bytes, null)).toBe(`type 16 seq=7 flags=0x0 length=${bytes.length} ${hex}`)
    // Of another subsystem, and of another protocol that has a number of its own.
    expect(line(bytes, nft.getTable)).toMatch(/^type 16 /)
    const other = message('CTRL_CMD_GETFAMILY', 17, newLink.header, newLink.table)
    expect(line(bytes, other)).toMatch(/^type 16 /)
    // An attribute that is shorter than its own header.
    bytes[32] = 3
    expect(line(bytes, newLink)).toMatch(/^type 16 seq=7 .* RTM_NEWLINK.*: [0-9a-f]{48}$/)
  })
})
