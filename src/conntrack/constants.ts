/** linux/netfilter/nfnetlink_conntrack.h, linux/netfilter/nf_conntrack_common.h, nf_conntrack_tcp.h, nf_conntrack_sctp.h */

/** enum cntl_msg_types, below NFNL_SUBSYS_CTNETLINK */
export const IPCTNL_MSG_CT_NEW = 0
export const IPCTNL_MSG_CT_GET = 1
export const IPCTNL_MSG_CT_DELETE = 2
export const IPCTNL_MSG_CT_GET_CTRZERO = 3
export const IPCTNL_MSG_CT_GET_STATS_CPU = 4
export const IPCTNL_MSG_CT_GET_STATS = 5

/** enum ctnl_exp_msg_types, below NFNL_SUBSYS_CTNETLINK_EXP */
export const IPCTNL_MSG_EXP_NEW = 0
export const IPCTNL_MSG_EXP_GET = 1
export const IPCTNL_MSG_EXP_DELETE = 2
export const IPCTNL_MSG_EXP_GET_STATS_CPU = 3

/** enum ctattr_type */
export const CTA_TUPLE_ORIG = 1
export const CTA_TUPLE_REPLY = 2
export const CTA_STATUS = 3
export const CTA_PROTOINFO = 4
export const CTA_HELP = 5
export const CTA_NAT_SRC = 6
export const CTA_TIMEOUT = 7
export const CTA_MARK = 8
export const CTA_COUNTERS_ORIG = 9
export const CTA_COUNTERS_REPLY = 10
export const CTA_USE = 11
export const CTA_ID = 12
export const CTA_NAT_DST = 13
export const CTA_TUPLE_MASTER = 14
export const CTA_SEQ_ADJ_ORIG = 15
export const CTA_SEQ_ADJ_REPLY = 16
export const CTA_SECMARK = 17
export const CTA_ZONE = 18
export const CTA_SECCTX = 19
export const CTA_TIMESTAMP = 20
export const CTA_MARK_MASK = 21
export const CTA_LABELS = 22
export const CTA_LABELS_MASK = 23
export const CTA_SYNPROXY = 24
export const CTA_FILTER = 25
export const CTA_STATUS_MASK = 26
export const CTA_TIMESTAMP_EVENT = 27

/** enum ctattr_tuple, ctattr_ip, ctattr_l4proto */
export const CTA_TUPLE_IP = 1
export const CTA_TUPLE_PROTO = 2
export const CTA_TUPLE_ZONE = 3
export const CTA_IP_V4_SRC = 1
export const CTA_IP_V4_DST = 2
export const CTA_IP_V6_SRC = 3
export const CTA_IP_V6_DST = 4
export const CTA_PROTO_NUM = 1
export const CTA_PROTO_SRC_PORT = 2
export const CTA_PROTO_DST_PORT = 3
export const CTA_PROTO_ICMP_ID = 4
export const CTA_PROTO_ICMP_TYPE = 5
export const CTA_PROTO_ICMP_CODE = 6
export const CTA_PROTO_ICMPV6_ID = 7
export const CTA_PROTO_ICMPV6_TYPE = 8
export const CTA_PROTO_ICMPV6_CODE = 9

/** enum ctattr_protoinfo and those of the protocols */
export const CTA_PROTOINFO_TCP = 1
export const CTA_PROTOINFO_DCCP = 2
export const CTA_PROTOINFO_SCTP = 3
export const CTA_PROTOINFO_TCP_STATE = 1
export const CTA_PROTOINFO_TCP_WSCALE_ORIGINAL = 2
export const CTA_PROTOINFO_TCP_WSCALE_REPLY = 3
export const CTA_PROTOINFO_TCP_FLAGS_ORIGINAL = 4
export const CTA_PROTOINFO_TCP_FLAGS_REPLY = 5
export const CTA_PROTOINFO_DCCP_STATE = 1
export const CTA_PROTOINFO_DCCP_ROLE = 2
export const CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ = 3
export const CTA_PROTOINFO_DCCP_PAD = 4
export const CTA_PROTOINFO_SCTP_STATE = 1
export const CTA_PROTOINFO_SCTP_VTAG_ORIGINAL = 2
export const CTA_PROTOINFO_SCTP_VTAG_REPLY = 3

