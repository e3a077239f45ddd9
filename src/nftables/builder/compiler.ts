/** Turns the statements of one rule into expressions: registers, byte order and what a header needs to be there are its business. */

import { host } from '../../codec/bytes.js'
import * as nf from '../../netlink/netfilter.js'
import type { Request } from '../../netlink/request.js'
import type { Expression } from '../expression.js'
import type { SetShape } from '../set-shape.js'

/** What a rule needs of the transaction that it is part of. */
export interface RuleContext {
  readonly family: number
  readonly table: string
  /** The rule that jumps here has looked at the protocol above IP. */
  readonly seesTransport?: boolean
  /** The ifindex of an interface. Throws NetlinkError ENODEV. */
  ifindex(name: string): number
  /** A number that no other set of the transaction has. */
  nextId(): number
  /** A set that the transaction makes or has asked for; undefined for others. */
  madeSet(name: string): { readonly id: number | undefined; readonly shape: SetShape } | undefined
}

/** One step of a rule. */
export interface Statement {
  /** Adds its expressions. */
  readonly compile: (compiler: Compiler) => void
  /** A comparison of whole bytes of a header, which goes together with another one beside it. */
  readonly bytes?: ComparedBytes
  /** It matches and changes nothing, so that its place among others like it does not matter. */
  readonly matches?: boolean
  /** No packet goes on to what stands behind it in the rule. */
  readonly ends?: boolean
}

/** Bytes of a header and what they have to be. */
export interface ComparedBytes {
  readonly base: PayloadBase
  readonly offset: number
  readonly value: Uint8Array
  readonly depend: (compiler: Compiler) => void
  readonly learn: (compiler: Compiler) => void
}

/** What only some packets have. */
export interface Dependent {
  /** Lets the rule go on only where it is there. This uses the first register, so it has to come before anything is kept there. */
  depend(compiler: Compiler): void
}

/** Before a statement keeps its first operand in a register: the rule goes on where all of them are there, as constants always are. */
export function dependOn(compiler: Compiler, operands: readonly unknown[]): void {
  for (const one of operands) if (isDependent(one)) one.depend(compiler)
}

function isDependent(value: unknown): value is Dependent {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && 'depend' in value
}

export type PayloadBase = 'link-layer-header' | 'network-header' | 'transport-header' | 'inner-header'
export type Network = 'ip' | 'ip6' | 'arp'

/** The value register: NFT_REG_1. */
export const REG = 1
export const VERDICT_REG = 0
/** Bytes: NFT_REG_SIZE. */
export const REGISTER_SIZE = 16
/** Bytes: NFT_REG_1 to NFT_REG_4. */
export const REGISTERS_SIZE = 4 * REGISTER_SIZE

const NFPROTOS: Readonly<Record<Network, number>> = {
  ip: nf.NFPROTO_IPV4,
  ip6: nf.NFPROTO_IPV6,
  arp: nf.NFPROTO_ARP,
}
/** ETH_P_* of linux/if_ether.h */
const ETHERTYPES: Readonly<Record<Network, number>> = { ip: 0x0800, ip6: 0x86dd, arp: 0x0806 }
const ETH_P_8021Q = 0x8100
const VLANS: readonly number[] = [ETH_P_8021Q, 0x88a8]
/** linux/if_arp.h */
const ARPHRD_ETHER = 1

/** NFT_REG_1 to NFT_REG_4 have 16 bytes, NFT_REG32_00 and on are the same memory four bytes at a time. */
export function registerAt(offset: number): number {
  return offset % REGISTER_SIZE === 0 ? REG + offset / REGISTER_SIZE : 8 + offset / 4
}

/** The first byte behind a register. */
export function behind(register: number): number {
  return register < 8 ? REGISTER_SIZE * register : 4 * (register - 8) + 4
}

/** An integer as the host has it. */
export function hostInteger(value: number, size: 2 | 4): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let i = 0; i < size; i++) bytes[host.littleEndian ? i : size - 1 - i] = value >>> (8 * i)
  return bytes
}

/** Where IPv4 and IPv6 have the protocol above them. */
const PROTOCOL_OFFSETS: readonly unknown[] = [9, 6]

function looksAtTransport({ name, data }: Expression): boolean {
  const { key, base, offset, len } = (data ?? {}) as Readonly<Record<string, unknown>>
  if (name === 'meta') return key === 'l4proto'
  if (name === 'ct') return key === 'protocol'
  if (name !== 'payload') return false
  return (
    base === 'transport-header' ||
    (base === 'network-header' && len === 1 && PROTOCOL_OFFSETS.includes(offset))
  )
}

export class Compiler {
  readonly expressions: Expression[] = []
  /** The anonymous sets that the rule needs, with their elements, and the chains. */
  readonly sets: Request[] = []
  readonly context: RuleContext
  #network: Network | null
  #transport: number | null = null
  #ethernet: boolean
  #vlan = false
  /** The types in the Ethernet header and in that of the VLAN, where the rule has compared them. */
  #etherType: number | null = null
  #vlanType: number | null = null
  #icmpTypes: readonly number[] | null = null

  /** `family` is that of the packets, which those within a tunnel's have not from the rule. */
  constructor(
    context: RuleContext,
    readonly family = context.family,
  ) {
    this.context = context
    this.#network =
      family === nf.NFPROTO_IPV4
        ? 'ip'
        : family === nf.NFPROTO_IPV6
          ? 'ip6'
          : family === nf.NFPROTO_ARP
            ? 'arp'
            : null
    this.#ethernet = family === nf.NFPROTO_BRIDGE
  }

  emit(expression: Expression): void {
    this.expressions.push(expression)
  }

