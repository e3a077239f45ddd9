/** What the tests of conditions of published ports share. */

import type { Config } from './cni-support.js'
import { execFileSync } from './programs.js'

/** As a plugin before it would have answered. */
export const prevResult = {
  cniVersion: '1.1.0',
  interfaces: [{ name: 'eth0', sandbox: '/run/netns/c1' }],
  ips: [
    { address: '10.22.0.2/24', interface: 0 },
    { address: 'fd00:22::2/64', interface: 0 },
  ],
}

export const portmap = (more: object): Config => ({
  cniVersion: '1.1.0',
  name: 'net1',
  type: 'portmap',
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
  prevResult,
  ...more,
})

export const nft = (...args: string[]) => execFileSync('nft', args)
