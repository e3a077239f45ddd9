function run(command: string, ...args: string[]): string {
  return execFileSync(command, args)
}

import { execFileSync, spawnSync } from './programs.js'
/**
 * Brings the namespace that all files of a run share back to what a new one is: without interfaces, addresses and filters, forwarding nothing.
 * What one file leaves must not decide over another.
 */
export function restoreHost(): void {
  const links = JSON.parse(run('ip', '-j', 'address')) as { ifname: string; addr_info: unknown[] }[]
  for (const { ifname, addr_info } of links) {
    // Its peer or its bridge may have taken it along.
    if (ifname !== 'lo') spawnSync('ip', ['link', 'delete', 'dev', ifname])
    else if (addr_info.length > 0) {
      run('ip', 'address', 'flush', 'dev', 'lo')
      run('ip', 'link', 'set', 'lo', 'down')
    }
  }
  if (spawnSync('nft', ['--version']).status === 0) run('nft', 'flush', 'ruleset')
  const settings = [
    'net.ipv4.ip_forward=0',
    'net.ipv6.conf.all.forwarding=0',
    'net.ipv6.conf.default.accept_dad=1',
  ]
  run('sysctl', '-qw', ...settings)
}
