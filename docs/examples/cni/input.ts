/** What a runtime asks: environment variables and a configuration on standard input. */
import type { Dns } from './dns.js'
import { CniError } from './error.js'
import type { Result } from './result.js'
import { checkShape, spelled } from './shape.js'

/** VERSION is none of them: it needs nothing of what these do. */
const COMMANDS = ['ADD', 'CHECK', 'DEL', 'GC', 'STATUS'] as const
export const VERSIONS = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const

/** One interface of one container. */
export interface Attachment {
  readonly containerID: string
  readonly ifname: string
}

export interface PortMapping {
  hostPort: number
  containerPort: number
  protocol?: string
  hostIP?: string
}

export interface RangeInput {
  subnet: string
  rangeStart?: string | undefined
  rangeEnd?: string | undefined
  gateway?: string | undefined
}

/** Of a container; what follows the gateway came with version 1.1. */
export interface Route {
  dst: string
  gw?: string
  mtu?: number
  advmss?: number
  priority?: number
  table?: number
  scope?: number
}

export interface Config {
  cniVersion: (typeof VERSIONS)[number]
  name: string
  type: string
  prevResult?: Result
  dns?: Dns
  runtimeConfig?: { portMappings?: PortMapping[]; ips?: string[]; ipRanges?: RangeInput[][]; mac?: string }
  args?: { cni?: { ips?: string[]; mac?: string } }
  ipam?: Partial<RangeInput> & {
    type?: string
    ranges?: RangeInput[][]
    routes?: Route[]
    dataDir?: string
    /** A file whose name servers the container gets, where the network has no `dns`. */
    resolvConf?: string
  }
  /** The keys of each plugin. */
  [key: string]: unknown
}

export interface Call extends Attachment {
  readonly command: (typeof COMMANDS)[number]
  /** The path of the container's network namespace; '' where it is gone already. */
  readonly netns: string
  /** CNI_NETNS_OVERRIDE, of the plugins' library alone: that may be the plugin's own one. */
  readonly mayBeOwn: boolean
  /** CNI_ARGS: IP=10.1.2.3;MAC=… */
  readonly args: Readonly<Record<string, string>>
  readonly config: Config
  /** All as it came, for plugins that are asked in turn. */
  readonly env: NodeJS.ProcessEnv
  readonly input: string
  /** Where it fires nobody waits for those any more. */
  readonly signal?: AbortSignal | undefined
}

/** A command needs these; DEL alone can do without the namespace. */
const NEEDED: Record<Call['command'], readonly string[]> = {
  ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME'],
  GC: [],
  STATUS: [],
}

/** What these need of a configuration has to be right; DEL and GC get through whatever it says. */
const STRICT: readonly Call['command'][] = ['ADD', 'CHECK', 'STATUS']
/** And of CNI_ARGS: DEL gets through also where they are what ADD refused. */
const WITH_ARGS: readonly Call['command'][] = ['ADD', 'CHECK']

