/** linux/netfilter/nf_tables.h */

/** enum nf_tables_msg_types: the low byte of nlmsg_type. */
export const NFT_MSG_NEWTABLE = 0
export const NFT_MSG_GETTABLE = 1
export const NFT_MSG_DELTABLE = 2
export const NFT_MSG_NEWCHAIN = 3
export const NFT_MSG_GETCHAIN = 4
export const NFT_MSG_DELCHAIN = 5
export const NFT_MSG_NEWRULE = 6
export const NFT_MSG_GETRULE = 7
export const NFT_MSG_DELRULE = 8
export const NFT_MSG_NEWSET = 9
export const NFT_MSG_GETSET = 10
export const NFT_MSG_DELSET = 11
export const NFT_MSG_NEWSETELEM = 12
export const NFT_MSG_GETSETELEM = 13
export const NFT_MSG_DELSETELEM = 14
export const NFT_MSG_NEWGEN = 15
export const NFT_MSG_GETGEN = 16
export const NFT_MSG_TRACE = 17
export const NFT_MSG_NEWOBJ = 18
export const NFT_MSG_GETOBJ = 19
export const NFT_MSG_DELOBJ = 20
export const NFT_MSG_GETOBJ_RESET = 21
export const NFT_MSG_NEWFLOWTABLE = 22
export const NFT_MSG_GETFLOWTABLE = 23
export const NFT_MSG_DELFLOWTABLE = 24
export const NFT_MSG_GETRULE_RESET = 25
export const NFT_MSG_DESTROYTABLE = 26
export const NFT_MSG_DESTROYCHAIN = 27
export const NFT_MSG_DESTROYRULE = 28
export const NFT_MSG_DESTROYSET = 29
export const NFT_MSG_DESTROYSETELEM = 30
export const NFT_MSG_DESTROYOBJ = 31
export const NFT_MSG_DESTROYFLOWTABLE = 32
export const NFT_MSG_GETSETELEM_RESET = 33

/** linux/netfilter/nfnetlink.h: the two ends of a batch, and its attribute. */
export const NFNL_MSG_BATCH_BEGIN = 16
export const NFNL_MSG_BATCH_END = 17
export const NFNL_BATCH_GENID = 1

/** enum nft_list_attributes */
export const NFTA_LIST_ELEM = 1

/** enum nft_hook_attributes */
export const NFTA_HOOK_HOOKNUM = 1
export const NFTA_HOOK_PRIORITY = 2
export const NFTA_HOOK_DEV = 3
export const NFTA_HOOK_DEVS = 4

/** enum nft_devices_attributes */
export const NFTA_DEVICE_NAME = 1
export const NFTA_DEVICE_PREFIX = 2

/** enum nft_table_attributes */
export const NFTA_TABLE_NAME = 1
export const NFTA_TABLE_FLAGS = 2
export const NFTA_TABLE_USE = 3
export const NFTA_TABLE_HANDLE = 4
export const NFTA_TABLE_PAD = 5
export const NFTA_TABLE_USERDATA = 6
export const NFTA_TABLE_OWNER = 7

/** enum nft_chain_attributes */
export const NFTA_CHAIN_TABLE = 1
export const NFTA_CHAIN_HANDLE = 2
export const NFTA_CHAIN_NAME = 3
export const NFTA_CHAIN_HOOK = 4
export const NFTA_CHAIN_POLICY = 5
export const NFTA_CHAIN_USE = 6
export const NFTA_CHAIN_TYPE = 7
export const NFTA_CHAIN_COUNTERS = 8
export const NFTA_CHAIN_PAD = 9
export const NFTA_CHAIN_FLAGS = 10
export const NFTA_CHAIN_ID = 11
export const NFTA_CHAIN_USERDATA = 12

/** enum nft_rule_attributes */
export const NFTA_RULE_TABLE = 1
export const NFTA_RULE_CHAIN = 2
export const NFTA_RULE_HANDLE = 3
export const NFTA_RULE_EXPRESSIONS = 4
export const NFTA_RULE_COMPAT = 5
export const NFTA_RULE_POSITION = 6
export const NFTA_RULE_USERDATA = 7
export const NFTA_RULE_PAD = 8
export const NFTA_RULE_ID = 9
export const NFTA_RULE_POSITION_ID = 10
export const NFTA_RULE_CHAIN_ID = 11

/** enum nft_rule_compat_attributes */
export const NFTA_RULE_COMPAT_PROTO = 1
export const NFTA_RULE_COMPAT_FLAGS = 2

