/** One command to record. */
export interface Scenario {
  name: string
  command: string
  /** Commands that run before it in the same fresh namespaces. */
  setup: string[]
  /**
   * The command's messages do not reach the kernel: strace answers in its place. The command runs without any privilege besides, so that
   * the kernel would refuse them.
   */
  unsent?: boolean
  /** What kernels may lack, where the kernel does not say so but refuses the message in other words. */
  needs?: string
}

/** A row of an area's table: name, command, and what this one needs set up besides the area's own. */
export type Row = [name: string, command: string, ...setup: string[]]

/** Makes scenarios of rows that share a setup, and a feature that the kernel may lack. */
export function scenarios(setup: string[], rows: Row[], needs?: string): Scenario[] {
  return rows.map(([name, command, ...extra]) => ({
    name,
    command,
    setup: [...setup, ...extra],
    ...(needs && { needs }),
  }))
}

/** Two ends of a veth pair and a bridge, with fixed ifindexes so that messages can be built again. */
export const ETH = 'ip link add eth0 index 10 type veth peer name eth1 index 11'
export const BRIDGE = 'ip link add br0 index 20 type bridge'
export const UP = 'ip link set lo up; ip link set eth0 up; ip link set eth1 up'
export const RED = 'ip netns add red'
