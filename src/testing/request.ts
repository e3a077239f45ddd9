import { copyOf, getU16, getU32 } from '../codec/bytes.js'
import { type Body, decodeBody, type Message } from '../codec/index.js'
import { NETLINK_ROUTE, NLM_F_DUMP, NLMSG_HDRLEN } from '../netlink/constants.js'
import { messageOf } from './messages.js'
import type { Addressee } from './reply.js'

/** RTM_NEW…, RTM_DEL…, RTM_GET…, RTM_SET…: the verb is in the lowest two bits (linux/rtnetlink.h). */
const GET = 2

/** A request as it reached the fake kernel. */
export class FakeRequest implements Addressee {
  /** The whole message, struct nlmsghdr included. */
  readonly bytes: Uint8Array
  /** nlmsg_type and nlmsg_flags. */
  readonly type: number
  readonly flags: number
  readonly seq: number

  constructor(
    bytes: Uint8Array,
    readonly protocol: number,
    /** The address of the socket that sent it. */
    readonly portid: number,
    /** Which sendmsg of that socket it came in: 0, 1, … */
    readonly send: number,
  ) {
    this.bytes = copyOf(bytes, 0, bytes.length)
    this.type = getU16(bytes, 4)
    this.flags = getU16(bytes, 6)
    this.seq = getU32(bytes, 8)
  }

  /** 'RTM_NEWLINK', 'NFT_MSG_NEWRULE'; null for a type that the library has no table of. */
  get name(): string | null {
    return this.#message()?.name ?? null
  }

  /** Header struct and attributes; null for a type that the library has no table of (see decode()). */
  get body(): Body | null {
    const message = this.#message()
    return message === null ? null : this.decode(message)
  }

  /** Asks for a table: NLM_F_DUMP, whose bits mean something else in a change (NLM_F_REPLACE, NLM_F_EXCL). */
  get isDump(): boolean {
    return this.isGet && (this.flags & NLM_F_DUMP) === NLM_F_DUMP
  }

  /** Asks for something; of a protocol whose messages the library does not know the flags decide. */
  get isGet(): boolean {
    if (this.protocol === NETLINK_ROUTE) return (this.type & 3) === GET
    return this.name === null || this.name.includes('_GET')
  }

  /** Header struct and attributes by a table. Throws DecodeError where the bytes are not of it. */
  decode<M extends Message>(message: M): Body<M> {
    return decodeBody(message, this.bytes, NLMSG_HDRLEN, this.bytes.length)
  }

  #message(): Message | null {
    return messageOf(this.protocol, this.type, this.bytes[NLMSG_HDRLEN] ?? 0)
  }
}
