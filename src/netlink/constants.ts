/** linux/netlink.h */

export const NLMSG_HDRLEN = 16

export const NLMSG_NOOP = 1
export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3
export const NLMSG_OVERRUN = 4
/** Lower numbers are control messages. */
export const NLMSG_MIN_TYPE = 16

export const NLM_F_REQUEST = 0x01
export const NLM_F_MULTI = 0x02
export const NLM_F_ACK = 0x04
export const NLM_F_ECHO = 0x08
export const NLM_F_DUMP_INTR = 0x10

export const NLM_F_ROOT = 0x100
export const NLM_F_MATCH = 0x200
export const NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH

export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const NLM_F_APPEND = 0x800

export const NLM_F_CAPPED = 0x100
export const NLM_F_ACK_TLVS = 0x200

export const NETLINK_ROUTE = 0

export const SOL_NETLINK = 270
export const NETLINK_ADD_MEMBERSHIP = 1
export const NETLINK_LISTEN_ALL_NSID = 8
export const NETLINK_CAP_ACK = 10
export const NETLINK_EXT_ACK = 11
export const NETLINK_GET_STRICT_CHK = 12

/** enum nlmsgerr_attrs */
export const NLMSGERR_ATTR_MSG = 1
export const NLMSGERR_ATTR_OFFS = 2
export const NLMSGERR_ATTR_COOKIE = 3
export const NLMSGERR_ATTR_POLICY = 4
export const NLMSGERR_ATTR_MISS_TYPE = 5
export const NLMSGERR_ATTR_MISS_NEST = 6

/** enum netlink_policy_type_attr */
export const NL_POLICY_TYPE_ATTR_TYPE = 1
export const NL_POLICY_TYPE_ATTR_MIN_VALUE_S = 2
export const NL_POLICY_TYPE_ATTR_MAX_VALUE_S = 3
export const NL_POLICY_TYPE_ATTR_MIN_VALUE_U = 4
export const NL_POLICY_TYPE_ATTR_MAX_VALUE_U = 5
export const NL_POLICY_TYPE_ATTR_MIN_LENGTH = 6
export const NL_POLICY_TYPE_ATTR_MAX_LENGTH = 7
export const NL_POLICY_TYPE_ATTR_POLICY_IDX = 8
export const NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE = 9
export const NL_POLICY_TYPE_ATTR_BITFIELD32_MASK = 10
export const NL_POLICY_TYPE_ATTR_MASK = 12
