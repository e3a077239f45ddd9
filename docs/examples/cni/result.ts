/** What ADD answers, in the version of the specification that was asked for. */
import type { Dns } from './dns.js'
import { CniError } from './error.js'
import { type Config, given, type Route, VERSIONS } from './input.js'
import { checkResult } from './shape.js'

export interface Result {
  interfaces: { name: string; mac?: string; mtu?: number; sandbox?: string }[]
  /** `interface` is an index of the list above. */
  ips: { address: string; gateway?: string; interface?: number }[]
  routes: Route[]
  dns: Dns
}

/** The chained plugins' result, complete; null where there is none. */
export function previous({ prevResult }: Config): Result | null {
  return prevResult === undefined ? null : complete(prevResult)
}

function complete({ interfaces = [], ips = [], routes = [], dns = {} }: Partial<Result>): Result {
  return { interfaces, ips, routes, dns }
}

/** What another plugin has printed. Throws CniError for what is no result of a version that is known; none is said is the configuration's. */
export function parseResult(text: string): Result {
  const result: unknown = JSON.parse(text, given)
  checkResult(result)
  const { cniVersion } = result as { cniVersion?: Config['cniVersion'] }
  if (cniVersion !== undefined && !VERSIONS.includes(cniVersion))
    throw new CniError('incompatibleVersion', `cniVersion: '${cniVersion}' is none of ${VERSIONS}`)
  return complete(result)
}

/**
 * Before 1.0 each address says its family, and an interface has a name, a MAC and a sandbox alone. What the specification tells of routes since
 * 1.1 is told before, too, as by the plugins: CHECK is given the result, and would find no route in a table of its own otherwise. So is what a
 * plugin before this one told of its interfaces in 1.0.
 */
export function inVersion({ interfaces, ips, ...others }: Result, version: Config['cniVersion']): object {
  if (!version.startsWith('0.')) return { cniVersion: version, interfaces, ips, ...others }
  return {
    cniVersion: version,
    interfaces: interfaces.map(({ name, mac, sandbox }) => ({ name, mac, sandbox })),
    ips: ips.map((ip) => ({ version: ip.address.includes(':') ? '6' : '4', ...ip })),
    ...others,
  }
}
