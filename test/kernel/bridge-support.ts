/** What the tests of bridges share: a bridge with ports, and `bridge` as the oracle. */

import { execFileSync, spawnSync } from './programs.js'
import { execIn, hasTool, ip, type Printed, withNetns } from './support.js'

/** Runs bridge: `bridge('link set dev p1 cost 7', netns)`. Returns what it printed; throws where it failed. */
export function bridge(args: string, netns: string): string {
  return execFileSync('bridge', ['-n', netns, ...args.split(' ')])
}

/** What bridge tells in JSON, with all details: `bridgeJson('link show', netns)`. */
export function bridgeJson(args: string, netns: string): Printed[] {
  const printed = bridge(`-j -d ${args}`, netns).trim()
  return printed === '' ? [] : (JSON.parse(printed) as Printed[])
}

/** With a default VLAN each entry would be there twice on a kernel with VLAN filtering. */
export const NO_PVID = 'vlan_default_pvid 0'

/** A namespace with br0 (ifindex 20) and its ports p1, p2 and p3 (11, 12, 13), whose peers are h1, h2 and h3; all up. */
export function withBridge<T>(work: (netns: string) => T | Promise<T>, options = NO_PVID): Promise<T> {
  return withNetns((netns) => {
    // The kernel's own multicast reports would come and go among the entries that are compared.
    execIn(netns, 'sysctl', '-eqw', 'net.ipv6.conf.default.disable_ipv6=1')
    ip(`link add br0 index 20 address 02:00:00:00:00:20 up type bridge ${options}`, netns)
    for (const n of [1, 2, 3]) {
      ip(`link add p${n} index 1${n} type veth peer name h${n} index 2${n}`, netns)
      ip(`link set p${n} address 02:00:00:00:01:0${n} master br0 up`, netns)
      ip(`link set h${n} address 02:00:00:00:02:0${n} up`, netns)
    }
    // The kernel tells the bridge by a work queue that a port has a carrier.
    for (let tries = 0; tries < 500; tries++)
      if (bridgeJson('link show', netns).every(({ state }) => state === 'forwarding')) return work(netns)
    throw new Error('the ports of br0 do not come up')
  })
}

/** Whether this kernel has bridge VLAN filtering (CONFIG_BRIDGE_VLAN_FILTERING); false without iproute2, so that tests can be collected. */
export function hasVlanFiltering(): boolean {
  if (!hasTool('bridge')) return false
  ip('link add probe0 type bridge')
  const { stderr } = spawnSync('bridge', ['-d', 'vlan', 'show'])
  ip('link delete probe0')
  return !stderr.includes('not supported')
}

/** The peers of the ports as machines: h1 moves into a namespace of its own with 10.9.0.1/24, and so on. Returns their names. */
export async function withHosts<T>(netns: string, work: (hosts: string[]) => T | Promise<T>): Promise<T> {
  const hosts = [1, 2, 3].map((n) => `${netns}-h${n}`)
  try {
    for (const [index, host] of hosts.entries()) {
      const dev = `h${index + 1}`
      ip(`netns add ${host}`)
      ip(`link set ${dev} netns ${host}`, netns)
      ip(`address add 10.9.0.${index + 1}/24 dev ${dev}`, host)
      ip(`link set ${dev} up`, host)
    }
    return await work(hosts)
  } finally {
    for (const host of hosts) spawnSync('ip', ['netns', 'delete', host])
  }
}

/** Whether one of some pings is answered: long enough for another ARP request after one that was lost. */
export function pings(host: string, to: string): boolean {
  return spawnSync('ip', ['netns', 'exec', host, 'ping', '-qc4', '-i0.3', '-W2', to]).status === 0
}
