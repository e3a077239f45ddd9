/** The kernel's extended acknowledgement: what it says beyond the error number. */

import { align, getU16, getU32 } from '../codec/bytes.js'
import type { Infer, Message, Table } from '../codec/index.js'
import {
  attributes,
  bytes,
  decodeAttributes,
  flagged,
  nested,
  s64,
  string,
  u32,
  u64,
} from '../codec/index.js'
import { NLA_TYPE_MASK } from '../codec/table.js'
import * as nl from './constants.js'

/** linux/netlink.h, enum netlink_policy_type_attr */
const policyAttributes = attributes('NL_POLICY_TYPE_ATTR', {
  type: [nl.NL_POLICY_TYPE_ATTR_TYPE, u32],
  minSigned: [nl.NL_POLICY_TYPE_ATTR_MIN_VALUE_S, s64],
  maxSigned: [nl.NL_POLICY_TYPE_ATTR_MAX_VALUE_S, s64],
  min: [nl.NL_POLICY_TYPE_ATTR_MIN_VALUE_U, u64],
  max: [nl.NL_POLICY_TYPE_ATTR_MAX_VALUE_U, u64],
  minLength: [nl.NL_POLICY_TYPE_ATTR_MIN_LENGTH, u32],
  maxLength: [nl.NL_POLICY_TYPE_ATTR_MAX_LENGTH, u32],
  bits: [nl.NL_POLICY_TYPE_ATTR_BITFIELD32_MASK, u32],
  mask: [nl.NL_POLICY_TYPE_ATTR_MASK, u64],
})

/** linux/netlink.h, enum nlmsgerr_attrs */
export const errorAttributes = attributes('NLMSGERR_ATTR', {
  message: [nl.NLMSGERR_ATTR_MSG, string],
  offset: [nl.NLMSGERR_ATTR_OFFS, u32],
  cookie: [nl.NLMSGERR_ATTR_COOKIE, bytes],
  policy: [nl.NLMSGERR_ATTR_POLICY, flagged(nested(policyAttributes))],
  missingType: [nl.NLMSGERR_ATTR_MISS_TYPE, u32],
  missingNest: [nl.NLMSGERR_ATTR_MISS_NEST, u32],
})

export type ErrorAttributes = Infer<typeof errorAttributes>

/** What the kernel said about a failed request. */
export interface Extack {
  /** The kernel's own words; null where it has none. */
  readonly message: string | null
  /** The attribute that it points at, in dots: 'linkinfo.data.id'. Never guessed. */
  readonly path: string | null
  /** An attribute that it wanted and that is not there. */
  readonly missing: string | null
  /** The bounds that the value has to keep. */
  readonly policy: Policy | null
}

/**
 * The bounds that the kernel puts on the value of an attribute (NLMSGERR_ATTR_POLICY); null where it has none. See linux/netlink.h.
 */
export interface Policy {
  readonly min: bigint | null
  readonly max: bigint | null
  /** Bytes. */
  readonly minLength: number | null
  readonly maxLength: number | null
  /** The bits that are allowed. */
  readonly mask: bigint | null
}

/**
 * Reads the attributes of an NLMSG_ERROR or NLMSG_DONE that starts at `start` (its nlmsghdr). The first int of the payload
 * is the errno; in an error the header of the request follows, or the whole request unless NLM_F_CAPPED.
 */
export function readErrorAttributes(buffer: Uint8Array, start: number, end: number): ErrorAttributes {
  const type = getU16(buffer, start + 4)
  const flags = getU16(buffer, start + 6)
  if ((flags & nl.NLM_F_ACK_TLVS) === 0) return {}
  let at = start + nl.NLMSG_HDRLEN + 4
  if (type === nl.NLMSG_ERROR) {
    const requestLength = flags & nl.NLM_F_CAPPED ? nl.NLMSG_HDRLEN : getU32(buffer, at)
    at += align(requestLength)
  }
  return at < end ? decodeAttributes(errorAttributes, buffer, at, end) : {}
}

/** Turns offsets into names with the tables that the request was written from. */
export function resolveExtack(raw: ErrorAttributes, definition: Message, request: Uint8Array): Extack {
  const missing = raw.missingType === undefined ? null : nameMissing(raw, definition, request)
  const policy = raw.policy
  return {
    message: raw.message ?? null,
    path: raw.offset === undefined ? null : pathAt(definition, request, raw.offset)?.path || null,
    missing,
    policy:
      policy === undefined
        ? null
        : {
            min: policy.min ?? policy.minSigned ?? null,
            max: policy.max ?? policy.maxSigned ?? null,
            minLength: policy.minLength ?? null,
            maxLength: policy.maxLength ?? null,
            mask: policy.mask ?? (policy.bits === undefined ? null : BigInt(policy.bits)),
          },
  }
}

function nameMissing(raw: ErrorAttributes, definition: Message, request: Uint8Array): string {
  const number = raw.missingType ?? 0
  const nest = raw.missingNest === undefined ? null : pathAt(definition, request, raw.missingNest)
  const table = nest === null ? definition.table : nest.inner
  const name = table?.byNumber(number)?.name ?? `attribute ${number}`
  return nest === null ? name : join(nest.path, name)
}

interface Place {
  readonly path: string
  readonly inner: Table | null
}

function pathAt(definition: Message, request: Uint8Array, offset: number): Place | null {
  const start = nl.NLMSG_HDRLEN + align(definition.header.size)
  if (offset < start)
    return { path: headerField(definition, offset - nl.NLMSG_HDRLEN), inner: definition.table }
  return walk(definition.table, request, start, request.length, offset, '')
}

/** Some checks point into the fixed struct (a flag that must be zero, say). */
function headerField(definition: Message, offset: number): string {
  const offsets = definition.header.offsets as Readonly<Record<string, number>>
  return Object.keys(offsets).findLast((name) => offsets[name]! <= offset) ?? ''
}

function walk(
  table: Table,
  data: Uint8Array,
  start: number,
  end: number,
  offset: number,
  prefix: string,
): Place | null {
  const siblings: Record<string, unknown> = {}
  const seen = new Map<number, number>()
  for (let at = start; at + 4 <= end; ) {
    const length = getU16(data, at)
    if (length < 4) return null
    const number = getU16(data, at + 2) & NLA_TYPE_MASK
    const field = table.byNumber(number)
    const nth = seen.get(number) ?? 0
    seen.set(number, nth + 1)
    const path = join(prefix, field?.name ?? `attribute ${number}`) + (field?.type.repeated ? `[${nth}]` : '')
    const inner = field?.type.inner?.(siblings) ?? null
    if (offset < at + length) {
      if (offset < at + 4 || inner === null) return { path, inner }
      return walk(inner, data, at + 4, at + length, offset, path) ?? { path, inner }
    }
    // A set that depends on a sibling depends on a name ('vlan'), never on anything larger.
    if (field?.type.label === 'string')
      siblings[field.name] = field.type.decode(data, at + 4, at + length, siblings)
    at += align(length)
  }
  return null
}

/** Elements of a list are called '[0]': 'rules[0].id'. */
function join(outer: string, inner: string): string {
  return outer === '' || inner.startsWith('[') ? outer + inner : `${outer}.${inner}`
}
