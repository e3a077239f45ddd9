/** How many times as long as on the machine things may take: more in a guest (test/kernels), where everything is slower. */
export const PATIENCE = Number(process.env['NETLINK_PATIENCE'] || 1)

/** Seconds for timeout(1). */
export const seconds = (count: number): string => String(count * PATIENCE)
