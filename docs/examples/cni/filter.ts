/** The packet filter, which a kernel may be built without. */
import { listTables } from 'netlink-ts/nftables'

/** What a question is answered where there is none: no NETLINK_NETFILTER, and one that has no nf_tables behind it. */
const NO_FILTER = ['EPROTONOSUPPORT', 'EINVAL']

/** Whether there is one. Without it there is nothing in it either that DEL and GC would take away. */
export async function hasFilter(): Promise<boolean> {
  try {
    await listTables()
    return true
  } catch (error) {
    if (NO_FILTER.includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
