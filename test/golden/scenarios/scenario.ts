/** One command to record. */
export interface Scenario {
  name: string
  command: string
  /** Commands that run before it in the same fresh namespaces. */
  setup: string[]
}

/** A row of an area's table: name, command, and what this one needs set up besides the area's own. */
export type Row = [name: string, command: string, ...setup: string[]]

/** Makes scenarios of rows that share a setup. */
export function scenarios(setup: string[], rows: Row[]): Scenario[] {
  return rows.map(([name, command, ...extra]) => ({ name, command, setup: [...setup, ...extra] }))
}

/** Two ends of a veth pair and a bridge, with fixed ifindexes so that messages can be built again. */
export const ETH = 'ip link add eth0 index 10 type veth peer name eth1 index 11'
export const BRIDGE = 'ip link add br0 index 20 type bridge'
export const UP = 'ip link set eth0 up; ip link set eth1 up'
export const RED = 'ip netns add red'
