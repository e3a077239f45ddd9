/** The ruleset of a program that people run, kube-proxy (pkg/proxy/nftables): the kernel holds what nft(8) makes of its text. */

import { describe, expect, it } from 'vitest'
import {
  concat,
  ct,
  dnat,
  drop,
  fib,
  goto,
  ip,
  jump,
  masq,
  meta,
  type NftChainInput,
  numgen,
  type RuleBody,
  reject,
  rule,
  set,
  type Transaction,
  tcp,
  th,
  updateElement,
  verdict,
} from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn, plainRuleset } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const TEXT = `table ip kube-proxy {
  comment "rules for kube-proxy"
  set cluster-ips { type ipv4_addr; comment "Active ClusterIPs"; elements = { 172.30.0.41 }; }
  set nodeport-ips { type ipv4_addr; elements = { 192.168.0.2 }; }
  set affinity-1 { type ipv4_addr; flags dynamic,timeout; timeout 10800s; }
  map no-endpoint-services {
    type ipv4_addr . inet_proto . inet_service : verdict
    elements = { 172.30.0.42 . tcp . 80 comment "ns/none" : goto reject-chain }
  }
  map firewall-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map service-ips {
    type ipv4_addr . inet_proto . inet_service : verdict
    elements = { 172.30.0.41 . tcp . 80 : goto service-ULMVA6XW-ns1/svc1/tcp/p80 }
  }
  map service-nodeports {
    type inet_proto . inet_service : verdict
    elements = { tcp . 3001 : goto service-ULMVA6XW-ns1/svc1/tcp/p80 }
  }
  chain mark-for-masquerade {
    meta mark set meta mark | 0x4000
  }
  chain masquerading {
    meta mark & 0x4000 == 0 return
    meta mark set meta mark ^ 0x4000
    masquerade fully-random
  }
  chain reject-chain {
    comment "helper for @no-endpoint-services"
    reject
  }
  chain cluster-ips-check {
    ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"
    ip daddr { 172.30.0.0/16 } drop comment "Drop traffic to unallocated ClusterIPs"
  }
  chain firewall-check {
    ip daddr . meta l4proto . th dport vmap @firewall-ips
  }
  chain endpoint-1 {
    ip saddr 10.180.0.1 jump mark-for-masquerade
    update @affinity-1 { ip saddr }
    meta l4proto tcp dnat to 10.180.0.1:80
  }
  chain endpoint-2 {
    meta l4proto tcp dnat to 10.180.0.2:80
  }
  chain service-ULMVA6XW-ns1/svc1/tcp/p80 {
    ip daddr 172.30.0.41 tcp dport 80 ip saddr != 10.0.0.0/8 jump mark-for-masquerade
    ip saddr @affinity-1 goto endpoint-1
    numgen random mod 2 vmap { 0 : goto endpoint-1, 1 : goto endpoint-2 }
  }
  chain services {
    ip daddr . meta l4proto . th dport vmap @service-ips
    ip daddr @nodeport-ips fib daddr type local meta l4proto . th dport vmap @service-nodeports
  }
  chain nat-prerouting {
    type nat hook prerouting priority dstnat
    jump services
  }
  chain nat-postrouting {
    type nat hook postrouting priority srcnat
    jump masquerading
  }
  chain filter-prerouting {
    type filter hook prerouting priority dstnat - 10
    ct state new jump firewall-check
  }
  chain filter-forward {
    type filter hook forward priority -110
    ct state new ip daddr . meta l4proto . th dport vmap @no-endpoint-services
    ct state new jump cluster-ips-check
  }
}
`

const at = { family: 'ip', table: 'kube-proxy' } as const
const SERVICE = 'service-ULMVA6XW-ns1/svc1/tcp/p80'
const destination = concat(ip.daddr, meta.l4proto, th.dport)
const isNew = ct.state('new')

type Chain = Pick<NftChainInput, 'name' | 'comment' | 'type' | 'hook' | 'priority'>
type Rules = readonly (RuleBody | { rule: RuleBody; comment: string })[]

