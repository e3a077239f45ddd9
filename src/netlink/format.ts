/** A message in words, for the debug log: header, fixed struct, attributes by name, the rest in hex. */

import { getU16, getU32, toHex } from '../codec/bytes.js'
import { decodeBody, type Message } from '../codec/index.js'
import * as nl from './constants.js'
import { errnoCode } from './errno.js'
import { readErrorAttributes } from './extack.js'
import { NFNL_SUBSYS_CTNETLINK, nfnlType } from './netfilter.js'

export function formatMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
  definition: Message | null,
): string {
  const type = getU16(bytes, start + 4)
  const flags = getU16(bytes, start + 6)
  const head = `seq=${getU32(bytes, start + 8)} flags=0x${flags.toString(16)} length=${end - start}`
  const body = start + nl.NLMSG_HDRLEN
  try {
    if (type === nl.NLMSG_ERROR || type === nl.NLMSG_DONE) {
      const errno = end - body >= 4 ? -(getU32(bytes, body) | 0) : 0
      const name = type === nl.NLMSG_DONE ? 'NLMSG_DONE' : errno === 0 ? 'ACK' : 'NLMSG_ERROR'
      const said = readErrorAttributes(bytes, start, end)
      return `${name} ${head}${errno === 0 ? '' : ` ${errnoCode(errno)}`} ${inWords(said)}`.trimEnd()
    }
    if (definition === null) return `type ${type} ${head} ${toHex(bytes, body, end)}`
    const { header, attributes } = decodeBody(definition, bytes, body, end)
    const name = nameOf(type, definition)
    return `${name} ${head} ${inWords(header)} ${inWords(attributes)}`
  } catch (error) {
    return `type ${type} ${head} ${(error as Error).message}: ${toHex(bytes, body, end)}`
  }
}

/**
 * rtnetlink numbers its messages in fours: NEW, DEL, GET, SET. Netfilter, whose numbers begin with that of a subsystem, answers each GET of an
 * entry (IPCTNL_MSG_CT_GET_CTRZERO, NFT_MSG_GETRULE_RESET) by its NEW; counters of expectations come under the number of connections
 * (ctnetlink_exp_stat_fill_info()).
 */
function nameOf(type: number, { name, number }: Message): string {
  if (type === number) return name
  if (name.startsWith('RTM_') && type >> 2 === number >> 2)
    return name.replace(/^RTM_[A-Z]{3}/, `RTM_${['NEW', 'DEL', 'GET', 'SET'][type & 3]!}`)
  if (/^(NFT|IPCTNL)_MSG_.*GET/.test(name)) {
    if (type >> 8 === number >> 8) return name.replace(/GET([A-Z]*).*/, 'NEW$1')
    if (type === nfnlType(NFNL_SUBSYS_CTNETLINK, number & 0xff)) return name
  }
  return `type ${type}`
}

function inWords(value: unknown): string {
  if (value instanceof Uint8Array) return `0x${toHex(value)}`
  if (Array.isArray(value)) return `[${value.map(inWords).join(' ')}]`
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, item]) =>
        typeof item === 'object' && item !== null && !(item instanceof Uint8Array) && !Array.isArray(item)
          ? `${key}={${inWords(item)}}`
          : `${key}=${inWords(item)}`,
      )
      .join(' ')
  }
  return String(value)
}
