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

/** Before 1.0 each address says its family; before 1.1 an interface has no MTU, and a route no more than a gateway. */
export function inVersion(result: Result, version: Config['cniVersion']): object {
  const interfaces =
    version === '1.1.0' ? result.interfaces : result.interfaces.map(({ mtu: _, ...others }) => others)
  const ips = result.ips.map((ip) =>
    version.startsWith('0.') ? { version: ip.address.includes(':') ? '6' : '4', ...ip } : ip,
  )
  const routes =
    version === '1.1.0'
      ? result.routes
      : result.routes.map(({ dst, gw }) => (gw === undefined ? { dst } : { dst, gw }))
  return { cniVersion: version, ...result, interfaces, ips, routes }
}
