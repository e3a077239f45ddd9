/**
 * What `macspoofchk` asks for: a container sends with its own MAC alone. A packet finds the chain of its port by a map, however many
 * containers there are. The table is the plugin's own; it stays when it is empty.
 */
import type { NetnsHandle } from 'netlink-ts'
import { drop, ether, listChains, meta, rule, set, transaction } from 'netlink-ts/nftables'
import { checkTable } from './compare.js'
import { absent } from './tag.js'

const TABLE = { family: 'bridge', table: 'netlink-ts-cni' } as const
const BASE = { ...TABLE, name: 'prerouting' }
const PORTS = { ...TABLE, name: 'ports', type: 'ifname', map: 'verdict' } as const

/** Before the port is there, so that nothing passes it meanwhile. GC knows it by its tag. Throws EEXIST for a port that has a rule already. */
export async function allowOnly(mac: string, port: string, tag: string, netns?: NetnsHandle): Promise<void> {
  await transaction(
    (tx) => {
      tx.addTable({
        family: TABLE.family,
        name: TABLE.table,
        comment: 'made by netlink-ts, docs/examples/cni',
      })
      tx.addSet(PORTS)
      tx.addChain({ ...BASE, type: 'filter', hook: 'prerouting', priority: 'dstnat' })
      tx.flushChain(BASE)
      tx.addRule({ ...TABLE, chain: BASE.name, rule: rule(meta.iifname.vmap(set(PORTS.name))) })
      tx.createChain({ ...TABLE, name: port, comment: tag })
      tx.addRule({ ...TABLE, chain: port, rule: rule(ether.saddr.not(mac), drop()) })
      tx.addElements({ ...TABLE, set: PORTS.name, elements: [{ key: port, value: { jump: port } }] })
    },
    { netns },
  )
}

/**
 * What is not there is no error, one without the other neither. Whatever keeps the port in the map keeps its chain, too, where that is the
 * plugin's; another map of this name is nothing to it.
 */
export async function allowAny(port: string): Promise<void> {
  const jump = transaction((tx) => {
    tx.knowSet(PORTS)
    tx.deleteElements({ ...TABLE, set: PORTS.name, elements: [port] })
  })
  await jump.catch(() => {})
  await absent(transaction((tx) => tx.deleteChain({ ...TABLE, name: port })))
}

/** The ports that have a rule, with their tags. */
export async function restricted(): Promise<{ port: string; tag: string }[]> {
  const chains = await listChains(TABLE)
  return chains.flatMap(({ name, comment }) => (comment === null ? [] : [{ port: name, tag: comment }]))
}

/** Throws CniError where a port may send with other MACs. */
export async function checkRestricted(
  mac: string,
  port: string,
  tag: string,
  scratch: NetnsHandle,
): Promise<void> {
  const make = (netns: NetnsHandle) => allowOnly(mac, port, tag, netns)
  await checkTable(scratch, { ...TABLE, tag, shared: [], keyOf: () => `macspoofchk: ${port}`, make })
}
