/** Ports of the host that lead to a container: what the plugin `portmap` does, behind another one in a chain. */
import { getRoute } from 'netlink-ts'
import { flushConntrackPort } from 'netlink-ts/conntrack'
import { enableForwarding, listNat, publishPort } from 'netlink-ts/nftables'
import { CniError } from './error.js'
import { hasFilter } from './filter.js'
import type { Call, Config, PortMapping } from './input.js'
import { checkPortRules, deletePortRules, putPortRules } from './port-chains.js'
import { isConditioned, type Mapping, type PortRulesConfig, portRules, targetOf } from './port-rules.js'
import { previous, type Result } from './result.js'
import { networkTag, tagOf } from './tag.js'

/** The mappings with the container's address of each family. */
function wanted({ config }: Call, result: Result): Mapping[] {
  const own = result.ips
    .filter(({ interface: index }) => index === undefined || result.interfaces[index]?.sandbox)
    .map(({ address }) => address)
  const targets = [own.find((ip) => !ip.includes(':')), own.find((ip) => ip.includes(':'))]
  return (config.runtimeConfig?.portMappings ?? []).flatMap((mapping) =>
    targets.flatMap((target) => (target === undefined ? [] : mappingTo(target, mapping))),
  )
}

const PROTOCOL = { ip: 'ipv4', ip6: 'ipv6' } as const
const ANY = ['', '0.0.0.0', '::']

function mappingTo(
  network: string,
  { hostPort, containerPort: targetPort, protocol = 'tcp', hostIP = '' }: PortMapping,
): Mapping[] {
  const family = network.includes(':') ? 'ip6' : 'ip'
  if (hostPort === 0 || (hostIP !== '' && hostIP.includes(':') !== (family === 'ip6'))) return []
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
      const dev = isConditioned(config, mapping) ? await conditioned(mapping) : await publish(mapping, name)
      if (dev !== null && config.snat !== false && mapping.family === 'ip')
        await enableForwarding({ interfaces: dev, family: 'ipv4', localhost: true })
    }
  } catch (error) {
    await del(call)
    throw error
  }
  return result
}

/** Returns the interface that the container is behind. */
async function publish(mapping: Mapping, name: string): Promise<string | null> {
  const { protocol, hostAddress, hostPort } = mapping
  return (await publishPort({ protocol, hostAddress, hostPort, to: targetOf(mapping), name })).dev
}

/** No route, or one that refuses. */
const NOWHERE = ['ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EINVAL']

/** What publishPort() does beside its rules. */
async function conditioned({ family, protocol, hostAddress, hostPort, target }: Mapping) {
  // Packets of a stream that is there already would keep the way that they had.
  if (protocol === 'udp')
    await flushConntrackPort({ port: hostPort, address: hostAddress, family: PROTOCOL[family], protocol })
  try {
    const { type, dev, via } = await getRoute(target)
    return type === 'unicast' && via === null ? dev : null
  } catch (error) {
    if (NOWHERE.includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

export async function del(call: Call): Promise<void> {
  const own = tagOf(call.config.name, call)
  if (!(await hasFilter())) return
  await withdraw((name) => name === own)
  // Whatever the configuration says by now.
  await deletePortRules((tag) => tag === own)
}

async function withdraw(isStale: (name: string) => boolean): Promise<void> {
  for (const made of await listNat())
    if (made.verb === 'publishPort' && isStale(made.name)) await made.withdraw()
}

export async function check(call: Call): Promise<void> {
  const own = tagOf(call.config.name, call)
  const there = (await listNat()).flatMap((made) =>
    made.verb === 'publishPort' && made.name === own
      ? portsOf(made.hostPort).map((port) => `${port}/${made.protocol}`)
      : [],
  )
  const mappings = wanted(call, needResult(call))
  const config = call.config as PortRulesConfig
  for (const { hostPort, protocol } of mappings.filter((one) => !isConditioned(config, one)))
    if (!there.includes(`${hostPort}/${protocol}`))
      throw new CniError('changed', `port ${hostPort}/${protocol} is not published any more`)
  await checkPortRules(own, portRules(config, mappings))
}

/** Neighbouring ports are listed as a range. */
function portsOf(ports: number | string): number[] {
  const [from = 0, to = from] = String(ports).split('-').map(Number)
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

export async function gc(call: Call): Promise<void> {
  const { name: network, 'cni.dev/valid-attachments': valid = [] } = call.config
  if (!(await hasFilter())) return
  const known = new Set(valid.map((attachment) => tagOf(network, attachment)))
  const isStale = (name: string) => name.startsWith(networkTag(network)) && !known.has(name)
  await withdraw(isStale)
  await deletePortRules(isStale)
}

/** Throws CniError where ADD would fail: no right to change the packet filter, or a kernel without one. */
export async function status(_call: Call): Promise<void> {
  await listNat().catch((error: Error) => {
    throw new CniError('notAvailable', error.message)
  })
}
