/** Ports of the host that lead to a container: what the plugin `portmap` does, behind another one in a chain. */
import { getRoute, type NetnsHandle } from 'netlink-ts'
import { flushConntrackPort } from 'netlink-ts/conntrack'
import { enableForwarding, listNat, publishPort } from 'netlink-ts/nftables'
import { checkTable, withScratch } from './compare.js'
import { CniError, Failures } from './error.js'
import { hasFilter } from './filter.js'
import { type Call, type Config, type PortMapping, validAttachments } from './input.js'
import { CHAIN_NAMES, deletePortRules, putPortRules, TABLE } from './port-chains.js'
import {
  isConditioned,
  type Mapping,
  PORTS,
  type PortRulesConfig,
  portRules,
  targetOf,
} from './port-rules.js'
import { previous, type Result } from './result.js'
import { networkTag, tagOf } from './tag.js'

/** The mappings with the container's address of each family. Of an interface that is not known the address counts as the container's. */
function wanted({ config, ifname }: Call, result: Result): Mapping[] {
  const own = result.ips
    .filter(({ interface: index }) => {
      const of = index === undefined ? undefined : result.interfaces[index]
      return of === undefined || (of.name === ifname && of.sandbox)
    })
    .map(({ address }) => address)
  const targets = [own.find((ip) => !ip.includes(':')), own.find((ip) => ip.includes(':'))]
  const all = (config.runtimeConfig?.portMappings ?? []).flatMap((mapping) =>
    targets.flatMap((target) => (target === undefined ? [] : mappingTo(target, mapping))),
  )
  return all.filter((one, index) => all.findIndex((other) => placeOf(other) === placeOf(one)) === index)
}

/** The port of the host: of several mappings of one the first counts. */
function placeOf({ family, protocol, hostAddress, hostPort }: Mapping): string {
  return [family, protocol, hostAddress, hostPort].join(' ')
}

const PROTOCOL = { ip: 'ipv4', ip6: 'ipv6' } as const
const ANY = ['', '0.0.0.0', '::']

function mappingTo(
  network: string,
  { hostPort, containerPort: targetPort, protocol = 'tcp', hostIP = '' }: PortMapping,
): Mapping[] {
  if (!Object.hasOwn(PORTS, protocol.toLowerCase()))
    throw new CniError('invalidConfig', `portMappings: '${protocol}' is none of ${Object.keys(PORTS)}`)
  if (hostPort < 1)
    throw new CniError('invalidConfig', `portMappings: hostPort ${hostPort} is no port of the host`)
  const family = network.includes(':') ? 'ip6' : 'ip'
  if (hostIP !== '' && hostIP.includes(':') !== (family === 'ip6')) return []
  const hostAddress = ANY.includes(hostIP) ? undefined : hostIP
  return [
    {
      family,
      protocol: protocol.toLowerCase() as Mapping['protocol'],
      hostAddress,
      hostPort,
      target: network.split('/')[0]!,
      targetPort,
      network,
    },
  ]
}

function needResult(call: Call): Result {
  const result = previous(call.config)
  if (result === null) throw new CniError('invalidConfig', 'prevResult: portmap comes behind another plugin')
  return result
}

export async function add(call: Call): Promise<Result> {
  const result = needResult(call)
  const config = call.config as Config & PortRulesConfig
  const name = tagOf(config.name, call)
  const mappings = wanted(call, result)
  const rules = portRules(config, mappings)
  if (rules.length > 0) await putPortRules(name, rules)
  try {
    for (const mapping of mappings) {
      const dev = await deviceTo(mapping.target)
      if (isConditioned(config, mapping)) await endStreams(mapping)
      else await publish(mapping, name, dev)
      if (dev !== null && config.snat !== false && mapping.family === 'ip')
        await enableForwarding({ interfaces: dev, family: 'ipv4', localhost: true })
    }
  } catch (error) {
    const failures = new Failures()
    await failures.attempt(() => del(call))
    throw failures.behind(error)
  }
  return result
}

async function publish(mapping: Mapping, name: string, dev: string | null, netns?: NetnsHandle) {
  const { protocol, hostAddress, hostPort } = mapping
  const to = targetOf(mapping)
  await publishPort({ protocol, hostAddress, hostPort, to, dev: dev ?? undefined, name, netns })
}

/** No route, or one that refuses. */
const NOWHERE = ['ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EINVAL']

/** The interface that a container is behind; null where it is on no network of the host. */
async function deviceTo(target: string): Promise<string | null> {
  try {
    const { type, dev, via } = await getRoute(target)
    return type === 'unicast' && via === null ? dev : null
  } catch (error) {
    if (NOWHERE.includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

/** Packets of a stream that is there already would keep the way that they had; publishPort() sees to that by itself. */
async function endStreams({ family, protocol, hostAddress, hostPort }: Mapping): Promise<void> {
  if (protocol === 'udp')
    await flushConntrackPort({ port: hostPort, address: hostAddress, family: PROTOCOL[family], protocol })
}

export async function del(call: Call): Promise<void> {
  const own = tagOf(call.config.name, call)
  if (!(await hasFilter())) return
  // Whatever the configuration says by now.
  await takeAway((name) => name === own)
}

/** Both ways in which a port can be published: neither keeps the other. */
async function takeAway(isStale: (name: string) => boolean): Promise<void> {
  const failures = new Failures()
  await failures.attempt(() => withdraw(isStale))
  await failures.attempt(() => deletePortRules(isStale))
  failures.throwAny()
}

async function withdraw(isStale: (name: string) => boolean): Promise<void> {
  const failures = new Failures()
  for (const made of await listNat())
    if (made.verb === 'publishPort' && isStale(made.name)) await failures.attempt(() => made.withdraw())
  failures.throwAny()
}

export async function check(call: Call): Promise<void> {
  const tag = tagOf(call.config.name, call)
  const config = call.config as PortRulesConfig
  const mappings = wanted(call, needResult(call))
  const rules = rulesThere(config, mappings)
  const keys = new Map(rules.map(([chain, all]) => [chain as string, all.map(({ key }) => key)]))
  const keyOf = (chain: string, index: number) => keys.get(chain)?.[index] ?? 'portMappings'
  const make = async (netns: NetnsHandle) => {
    if (rules.length > 0) await putPortRules(tag, rules, netns)
    for (const mapping of mappings)
      if (!isConditioned(config, mapping)) await publish(mapping, tag, await deviceTo(mapping.target), netns)
  }
  await withScratch((scratch) => checkTable(scratch, { ...TABLE, tag, shared: CHAIN_NAMES, keyOf, make }))
}

/** An interface of a condition was there when ADD made its rule. */
function rulesThere(config: PortRulesConfig, mappings: readonly Mapping[]) {
  try {
    return portRules(config, mappings)
  } catch (error) {
    if (error instanceof CniError && error.details === 'ENODEV') throw new CniError('changed', error.message)
    throw error
  }
}

export async function gc(call: Call): Promise<void> {
  const network = call.config.name
  const valid = validAttachments(call.config)
  if (!(await hasFilter())) return
  const known = new Set(valid.map((attachment) => tagOf(network, attachment)))
  await takeAway((name) => name.startsWith(networkTag(network)) && !known.has(name))
}

/** Throws CniError where ADD would fail: no right to change the packet filter, or a kernel without one. */
export async function status(_call: Call): Promise<void> {
  await listNat().catch((error: Error) => {
    throw new CniError('notAvailable', error.message)
  })
}