/** enum nft_set_attributes */
export const NFTA_SET_TABLE = 1
export const NFTA_SET_NAME = 2
export const NFTA_SET_FLAGS = 3
export const NFTA_SET_KEY_TYPE = 4
export const NFTA_SET_KEY_LEN = 5
export const NFTA_SET_DATA_TYPE = 6
export const NFTA_SET_DATA_LEN = 7
export const NFTA_SET_POLICY = 8
export const NFTA_SET_DESC = 9
export const NFTA_SET_ID = 10
export const NFTA_SET_TIMEOUT = 11
export const NFTA_SET_GC_INTERVAL = 12
export const NFTA_SET_USERDATA = 13
export const NFTA_SET_PAD = 14
export const NFTA_SET_OBJ_TYPE = 15
export const NFTA_SET_HANDLE = 16
export const NFTA_SET_EXPR = 17
export const NFTA_SET_EXPRESSIONS = 18
export const NFTA_SET_TYPE = 19
export const NFTA_SET_COUNT = 20

/** enum nft_set_desc_attributes */
export const NFTA_SET_DESC_SIZE = 1
export const NFTA_SET_DESC_CONCAT = 2

/** enum nft_set_field_attributes */
export const NFTA_SET_FIELD_LEN = 1

/** enum nft_set_elem_attributes */
export const NFTA_SET_ELEM_KEY = 1
export const NFTA_SET_ELEM_DATA = 2
export const NFTA_SET_ELEM_FLAGS = 3
export const NFTA_SET_ELEM_TIMEOUT = 4
export const NFTA_SET_ELEM_EXPIRATION = 5
export const NFTA_SET_ELEM_USERDATA = 6
export const NFTA_SET_ELEM_EXPR = 7
export const NFTA_SET_ELEM_PAD = 8
export const NFTA_SET_ELEM_OBJREF = 9
export const NFTA_SET_ELEM_KEY_END = 10
export const NFTA_SET_ELEM_EXPRESSIONS = 11

/** enum nft_set_elem_list_attributes */
export const NFTA_SET_ELEM_LIST_TABLE = 1
export const NFTA_SET_ELEM_LIST_SET = 2
export const NFTA_SET_ELEM_LIST_ELEMENTS = 3
export const NFTA_SET_ELEM_LIST_SET_ID = 4

/** enum nft_data_attributes */
export const NFTA_DATA_VALUE = 1
export const NFTA_DATA_VERDICT = 2

/** enum nft_verdict_attributes */
export const NFTA_VERDICT_CODE = 1
export const NFTA_VERDICT_CHAIN = 2
export const NFTA_VERDICT_CHAIN_ID = 3

/** enum nft_expr_attributes */
export const NFTA_EXPR_NAME = 1
export const NFTA_EXPR_DATA = 2

/** enum nft_object_attributes */
export const NFTA_OBJ_TABLE = 1
export const NFTA_OBJ_NAME = 2
export const NFTA_OBJ_TYPE = 3
export const NFTA_OBJ_DATA = 4
export const NFTA_OBJ_USE = 5
export const NFTA_OBJ_HANDLE = 6
export const NFTA_OBJ_PAD = 7
export const NFTA_OBJ_USERDATA = 8

/** enum nft_flowtable_attributes */
export const NFTA_FLOWTABLE_TABLE = 1
export const NFTA_FLOWTABLE_NAME = 2
export const NFTA_FLOWTABLE_HOOK = 3
export const NFTA_FLOWTABLE_USE = 4
export const NFTA_FLOWTABLE_HANDLE = 5
export const NFTA_FLOWTABLE_PAD = 6
export const NFTA_FLOWTABLE_FLAGS = 7

/** enum nft_flowtable_hook_attributes */
export const NFTA_FLOWTABLE_HOOK_NUM = 1
export const NFTA_FLOWTABLE_HOOK_PRIORITY = 2
export const NFTA_FLOWTABLE_HOOK_DEVS = 3

/** enum nft_gen_attributes */
export const NFTA_GEN_ID = 1
export const NFTA_GEN_PROC_PID = 2
export const NFTA_GEN_PROC_NAME = 3

/** enum nft_trace_attributes */
export const NFTA_TRACE_TABLE = 1
export const NFTA_TRACE_CHAIN = 2
export const NFTA_TRACE_RULE_HANDLE = 3
export const NFTA_TRACE_TYPE = 4
export const NFTA_TRACE_VERDICT = 5
export const NFTA_TRACE_ID = 6
export const NFTA_TRACE_LL_HEADER = 7
export const NFTA_TRACE_NETWORK_HEADER = 8
export const NFTA_TRACE_TRANSPORT_HEADER = 9
export const NFTA_TRACE_IIF = 10
export const NFTA_TRACE_IIFTYPE = 11
export const NFTA_TRACE_OIF = 12
export const NFTA_TRACE_OIFTYPE = 13
export const NFTA_TRACE_MARK = 14
export const NFTA_TRACE_NFPROTO = 15
export const NFTA_TRACE_POLICY = 16
export const NFTA_TRACE_PAD = 17
export const NFTA_TRACE_CT_ID = 18
export const NFTA_TRACE_CT_DIRECTION = 19
export const NFTA_TRACE_CT_STATUS = 20
export const NFTA_TRACE_CT_STATE = 21