  /** A constant into a register. */
  immediate(value: Uint8Array, dreg = REG): void {
    this.emit({ name: 'immediate', data: { dreg, data: { value } } })
  }

  verdict(verdict: object): void {
    this.emit({ name: 'immediate', data: { dreg: VERDICT_REG, data: verdict } })
  }

  compare(value: Uint8Array, op: 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte' = 'eq'): void {
    this.emit({ name: 'cmp', data: { sreg: REG, op, data: { value } } })
  }

  /** The rule goes on for packets of a network protocol alone. Throws TypeError where it never would. */
  needNetwork(network: Network): void {
    if (this.#network === network) return
    if (this.#network !== null)
      throw new TypeError(
        `${network}: the rule is about ${this.#network} packets, by its family or by what else it looks at`,
      )
    if (this.#vlanType !== null) throw otherType(network, this.#vlanType)
    if (this.family === nf.NFPROTO_INET) {
      if (network === 'arp') throw new TypeError('arp: the family inet has no ARP packets')
      this.emit({ name: 'meta', data: { key: 'nfproto', dreg: REG } })
      this.compare(Uint8Array.of(NFPROTOS[network]))
    } else {
      // The packet's protocol can be that of the VLAN.
      if (this.#vlan)
        this.emit({ name: 'payload', data: { dreg: REG, base: 'link-layer-header', offset: 16, len: 2 } })
      else this.emit({ name: 'meta', data: { key: 'protocol', dreg: REG } })
      this.compare(Uint8Array.of(ETHERTYPES[network] >> 8, ETHERTYPES[network]))
    }
    this.#network = network
  }

  /** The rule goes on for packets of a protocol above IP alone. Throws TypeError where it never would. */
  needTransport(protocol: number, name: string): void {
    if (this.#transport === protocol) return
    if (this.#transport !== null)
      throw new TypeError(
        `${name}: the rule is about packets of protocol ${this.#transport} by what else it looks at`,
      )
    if (this.#network === 'arp')
      throw new TypeError(`${name}: the rule is about arp packets, by its family or by what else it looks at`)
    this.emit({ name: 'meta', data: { key: 'l4proto', dreg: REG } })
    this.compare(Uint8Array.of(protocol))
    this.#transport = protocol
  }

  /** What the whole rule needs, though a later statement says it: it is looked at before anything counts or changes the packet. */
  first(need: () => void): void {
    const others = this.expressions.splice(0)
    need()
    this.expressions.push(...others)
  }

  /**
   * Throws TypeError where nothing has looked at the protocol above IP: packets that have no ports would get one, an echo request another
   * identifier. nft(8) refuses that, too.
   */
  needPorts(name: string): void {
    if (this.seesTransport) return
    throw new TypeError(
      `${name}: a port is for protocols that have ports, of which the rule says none before: tcp.dport(80), meta.l4proto('udp')`,
    )
  }

  /** Whether something has looked at the protocol above IP, here or where the rule is jumped to. */
  get seesTransport(): boolean {
    return (
      this.#transport !== null ||
      this.context.seesTransport === true ||
      this.expressions.some(looksAtTransport)
    )
  }

  /** The rule goes on for packets with an Ethernet header alone. */
  needEthernet(): void {
    if (this.#ethernet) return
    this.emit({ name: 'meta', data: { key: 'iiftype', dreg: REG } })
    this.compare(hostInteger(ARPHRD_ETHER, 2))
    this.#ethernet = true
  }

  /**
   * The rule goes on for packets of a VLAN alone: of 802.1Q, unless it has said 802.1ad. Throws TypeError where it never would, and behind
   * the type of a VLAN within, of which nft(8) means the fields that follow.
   */
  needVlan(): void {
    if (this.#vlanType !== null && VLANS.includes(this.#vlanType))
      throw new TypeError(
        "vlan: fields are those of the outer VLAN, and have to stand before vlan.type; of one within there is payload('link-layer-header', 18, 2)",
      )
    if (this.#vlan) return
    if (this.#etherType === null) {
      const field = { base: 'link-layer-header', offset: 12, len: 2 } as const
      this.emit({ name: 'payload', data: { dreg: REG, ...field } })
      this.compare(Uint8Array.of(ETH_P_8021Q >> 8, ETH_P_8021Q & 0xff))
    } else if (!VLANS.includes(this.#etherType)) throw otherType('vlan', this.#etherType)
    this.#vlan = true
  }

  /** Whether the type of an ICMP packet is known to be one of these; throws TypeError where it is another one. */
  hasIcmpType(types: readonly number[], name: string): boolean {
    const known = this.#icmpTypes
    if (known === null) return false
    if (known.every((type) => types.includes(type))) return true
    throw new TypeError(
      `${name}: the rule is about packets of type ${known.join(' or ')} by what else it looks at`,
    )
  }

  learnIcmpTypes(types: readonly number[]): void {
    this.#icmpTypes ??= types
  }

  learnEtherType(type: number): void {
    this.#etherType ??= type
  }

  learnVlanType(type: number): void {
    this.#vlanType ??= type
  }

  /** The packet has an Ethernet header, for sure. */
  learnEthernet(): void {
    this.#ethernet = true
  }

  /** What a comparison has told already. */
  learnNetwork(network: Network): void {
    this.#network ??= network
  }

  learnTransport(protocol: number): void {
    this.#transport ??= protocol
  }

  /** The network protocol that the rule is about, as far as it is known. */
  get network(): Network | null {
    return this.#network
  }
}

function otherType(name: string, type: number): TypeError {
  return new TypeError(
    `${name}: the rule is about packets of ethertype 0x${type.toString(16).padStart(4, '0')} by what else it looks at`,
  )
}
