/**
 * An overlay of VXLAN between hosts, as a cluster's network agent (Flannel's vxlan back end) programs it: each host has a network for its
 * containers, and for each other host three entries that take packets there. Nothing is learned, flooded or asked by ARP:
 *
 *   ip link add flannel.1 type vxlan id 1 local 192.0.2.1 dstport 8472 nolearning; ip addr add 10.244.1.0/32 dev flannel.1
 *   ip neigh replace 10.244.2.0 lladdr 02:…:02 dev flannel.1 nud permanent            the other host's end, by its MAC
 *   bridge fdb replace 02:…:02 dev flannel.1 dst 192.0.2.2                            the MAC, by the host's address
 *   ip route replace 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink                its containers, by its end
 *
 * What somebody takes away comes back: the kernel tells of it, and the entries are put where they belong. There is no polling.
 */
import {
  createLink,
  deleteFdbEntry,
  deleteLink,
  deleteNeighbour,
  deleteRoute,
  type EventOf,
  getLink,
  monitor,
  type NetnsLike,
  replaceFdbEntry,
  replaceNeighbour,
  replaceRoute,
} from 'netlink-ts'

const DEVICE = 'flannel.1'
const PORT = 8472
const WATCHED = ['link', 'route', 'neighbour', 'fdb'] as const

/** What a host has in the overlay; in a cluster its store tells them. */
export interface Lease {
  /** The network of its containers: '10.244.1.0/24'. Its first address is that of the host's end. */
  readonly subnet: string
  /** The address that the other hosts reach it by: '192.0.2.1' */
  readonly host: string
  /** The MAC of its end. */
  readonly mac: string
}

const endOf = ({ subnet }: Lease) => subnet.split('/')[0]!
const GONE = ['ENOENT', 'ENODEV', 'ESRCH']

export class Overlay {
  readonly #stop = new AbortController()
  /** By their subnets. */
  readonly #leases = new Map<string, Lease>()
  /** The last change of entries. One comes after another: what is put back is not what is being taken away. */
  #turn: Promise<unknown> = Promise.resolve()
  /** Settles when the monitor has ended; an error that is not leave()'s is nobody's to handle, and ends the program. */
  #watching: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly netns: NetnsLike,
    private readonly ifindex: number,
  ) {}

  /** Makes a host's end, and keeps the entries of others right until leave(). */
  static async join(own: Lease, netns: NetnsLike): Promise<Overlay> {
    const link = await createLink({
      name: DEVICE,
      kind: 'vxlan',
      id: 1,
      local: own.host,
      dstport: PORT,
      learning: false,
      mac: own.mac,
      up: true,
      addresses: [`${endOf(own)}/32`],
      netns,
    })
    const overlay = new Overlay(netns, link.ifindex)
    await overlay.#watch()
    return overlay
  }

  /** A host has come. */
  async add(lease: Lease): Promise<void> {
    await this.#inTurn(async () => {
      this.#leases.set(lease.subnet, lease)
      await this.#program(lease)
    })
  }

  /** A host has gone. */
  async remove(lease: Lease): Promise<void> {
    const { netns } = this
    const end = endOf(lease)
    await this.#inTurn(async () => {
      this.#leases.delete(lease.subnet)
      await gone(deleteRoute({ to: lease.subnet, via: end, dev: DEVICE, netns }))
      await gone(deleteFdbEntry({ mac: lease.mac, dev: DEVICE, dst: lease.host, netns }))
      await gone(deleteNeighbour({ to: end, dev: DEVICE, netns }))
    })
  }

  async leave(): Promise<void> {
    this.#stop.abort()
    await this.#watching
    await gone(deleteLink(DEVICE, { netns: this.netns }))
  }

  /** A change that fails keeps none from coming after it; its own caller has the error. */
  async #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(change)
    this.#turn = turn.catch(() => {})
    await turn
  }

  async #program(lease: Lease): Promise<void> {
    const { netns } = this
    const end = endOf(lease)
    await replaceNeighbour({ to: end, mac: lease.mac, dev: DEVICE, state: 'permanent', netns })
    await replaceFdbEntry({ mac: lease.mac, dev: DEVICE, dst: lease.host, state: 'permanent', netns })
    await replaceRoute({ to: lease.subnet, via: end, dev: DEVICE, onlink: true, netns })
  }

  /** All entries again. While the device is down it can have none; that it comes up is an event, too. */
  async #repair(): Promise<void> {
    try {
      if (!(await getLink(this.ifindex, { netns: this.netns })).up) return
      for (const lease of this.#leases.values()) await this.#program(lease)
    } catch (error) {
      if (!['ENETDOWN', ...GONE].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }

  async #watch(): Promise<void> {
    const { netns, ifindex } = this
    const events = await monitor(WATCHED, { netns, signal: this.#stop.signal })
    const watch = async () => {
      for await (const event of events) if (isLoss(event, ifindex)) await this.#inTurn(() => this.#repair())
    }
    this.#watching = watch().catch((error) => {
      if (!this.#stop.signal.aborted) throw error
    })
  }
}

/** Whether entries of a device may be missing after an event. The kernel tells what is programmed here, too: that is none. */
function isLoss(event: EventOf<(typeof WATCHED)[number]>, ifindex: number): boolean {
  switch (event.type) {
    case 'resync':
      return true
    case 'link':
      return event.link.ifindex === ifindex && event.link.up
    case 'route':
      return event.action === 'delete' && event.route.ifindex === ifindex
    case 'neighbour':
      return event.action === 'delete' && event.neighbour.ifindex === ifindex
    case 'fdb':
      return event.action === 'delete' && event.entry.ifindex === ifindex
  }
}

/** What is not there any more is no error. */
async function gone(deletion: Promise<void>): Promise<void> {
  await deletion.catch((error: NodeJS.ErrnoException) => {
    if (!GONE.includes(error.code ?? '')) throw error
  })
}