/** The version of the specification that a command came with. */
const SINCE: Partial<Record<Call['command'], (typeof VERSIONS)[number]>> = {
  CHECK: '0.4.0',
  GC: '1.1.0',
  STATUS: '1.1.0',
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/
const IFNAME = /^(?!\.{1,2}$)[^/:\s]{1,15}$/

/** In which version VERSION is asked for. No input is wrong: who asks does not know yet which versions there are. */
export function askedVersion(input: string): string {
  const newest = VERSIONS.at(-1)!
  try {
    const { cniVersion } = JSON.parse(input) as Partial<Config>
    return typeof cniVersion === 'string' ? cniVersion : newest
  } catch {
    return newest
  }
}

/** Throws CniError for what the specification does not allow. */
export function parseCall(env: NodeJS.ProcessEnv, input: string): Call {
  const command = COMMANDS.find((one) => one === env['CNI_COMMAND'])
  if (command === undefined)
    throw new CniError('invalidEnvironment', `CNI_COMMAND: '${env['CNI_COMMAND'] ?? ''}' is no command`)
  const config = parseConfig(command, input)
  const missing = NEEDED[command].filter((name) => !env[name])
  if (missing.length > 0)
    throw new CniError('invalidEnvironment', `${missing.join(', ')}: missing, ${command} needs it`)
  // GC and STATUS are of no container, whatever these say.
  const {
    CNI_CONTAINERID: containerID = '',
    CNI_IFNAME: ifname = '',
    CNI_NETNS: netns = '',
  } = NEEDED[command].length > 0 ? env : {}
  if (containerID !== '' && !NAME.test(containerID))
    throw new CniError('invalidEnvironment', `CNI_CONTAINERID: '${containerID}' is no container's id`)
  if (ifname !== '' && !IFNAME.test(ifname))
    throw new CniError('invalidEnvironment', `CNI_IFNAME: '${ifname}' is no interface's name`)
  const args = WITH_ARGS.includes(command) ? parseArgs(env['CNI_ARGS'] ?? '') : {}
  const mayBeOwn = /^(1|true)$/i.test(env['CNI_NETNS_OVERRIDE'] ?? '')
  return { command, containerID, ifname, netns, mayBeOwn, args, config, env, input }
}

function parseConfig(command: Call['command'], input: string): Config {
  let config: Config
  try {
    config = spelled(JSON.parse(input, given) as Config)
  } catch (error) {
    throw new CniError('decoding', `the configuration is no JSON: ${(error as Error).message}`)
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new CniError('decoding', 'the configuration is no object')
  if (typeof (config.cniVersion ?? '') !== 'string')
    throw new CniError('decoding', `cniVersion: ${JSON.stringify(config.cniVersion)} is no string`)
  if (!VERSIONS.includes(config.cniVersion))
    throw new CniError(
      'incompatibleVersion',
      `cniVersion: '${config.cniVersion ?? ''}' is none of ${VERSIONS}`,
    )
  const since = SINCE[command] ?? VERSIONS[0]
  if (VERSIONS.indexOf(config.cniVersion) < VERSIONS.indexOf(since))
    throw new CniError('incompatibleVersion', `cniVersion: ${config.cniVersion} has no ${command}`)
  if (typeof config.name !== 'string' || !NAME.test(config.name))
    throw new CniError('invalidConfig', `name: '${config.name ?? ''}' is no network's name`)
  if (STRICT.includes(command)) checkShape(config)
  return config
}

/** For JSON.parse(): Go writes '' or null for what is not there. Elements of lists are, and so is null for a list of GC. */
export function given(this: unknown, key: string, value: unknown): unknown {
  const isNothing = value === '' || (value === null && !VALID.some((list) => list === key))
  return isNothing && !Array.isArray(this) ? undefined : value
}

/** The key of the specification, and the one that its first text had; libcni sets both. */
const VALID = ['cni.dev/valid-attachments', 'cni.dev/attachments'] as const

/**
 * Of which attachments the runtime knows, for GC; null is the list with nothing in it, as Go writes it. Throws CniError where it tells none or
 * not whose they are: GC would take away what is in use.
 */
export function validAttachments(config: Config): Attachment[] {
  if (VALID.every((key) => config[key] === undefined))
    throw new CniError('invalidConfig', `${VALID[0]}: GC needs it`)
  return VALID.flatMap((key) => {
    const list = config[key] ?? []
    if (!Array.isArray(list))
      throw new CniError('invalidConfig', `${key}: ${JSON.stringify(list)} is no list`)
    return list.map((one: Partial<Attachment> | null, i) => {
      const { containerID, ifname } = one ?? {}
      if (typeof containerID !== 'string' || typeof ifname !== 'string')
        throw new CniError(
          'invalidConfig',
          `${key}[${i}]: ${JSON.stringify(one)} has not both containerID and ifname`,
        )
      return { containerID, ifname }
    })
  })
}

function parseArgs(text: string): Record<string, string> {
  const pairs = text.split(';').filter((pair) => pair !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new CniError('invalidEnvironment', `CNI_ARGS: '${pair}' is not KEY=VALUE`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}
