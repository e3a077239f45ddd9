/** Ports of the host that lead to a container: what the plugin `portmap` does, behind another one in a chain. */
import { enableForwarding, listNat, publishPort } from 'netlink-ts/nftables'
import { CniError } from './error.js'
import type { Call, Config, PortMapping } from './input.js'
import { previous, type Result } from './result.js'
import { networkTag, tagOf } from './tag.js'

interface PortmapConfig extends Config {
  /** Whether the host reaches the ports by 127.0.0.1 too. */
  snat?: boolean
}

interface Wanted {
  protocol: 'tcp' | 'udp' | 'sctp'
  hostAddress: string | undefined
  hostPort: number
  to: string
}

/** The mappings with the container's address of each family. */
function wanted({ config }: Call, result: Result): Wanted[] {
  for (const key of ['conditionsV4', 'conditionsV6', 'masqAll'])
    if (config[key]) throw new CniError('unsupportedField', `${key}: ${JSON.stringify(config[key])}`)
  const own = result.ips
    .filter(({ interface: index }) => index === undefined || result.interfaces[index]?.sandbox)
    .map(({ address }) => address.split('/')[0]!)
  const targets = [own.find((ip) => !ip.includes(':')), own.find((ip) => ip.includes(':'))]
  return (config.runtimeConfig?.portMappings ?? []).flatMap((mapping) =>
    targets.flatMap((target) => (target === undefined ? [] : mappingTo(target, mapping))),
  )
}

const ANY = ['', '0.0.0.0', '::']

function mappingTo(
  target: string,
  { hostPort, containerPort, protocol = 'tcp', hostIP = '' }: PortMapping,
): Wanted[] {
  const isIpv6 = target.includes(':')
  if (hostPort === 0 || (hostIP !== '' && hostIP.includes(':') !== isIpv6)) return []
  const to = isIpv6 ? `[${target}]:${containerPort}` : `${target}:${containerPort}`
  const hostAddress = ANY.includes(hostIP) ? undefined : hostIP
  return [{ protocol: protocol.toLowerCase() as Wanted['protocol'], hostAddress, hostPort, to }]
}

function needResult(call: Call): Result {
  const result = previous(call.config)
  if (result === null) throw new CniError('invalidConfig', 'prevResult: portmap comes behind another plugin')
  return result
}

export async function add(call: Call): Promise<Result> {
  const result = needResult(call)
  const name = tagOf(call.config.name, call)
  try {
    for (const mapping of wanted(call, result)) {
      const { dev } = await publishPort({ ...mapping, name })
      const isLocal = (call.config as PortmapConfig).snat !== false && !mapping.to.startsWith('[')
      if (dev !== null && isLocal)
        await enableForwarding({ interfaces: dev, family: 'ipv4', localhost: true })
    }
  } catch (error) {
    await del(call)
    throw error
  }
  return result
}

export async function del(call: Call): Promise<void> {
  await withdraw((name) => name === tagOf(call.config.name, call))
}

async function withdraw(isStale: (name: string) => boolean): Promise<void> {
  for (const made of await listNat())
    if (made.verb === 'publishPort' && isStale(made.name)) await made.withdraw()
}

export async function check(call: Call): Promise<void> {
  const there = (await listNat()).flatMap((made) =>
    made.verb === 'publishPort' && made.name === tagOf(call.config.name, call)
      ? portsOf(made.hostPort).map((port) => `${port}/${made.protocol}`)
      : [],
  )
  for (const { hostPort, protocol } of wanted(call, needResult(call)))
    if (!there.includes(`${hostPort}/${protocol}`))
      throw new CniError('changed', `port ${hostPort}/${protocol} is not published any more`)
}

/** Neighbouring ports are listed as a range. */
function portsOf(ports: number | string): number[] {
  const [from = 0, to = from] = String(ports).split('-').map(Number)
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

export async function gc(call: Call): Promise<void> {
  const { name: network, 'cni.dev/valid-attachments': valid = [] } = call.config
  const known = new Set(valid.map((attachment) => tagOf(network, attachment)))
  await withdraw((name) => name.startsWith(networkTag(network)) && !known.has(name))
}

/** Throws CniError where ADD would fail: no right to change the packet filter, or a kernel without one. */
export async function status(_call: Call): Promise<void> {
  await listNat().catch((error: Error) => {
    throw new CniError('notAvailable', error.message)
  })
}
