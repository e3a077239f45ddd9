/** The keys `vlan`, `vlanTrunk` and `preserveDefaultVlan`: which VLANs a port of the bridge is in. */
import {
  addBridgeVlan,
  createVethPair,
  deleteBridgeVlan,
  getLink,
  type Link,
  listBridgeVlans,
  setLink,
} from 'netlink-ts'
import { CniError } from './error.js'
import { absent, portName } from './tag.js'

/** VLANs of a trunk: one, or a range. */
export interface Trunk {
  id?: number
  minID?: number
  maxID?: number
}

export interface VlanConfig {
  vlan?: number
  vlanTrunk?: Trunk[]
  preserveDefaultVlan?: boolean
}

type Range = readonly [first: number, last: number]

export interface Vlans {
  /** The VLAN of frames without a tag; null where it is the bridge's default one. */
  readonly untagged: number | null
  readonly tagged: readonly Range[]
  /** A new port is in the bridge's default VLAN, and stays there. */
  readonly keepsDefault: boolean
}

/** Null where the configuration says nothing of VLANs: the bridge does not look at tags then. */
export function vlansOf({ vlan = 0, vlanTrunk, preserveDefaultVlan }: VlanConfig): Vlans | null {
  if (vlan === 0 && vlanTrunk == null) return null
  const tagged = (vlanTrunk ?? []).flatMap((item, i) => rangesOf(item, `vlanTrunk[${i}]`))
  if (vlan !== 0 && tagged.length > 0)
    throw new CniError('invalidConfig', 'vlan, vlanTrunk: they exclude each other')
  return {
    untagged: vlan === 0 ? null : checkId(vlan, 'vlan'),
    tagged,
    keepsDefault: preserveDefaultVlan !== false,
  }
}

function rangesOf({ id, minID, maxID }: Trunk, field: string): Range[] {
  const ranges: Range[] = []
  if (minID != null || maxID != null) {
    const range = [checkId(minID, `${field}.minID`), checkId(maxID, `${field}.maxID`)] as const
    if (range[1] < range[0]) throw new CniError('invalidConfig', `${field}: maxID is less than minID`)
    ranges.push(range)
  }
  if (id != null) ranges.push([checkId(id, `${field}.id`), id])
  return ranges
}

function checkId(id: number | undefined, field: string): number {
  if (!Number.isInteger(id) || id! < 1 || id! > 4094)
    throw new CniError('invalidConfig', `${field}: ${id} is not a VLAN from 1 to 4094`)
  return id!
}

/** Done again it changes nothing. */
export async function joinVlans(port: number, { untagged, tagged, keepsDefault }: Vlans): Promise<void> {
  const wanted: Range[] = untagged === null ? [...tagged] : [[untagged, untagged]]
  if (!keepsDefault && wanted.length > 0)
    for (const { vid } of await listBridgeVlans({ dev: port }))
      if (!wanted.some(([first, last]) => vid >= first && vid <= last))
        await absent(deleteBridgeVlan(port, { vid }))
  for (const vid of tagged) await addBridgeVlan(port, { vid })
  if (untagged !== null) await addBridgeVlan(port, { vid: untagged, pvid: true, untagged: true })
}

/** Throws CniError where a port is not in its VLANs. */
export async function checkVlans(port: string, { untagged, tagged }: Vlans): Promise<void> {
  const there = await listBridgeVlans({ dev: port })
  const has = (id: number) => there.some(({ vid }) => vid === id)
  if (untagged !== null && !there.some(({ vid, pvid }) => pvid && vid === untagged))
    throw new CniError('changed', `${port}: its VLAN is not ${untagged}`)
  for (const [first, last] of tagged)
    for (let id = first; id <= last; id++)
      if (!has(id)) throw new CniError('changed', `${port}: it is not in VLAN ${id}`)
}

/** Its other end, of an interface `BRIDGE.VLAN`. */
export function gatewayPort(bridge: string, name: string): string {
  return portName(bridge, { containerID: '', ifname: name })
}

/**
 * The interface with the gateway's address in a VLAN, `BRIDGE.VLAN`: one end of a pair, whose other end is a port of the bridge. It stays as the
 * bridge does. Each container sees to the whole of it: the first one may have been killed half-way.
 */
export async function vlanGateway(
  bridge: Link,
  vlans: Vlans & { readonly untagged: number },
  mac: string | undefined,
): Promise<Link> {
  const name = `${bridge.name}.${vlans.untagged}`
  const port = portName(name, { containerID: '', ifname: name })
  const { mtu } = bridge
  try {
    await createVethPair({ name: port, master: bridge.ifindex, mtu }, { name, up: true, mtu, mac })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const { ifindex } = await getLink(port)
  await joinVlans(ifindex, vlans)
  await setLink(ifindex, { up: true })
  return await getLink(name)
}
