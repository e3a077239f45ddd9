/** What the values of a configuration may be. Keys that are not here are nobody's, or other plugins'. */
import { CniError } from './error.js'

type Shape = 'boolean' | 'integer' | 'string' | readonly [Shape] | { readonly [key: string]: Shape }

/** Several keys of one kind. */
function all(shape: Shape, ...keys: readonly string[]): { readonly [key: string]: Shape } {
  return Object.fromEntries(keys.map((key) => [key, shape]))
}

const DNS: Shape = { domain: 'string', ...all(['string'], 'nameservers', 'search', 'options') }
const RANGE = all('string', 'subnet', 'rangeStart', 'rangeEnd', 'gateway')
const ROUTE: Shape = {
  ...all('string', 'dst', 'gw'),
  ...all('integer', 'mtu', 'advmss', 'priority', 'table', 'scope'),
}
const MAPPING: Shape = {
  ...all('integer', 'hostPort', 'containerPort'),
  ...all('string', 'protocol', 'hostIP'),
}

const RESULT: Shape = {
  cniVersion: 'string',
  interfaces: [all('string', 'name', 'mac', 'sandbox')],
  ips: [{ ...all('string', 'address', 'gateway'), interface: 'integer' }],
  routes: [ROUTE],
  dns: DNS,
}

const CONFIG: Shape = {
  ...all('string', 'cniVersion', 'name', 'type'),
  prevResult: RESULT,
  dns: DNS,
  runtimeConfig: { portMappings: [MAPPING], ips: ['string'], ipRanges: [[RANGE]], mac: 'string' },
  args: { cni: { ips: ['string'], mac: 'string' } },
  ipam: { ...RANGE, ...all('string', 'type', 'dataDir', 'resolvConf'), ranges: [[RANGE]], routes: [ROUTE] },
  // Of bridge
  bridge: 'string',
  ...all('integer', 'mtu', 'vlan'),
  vlanTrunk: [all('integer', 'id', 'minID', 'maxID')],
  ...all('boolean', 'isGateway', 'isDefaultGateway', 'forceAddress', 'ipMasq', 'hairpinMode', 'promiscMode'),
  ...all('boolean', 'portIsolation', 'preserveDefaultVlan', 'macspoofchk', 'enabledad'),
  disableContainerInterface: 'boolean',
  // Of portmap
  ...all('boolean', 'snat', 'masqAll'),
  ...all(['string'], 'conditionsV4', 'conditionsV6'),
}

/** The same configuration with its keys as they are here: Go takes them in large and in small letters, and of one that is there twice the last. */
export function spelled<T>(config: T): T {
  return spell(config, CONFIG) as T
}

function spell(value: unknown, shape: Shape): unknown {
  if (typeof shape === 'string' || !isOf(value, shape)) return value
  if (isList(shape)) return (value as unknown[]).map((one) => spell(one, shape[0]))
  const names = new Map(Object.keys(shape).map((key) => [key.toLowerCase(), key]))
  return Object.fromEntries(
    Object.entries(value as object).map(([key, one]) => {
      const name = names.get(key.toLowerCase())
      return name === undefined ? [key, one] : [name, spell(one, shape[name]!)]
    }),
  )
}

/** Throws CniError for the first value that is of another kind: `isGateway: "yes" is no boolean`. */
export function checkShape(config: object): void {
  check(config, CONFIG, '')
}

/** The same for what a plugin has answered, whatever that is. */
export function checkResult(result: unknown): asserts result is object {
  // So parseResult() reads null and ''.
  if (result === undefined) throw new CniError('invalidConfig', 'there is nothing in it')
  check(result, RESULT, '')
}

function check(value: unknown, shape: Shape, path: string): void {
  if (value === undefined) return
  if (!isOf(value, shape)) {
    const kind = typeof shape === 'string' ? shape : isList(shape) ? 'list' : 'object'
    const what = JSON.stringify(value)
    throw new CniError('invalidConfig', `${path === '' ? what : `${path}: ${what}`} is no ${kind}`)
  }
  if (typeof shape === 'string') return
  if (isList(shape)) {
    for (const [i, one] of (value as unknown[]).entries()) check(one, shape[0], `${path}[${i}]`)
    return
  }
  for (const [key, of] of Object.entries(shape))
    check((value as Record<string, unknown>)[key], of, path === '' ? key : `${path}.${key}`)
}

function isOf(value: unknown, shape: Shape): boolean {
  if (shape === 'integer') return Number.isInteger(value)
  if (typeof shape === 'string') return typeof value === shape
  if (isList(shape)) return Array.isArray(value)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Array.isArray() does not tell a list that is read-only from an object. */
function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}
