/** Addresses for containers, as host-local gives them, where `ipam.type` is 'host-local'. */
import { readResolvConf } from './dns.js'
import { CniError, Failures } from './error.js'
import type { Attachment, Call } from './input.js'
import type { Lease } from './ipam.js'
import {
  candidates,
  destination,
  has,
  type Range,
  rangeSets,
  sizeOf,
  spelled,
  toAddress,
  toNumber,
} from './range.js'
import type { Result } from './result.js'
import { Store } from './store.js'

export const needsInterface = false

async function storeOf({ config }: Call): Promise<Store> {
  return await Store.open(config.name, config.ipam?.dataDir)
}

/** Takes an address of each set of ranges, or none at all. */
export async function allocate(call: Call): Promise<Lease> {
  const store = await storeOf(call)
  const sets = rangeSets(call.config)
  if ((await store.addressesOf(call)).length > 0)
    throw new CniError(
      'failed',
      `${call.ifname} of ${call.containerID} has addresses already: DEL comes first`,
    )
  const requested = requestedBy(call)
  const { routes: given = [], resolvConf } = call.config.ipam ?? {}
  const routes = given.map((route, i) => ({ ...route, dst: destination(`routes[${i}].dst`, route.dst) }))
  const dns = resolvConf === undefined ? {} : await readResolvConf(resolvConf)
  const ips: Lease['ips'] = []
  try {
    for (const [index, set] of sets.entries()) {
      const wish = requested.find((address) => set.some((range) => holds(range, address)))
      const [address, range] = await take(store, call, set, index, wish)
      if (wish !== undefined) requested.splice(requested.indexOf(wish), 1)
      ips.push({ address: `${address}/${range.prefix}`, gateway: toAddress(range.gateway, range.size) })
    }
    if (requested.length > 0)
      throw new CniError('invalidConfig', `ipam: ${requested.join(', ')} is in no range of this network`)
  } catch (error) {
    const failures = new Failures()
    await failures.attempt(() => store.release(call))
    throw failures.behind(error)
  }
  return { ips, routes, dns }
}

/** An address that is asked for in several places, in whichever spelling, is one. */
function requestedBy({ args, config: { runtimeConfig, args: given } }: Call): string[] {
  const all = [args['IP'] || [], given?.cni?.ips ?? [], runtimeConfig?.ips ?? []].flat()
  return [...new Set(all.map((text) => spelled(text.split('/')[0]!)))]
}

function holds(range: Range, address: string): boolean {
  return has(range, toNumber(address), sizeOf(address))
}

async function take(
  store: Store,
  call: Call,
  set: readonly Range[],
  index: number,
  wish: string | undefined,
): Promise<[string, Range]> {
  if (wish !== undefined) {
    const range = set.find((one) => holds(one, wish))!
    const address = toAddress(toNumber(wish), range.size)
    if (toNumber(wish) === range.gateway)
      throw new CniError('failed', `ipam: ${address} is the gateway's: no container gets it`)
    if (!(await store.claim(address, call))) throw new CniError('failed', `ipam: ${address} is taken`)
    await store.setLast(index, address)
    return [address, range]
  }
  const taken = new Set(await store.addresses())
  for (const [address, range] of candidates(set, await store.last(index)))
    if (!taken.has(address) && (await store.claim(address, call))) {
      await store.setLast(index, address)
      return [address, range]
    }
  throw new CniError('exhausted', `ipam: no address of range set ${index} is free`, call.config.name)
}

export async function release(call: Call): Promise<void> {
  await (await storeOf(call)).release(call)
}

export async function check(call: Call, { ips }: Result): Promise<void> {
  const own = await (await storeOf(call)).addressesOf(call)
  const missing = ips.map(({ address }) => address.split('/')[0]!).find((address) => !own.includes(address))
  if (own.length === 0 || missing !== undefined)
    throw new CniError('changed', `ipam: ${call.ifname} does not hold ${missing ?? 'any address'}`)
}

export async function gc(call: Call, detach: (owner: Attachment) => Promise<boolean>): Promise<void> {
  const store = await storeOf(call)
  const failures = new Failures()
  for (const owner of await store.owners())
    await failures.attempt(async () => (await detach(owner)) && (await store.release(owner)))
  failures.throwAny()
}

export async function status(call: Call): Promise<void> {
  const taken = new Set(await (await storeOf(call)).addresses())
  for (const [index, set] of rangeSets(call.config).entries()) {
    let free = false
    for (const [address] of candidates(set, null)) {
      free = !taken.has(address)
      if (free) break
    }
    if (!free) throw new CniError('notAvailable', `ipam: no address of range set ${index} is free`)
  }
}
