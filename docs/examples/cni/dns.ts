/** The names' servers of a resolv.conf(5), for the container: host-local's key `resolvConf`. */
import { readFile } from 'node:fs/promises'

export interface Dns {
  nameservers?: string[]
  domain?: string
  search?: string[]
  options?: string[]
}

export async function readResolvConf(path: string): Promise<Dns> {
  const dns: Dns = {}
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    const [first] = words
    if (first === undefined) continue
    if (keyword === 'nameserver') dns.nameservers = [...(dns.nameservers ?? []), first]
    // Of this one the last line counts.
    else if (keyword === 'domain') dns.domain = first
    // Of several lines resolv.conf(5) takes the last one, host-local all.
    else if (keyword === 'search') dns.search = [...(dns.search ?? []), ...words]
    else if (keyword === 'options') dns.options = [...(dns.options ?? []), ...words]
  }
  return dns
}
