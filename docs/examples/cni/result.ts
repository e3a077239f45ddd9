/** What ADD answers, in the version of the specification that was asked for. */
import type { Dns } from './dns.js'
import type { Config, Route } from './input.js'

export interface Result {
  interfaces: { name: string; mac?: string; mtu?: number; sandbox?: string }[]
  /** `interface` is an index of the list above. */
  ips: { address: string; gateway?: string; interface?: number }[]
  routes: Route[]
  dns: Dns
}

/** The chained plugins' result, complete; null where there is none. */
export function previous({ prevResult }: Config): Result | null {
  if (prevResult === undefined) return null
  const { interfaces = [], ips = [], routes = [], dns = {} } = prevResult as Partial<Result>
  return { interfaces, ips, routes, dns }
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