const CHAINS: readonly (readonly [Chain, Rules])[] = [
  [{ name: 'mark-for-masquerade' }, [rule(meta.mark.set(meta.mark.or(0x4000)))]],
  [
    { name: 'masquerading' },
    [
      rule(meta.mark.mask(0x4000)(0), verdict('return')),
      rule(meta.mark.set(meta.mark.xor(0x4000))),
      rule(masq({ fullyRandom: true })),
    ],
  ],
  [{ name: 'reject-chain', comment: 'helper for @no-endpoint-services' }, [rule(reject())]],
  [
    { name: 'cluster-ips-check' },
    [
      {
        rule: rule(ip.daddr(set('cluster-ips')), reject()),
        comment: 'Reject traffic to invalid ports of ClusterIPs',
      },
      { rule: rule(ip.daddr(['172.30.0.0/16']), drop()), comment: 'Drop traffic to unallocated ClusterIPs' },
    ],
  ],
  [{ name: 'firewall-check' }, [rule(destination.vmap(set('firewall-ips')))]],
  [
    { name: 'endpoint-1' },
    [
      rule(ip.saddr('10.180.0.1'), jump('mark-for-masquerade')),
      rule(updateElement(set('affinity-1'), ip.saddr)),
      rule(meta.l4proto('tcp'), dnat('10.180.0.1:80')),
    ],
  ],
  [{ name: 'endpoint-2' }, [rule(meta.l4proto('tcp'), dnat('10.180.0.2:80'))]],
  [
    { name: SERVICE },
    [
      rule(ip.daddr('172.30.0.41'), tcp.dport(80), ip.saddr.not('10.0.0.0/8'), jump('mark-for-masquerade')),
      rule(ip.saddr(set('affinity-1')), goto('endpoint-1')),
      rule(
        numgen('random', 2).vmap([
          [0, { goto: 'endpoint-1' }],
          [1, { goto: 'endpoint-2' }],
        ]),
      ),
    ],
  ],
  [
    { name: 'services' },
    [
      rule(destination.vmap(set('service-ips'))),
      rule(
        ip.daddr(set('nodeport-ips')),
        fib(['daddr'], 'type')('local'),
        concat(meta.l4proto, th.dport).vmap(set('service-nodeports')),
      ),
    ],
  ],
  [{ name: 'nat-prerouting', type: 'nat', hook: 'prerouting', priority: 'dstnat' }, [rule(jump('services'))]],
  [
    { name: 'nat-postrouting', type: 'nat', hook: 'postrouting', priority: 'srcnat' },
    [rule(jump('masquerading'))],
  ],
  [
    { name: 'filter-prerouting', type: 'filter', hook: 'prerouting', priority: 'dstnat - 10' },
    [rule(isNew, jump('firewall-check'))],
  ],
  [
    { name: 'filter-forward', type: 'filter', hook: 'forward', priority: -110 },
    [rule(isNew, destination.vmap(set('no-endpoint-services'))), rule(isNew, jump('cluster-ips-check'))],
  ],
]

function kubeProxy(tx: Transaction): void {
  tx.addTable({ family: 'ip', name: 'kube-proxy', comment: 'rules for kube-proxy' })
  for (const [chain] of CHAINS) tx.addChain({ ...at, ...chain })
  const addresses = { ...at, type: 'ipv4_addr' } as const
  tx.addSet({ ...addresses, name: 'cluster-ips', comment: 'Active ClusterIPs' }, ['172.30.0.41'])
  tx.addSet({ ...addresses, name: 'nodeport-ips' }, ['192.168.0.2'])
  tx.addSet({ ...addresses, name: 'affinity-1', flags: ['dynamic', 'timeout'], timeout: 10_800_000 })
  const services = { ...at, type: ['ipv4_addr', 'inet_proto', 'inet_service'], map: 'verdict' } as const
  tx.addSet({ ...services, name: 'no-endpoint-services' }, [
    { key: ['172.30.0.42', 'tcp', 80], value: { goto: 'reject-chain' }, comment: 'ns/none' },
  ])
  tx.addSet({ ...services, name: 'firewall-ips' })
  tx.addSet({ ...services, name: 'service-ips' }, [
    { key: ['172.30.0.41', 'tcp', 80], value: { goto: SERVICE } },
  ])
  tx.addSet({ ...at, name: 'service-nodeports', type: ['inet_proto', 'inet_service'], map: 'verdict' }, [
    { key: ['tcp', 3001], value: { goto: SERVICE } },
  ])
  for (const [{ name: chain }, rules] of CHAINS)
    for (const one of rules) tx.addRule({ ...at, chain, ...('rule' in one ? one : { rule: one }) })
}

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('kube-proxy ($face)', ({ nft }) => {
  it('is what nft makes of its text', async () => {
    const theirs = await withNetns((netns) => {
      nftIn(netns, TEXT)
      return plainRuleset(netns)
    })
    const ours = await withNetns(async (netns) => {
      await nft.transaction(kubeProxy, { netns })
      return plainRuleset(netns)
    })
    expect(ours).toEqual(theirs)
  })
})