/** enum ctattr_counters, ctattr_tstamp */
export const CTA_COUNTERS_PACKETS = 1
export const CTA_COUNTERS_BYTES = 2
export const CTA_COUNTERS32_PACKETS = 3
export const CTA_COUNTERS32_BYTES = 4
export const CTA_COUNTERS_PAD = 5
export const CTA_TIMESTAMP_START = 1
export const CTA_TIMESTAMP_STOP = 2
export const CTA_TIMESTAMP_PAD = 3

/** enum ctattr_nat, ctattr_protonat */
export const CTA_NAT_V4_MINIP = 1
export const CTA_NAT_V4_MAXIP = 2
export const CTA_NAT_PROTO = 3
export const CTA_NAT_V6_MINIP = 4
export const CTA_NAT_V6_MAXIP = 5
export const CTA_PROTONAT_PORT_MIN = 1
export const CTA_PROTONAT_PORT_MAX = 2

/** enum ctattr_seqadj, ctattr_synproxy, ctattr_help, ctattr_secctx, ctattr_filter */
export const CTA_SEQADJ_CORRECTION_POS = 1
export const CTA_SEQADJ_OFFSET_BEFORE = 2
export const CTA_SEQADJ_OFFSET_AFTER = 3
export const CTA_SYNPROXY_ISN = 1
export const CTA_SYNPROXY_ITS = 2
export const CTA_SYNPROXY_TSOFF = 3
export const CTA_HELP_NAME = 1
export const CTA_HELP_INFO = 2
export const CTA_SECCTX_NAME = 1
export const CTA_FILTER_ORIG_FLAGS = 1
export const CTA_FILTER_REPLY_FLAGS = 2

/** What of a tuple CTA_FILTER compares: CTA_FILTER_F_* of net/netfilter/nf_internals.h. */
export const CTA_FILTER_F_CTA_IP_SRC = 1 << 0
export const CTA_FILTER_F_CTA_IP_DST = 1 << 1
export const CTA_FILTER_F_CTA_PROTO_NUM = 1 << 3
export const CTA_FILTER_F_CTA_PROTO_SRC_PORT = 1 << 4
export const CTA_FILTER_F_CTA_PROTO_DST_PORT = 1 << 5

/** enum ctattr_expect, ctattr_expect_nat */
export const CTA_EXPECT_MASTER = 1
export const CTA_EXPECT_TUPLE = 2
export const CTA_EXPECT_MASK = 3
export const CTA_EXPECT_TIMEOUT = 4
export const CTA_EXPECT_ID = 5
export const CTA_EXPECT_HELP_NAME = 6
export const CTA_EXPECT_ZONE = 7
export const CTA_EXPECT_FLAGS = 8
export const CTA_EXPECT_CLASS = 9
export const CTA_EXPECT_NAT = 10
export const CTA_EXPECT_FN = 11
export const CTA_EXPECT_NAT_DIR = 1
export const CTA_EXPECT_NAT_TUPLE = 2

/** enum ip_conntrack_status */
export const IPS_EXPECTED = 1 << 0
export const IPS_SEEN_REPLY = 1 << 1
export const IPS_ASSURED = 1 << 2
export const IPS_CONFIRMED = 1 << 3
export const IPS_SRC_NAT = 1 << 4
export const IPS_DST_NAT = 1 << 5
export const IPS_SEQ_ADJUST = 1 << 6
export const IPS_SRC_NAT_DONE = 1 << 7
export const IPS_DST_NAT_DONE = 1 << 8
export const IPS_DYING = 1 << 9
export const IPS_FIXED_TIMEOUT = 1 << 10
export const IPS_TEMPLATE = 1 << 11
export const IPS_NAT_CLASH = 1 << 12
export const IPS_HELPER = 1 << 13
export const IPS_OFFLOAD = 1 << 14
export const IPS_HW_OFFLOAD = 1 << 15
