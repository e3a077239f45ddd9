/** linux/lwtunnel.h, linux/mpls_iptunnel.h, linux/seg6_iptunnel.h, linux/seg6_local.h, linux/rpl_iptunnel.h, linux/ioam6_iptunnel.h */

export const LWTUNNEL_ENCAP_MPLS = 1
export const LWTUNNEL_ENCAP_IP = 2
export const LWTUNNEL_ENCAP_IP6 = 4
export const LWTUNNEL_ENCAP_SEG6 = 5
export const LWTUNNEL_ENCAP_BPF = 6
export const LWTUNNEL_ENCAP_SEG6_LOCAL = 7
export const LWTUNNEL_ENCAP_RPL = 8
export const LWTUNNEL_ENCAP_IOAM6 = 9
export const LWTUNNEL_ENCAP_XFRM = 10

export const MPLS_IPTUNNEL_DST = 1
export const MPLS_IPTUNNEL_TTL = 2

export const LWTUNNEL_IP_ID = 1
export const LWTUNNEL_IP_DST = 2
export const LWTUNNEL_IP_SRC = 3
export const LWTUNNEL_IP_TTL = 4
export const LWTUNNEL_IP_TOS = 5
export const LWTUNNEL_IP_FLAGS = 6
export const LWTUNNEL_IP_PAD = 7
export const LWTUNNEL_IP_OPTS = 8

export const LWTUNNEL_IP6_ID = 1
export const LWTUNNEL_IP6_DST = 2
export const LWTUNNEL_IP6_SRC = 3
export const LWTUNNEL_IP6_HOPLIMIT = 4
export const LWTUNNEL_IP6_TC = 5
export const LWTUNNEL_IP6_FLAGS = 6
export const LWTUNNEL_IP6_PAD = 7
export const LWTUNNEL_IP6_OPTS = 8

export const LWTUNNEL_IP_OPTS_GENEVE = 1
export const LWTUNNEL_IP_OPTS_VXLAN = 2
export const LWTUNNEL_IP_OPTS_ERSPAN = 3

export const LWTUNNEL_IP_OPT_GENEVE_CLASS = 1
export const LWTUNNEL_IP_OPT_GENEVE_TYPE = 2
export const LWTUNNEL_IP_OPT_GENEVE_DATA = 3

export const LWTUNNEL_IP_OPT_VXLAN_GBP = 1

export const LWTUNNEL_IP_OPT_ERSPAN_VER = 1
export const LWTUNNEL_IP_OPT_ERSPAN_INDEX = 2
export const LWTUNNEL_IP_OPT_ERSPAN_DIR = 3
export const LWTUNNEL_IP_OPT_ERSPAN_HWID = 4

export const SEG6_IPTUNNEL_SRH = 1
export const SEG6_IPTUNNEL_SRC = 2
export const SEG6_IPTUNNEL_TABLE = 3

export const SEG6_IPTUN_MODE_INLINE = 0
export const SEG6_IPTUN_MODE_ENCAP = 1
export const SEG6_IPTUN_MODE_L2ENCAP = 2
export const SEG6_IPTUN_MODE_ENCAP_RED = 3
export const SEG6_IPTUN_MODE_L2ENCAP_RED = 4

export const LWT_BPF_IN = 1
export const LWT_BPF_OUT = 2
export const LWT_BPF_XMIT = 3
export const LWT_BPF_XMIT_HEADROOM = 4

export const LWT_BPF_PROG_FD = 1
export const LWT_BPF_PROG_NAME = 2

export const SEG6_LOCAL_ACTION = 1
export const SEG6_LOCAL_SRH = 2
export const SEG6_LOCAL_TABLE = 3
export const SEG6_LOCAL_NH4 = 4
export const SEG6_LOCAL_NH6 = 5
export const SEG6_LOCAL_IIF = 6
export const SEG6_LOCAL_OIF = 7
export const SEG6_LOCAL_BPF = 8
export const SEG6_LOCAL_VRFTABLE = 9
export const SEG6_LOCAL_COUNTERS = 10
export const SEG6_LOCAL_FLAVORS = 11

export const SEG6_LOCAL_ACTION_END = 1
export const SEG6_LOCAL_ACTION_END_X = 2
export const SEG6_LOCAL_ACTION_END_T = 3
export const SEG6_LOCAL_ACTION_END_DX2 = 4
export const SEG6_LOCAL_ACTION_END_DX6 = 5
export const SEG6_LOCAL_ACTION_END_DX4 = 6
export const SEG6_LOCAL_ACTION_END_DT6 = 7
export const SEG6_LOCAL_ACTION_END_DT4 = 8
export const SEG6_LOCAL_ACTION_END_B6 = 9
export const SEG6_LOCAL_ACTION_END_B6_ENCAP = 10
export const SEG6_LOCAL_ACTION_END_BM = 11
export const SEG6_LOCAL_ACTION_END_S = 12
export const SEG6_LOCAL_ACTION_END_AS = 13
export const SEG6_LOCAL_ACTION_END_AM = 14
export const SEG6_LOCAL_ACTION_END_BPF = 15
export const SEG6_LOCAL_ACTION_END_DT46 = 16

export const SEG6_LOCAL_BPF_PROG = 1
export const SEG6_LOCAL_BPF_PROG_NAME = 2

export const SEG6_LOCAL_CNT_PAD = 1
export const SEG6_LOCAL_CNT_PACKETS = 2
export const SEG6_LOCAL_CNT_BYTES = 3
export const SEG6_LOCAL_CNT_ERRORS = 4

export const SEG6_LOCAL_FLV_OPERATION = 1
export const SEG6_LOCAL_FLV_LCBLOCK_BITS = 2
export const SEG6_LOCAL_FLV_LCNODE_FN_BITS = 3

/** Bits of SEG6_LOCAL_FLV_OPERATION. */
export const SEG6_LOCAL_FLV_OP_PSP = 1
export const SEG6_LOCAL_FLV_OP_USP = 2
export const SEG6_LOCAL_FLV_OP_USD = 3
export const SEG6_LOCAL_FLV_OP_NEXT_CSID = 4

export const RPL_IPTUNNEL_SRH = 1

export const IOAM6_IPTUNNEL_MODE = 1
export const IOAM6_IPTUNNEL_DST = 2
export const IOAM6_IPTUNNEL_TRACE = 3
export const IOAM6_IPTUNNEL_FREQ_K = 4
export const IOAM6_IPTUNNEL_FREQ_N = 5
export const IOAM6_IPTUNNEL_SRC = 6

export const IOAM6_IPTUNNEL_MODE_INLINE = 1
export const IOAM6_IPTUNNEL_MODE_ENCAP = 2
export const IOAM6_IPTUNNEL_MODE_AUTO = 3

export const LWT_XFRM_IF_ID = 1
export const LWT_XFRM_LINK = 2
