import { describe, expect, it } from 'vitest'
import type * as promises from '../../src/index.js'
import { type CreateBridgeOptions, isKind, NetlinkError } from '../../src/index.js'
import { expectAllLikeIp, namesIn, printedLink } from './link-oracle.js'
import { execFileSync } from './programs.js'
import { FACES, hasTool, ip, ipJson, type Printed, withNetns } from './support.js'

type Options = Omit<CreateBridgeOptions, 'name'>

/** Options, and what `ip -j -d link` prints of them. Times are seconds here and hundredths there. */
const OPTIONS: { options: Options; printed: Printed }[] = [
  { options: { forwardDelay: 4.5 }, printed: { forward_delay: 450 } },
  { options: { helloTime: 1 }, printed: { hello_time: 100 } },
  { options: { maxAge: 10 }, printed: { max_age: 1000 } },
  { options: { ageingTime: 60 }, printed: { ageing_time: 6000 } },
  { options: { ageingTime: 0 }, printed: { ageing_time: 0 } },
  { options: { stp: true }, printed: { stp_state: 1 } },
  { options: { stp: false }, printed: { stp_state: 0 } },
  { options: { priority: 4096 }, printed: { priority: 4096 } },
  { options: { groupFwdMask: 8 }, printed: { group_fwd_mask: '0x8' } },
  { options: { groupAddress: '01:80:c2:00:00:05' }, printed: { group_addr: '01:80:c2:00:00:05' } },
  { options: { mcastRouter: 'permanent' }, printed: { mcast_router: 2 } },
  { options: { mcastRouter: 'disabled' }, printed: { mcast_router: 0 } },
  { options: { mcastSnooping: false }, printed: { mcast_snooping: 0 } },
  { options: { mcastQueryUseIfaddr: true }, printed: { mcast_query_use_ifaddr: 1 } },
  { options: { mcastQuerier: true }, printed: { mcast_querier: 1 } },
  { options: { mcastHashMax: 1024 }, printed: { mcast_hash_max: 1024 } },
  { options: { mcastLastMemberCount: 3 }, printed: { mcast_last_member_cnt: 3 } },
  { options: { mcastStartupQueryCount: 4 }, printed: { mcast_startup_query_cnt: 4 } },
  { options: { mcastLastMemberInterval: 2 }, printed: { mcast_last_member_intvl: 200 } },
  { options: { mcastMembershipInterval: 200 }, printed: { mcast_membership_intvl: 20_000 } },
  { options: { mcastQuerierInterval: 100 }, printed: { mcast_querier_intvl: 10_000 } },
  { options: { mcastQueryInterval: 50 }, printed: { mcast_query_intvl: 5000 } },
  { options: { mcastQueryResponseInterval: 9 }, printed: { mcast_query_response_intvl: 900 } },
  { options: { mcastStartupQueryInterval: 20 }, printed: { mcast_startup_query_intvl: 2000 } },
  { options: { mcastStats: true }, printed: { mcast_stats_enabled: 1 } },
  { options: { mcastIgmpVersion: 3 }, printed: { mcast_igmp_version: 3 } },
  { options: { mcastMldVersion: 2 }, printed: { mcast_mld_version: 2 } },
  {
    options: { nfCallIptables: true, nfCallIp6tables: true, nfCallArptables: true },
    printed: { nf_call_iptables: 1, nf_call_ip6tables: 1, nf_call_arptables: 1 },
  },
  { options: { multiBoolopt: { no_ll_learn: true } }, printed: { no_linklocal_learn: 1 } },
]
/** Options of VLAN filtering, which not every kernel is built with. */
const FILTERING: typeof OPTIONS = [
  { options: { vlanFiltering: true }, printed: { vlan_filtering: 1 } },
  {
    options: { vlanFiltering: true, vlanProtocol: '802.1ad' },
    printed: { vlan_filtering: 1, vlan_protocol: '802.1ad' },
  },
  { options: { vlanDefaultPvid: 100 }, printed: { vlan_default_pvid: 100 } },
  { options: { vlanStats: true }, printed: { vlan_stats_enabled: 1 } },
]

function hasVlanFiltering(): boolean {
  ip('link add probe0 type bridge')
  const { info_data } = printedLink('probe0')['linkinfo'] as Printed
  ip('link delete probe0')
  return 'vlan_protocol' in info_data
}

describe.each(FACES as readonly { face: string; nl: typeof promises }[])('createBridge, $face', ({ nl }) => {
  const filtering = hasTool('ip') && hasVlanFiltering()

  it.each([...OPTIONS, ...(filtering ? FILTERING : [])])('$options', ({ options, printed }) =>
    withNetns(async (netns) => {
      const made = await nl.createBridge({ name: 'br0', ...options, netns })
      expect(made).toMatchObject({ name: 'br0', kind: 'bridge', data: options })
      expect(printedLink('br0', netns)['linkinfo'].info_data).toMatchObject(printed)
      await expectAllLikeIp(async () => nl.listLinks({ include: ['afSpec'], netns }), netns)
      await nl.createBridge({ name: 'br1', netns })
      await nl.setLink('br1', { kind: 'bridge', ...options, netns } as Parameters<typeof nl.setLink>[1])
      expect(printedLink('br1', netns)['linkinfo'].info_data).toMatchObject(printed)
    }),
  )

  it('takes the options that every link takes', () =>
    withNetns(async (netns) => {
      const bridge = await nl.createBridge({
        name: 'v-net-0',
        up: true,
        mtu: 1400,
        mac: '02:00:00:00:00:05',
        addresses: ['192.168.15.5/24'],
        routes: [{ to: '198.51.100.0/24', via: '192.168.15.1' }],
        netns,
      })
      expect(bridge).toMatchObject({ up: true, mtu: 1400, mac: '02:00:00:00:00:05' })
      expect(printedLink('v-net-0', netns)).toMatchObject({ mtu: 1400, address: '02:00:00:00:00:05' })
      expect(ipJson('address show dev v-net-0', netns)[0]!['addr_info'][0]).toMatchObject({
        local: '192.168.15.5',
        prefixlen: 24,
      })
      expect(ipJson('route show', netns).map(({ dst }) => dst)).toEqual([
        '192.168.15.0/24',
        '198.51.100.0/24',
      ])
    }))

  it('reads a bridge and its ports that ip made, once the bridge has chosen its root', () =>
    withNetns(async (netns) => {
      for (const command of [
        'link add br0 type bridge stp_state 1 forward_delay 200 hello_time 100 mcast_querier 1 mcast_igmp_version 3',
        'link add eth0 type veth peer name eth1',
        'link set eth0 master br0 up',
        'link set eth1 up',
        'link set br0 up',
        'address add 192.0.2.1/24 dev br0',
        'link set eth0 type bridge_slave cost 7 priority 3 guard on root_block on fastleave on learning off flood off mcast_flood off bcast_flood off mcast_to_unicast on neigh_suppress on vlan_tunnel on isolated on locked on group_fwd_mask 8 mcast_router 2',
      ])
        ip(command, netns)
      const links = await expectAllLikeIp(async () => nl.listLinks({ include: ['afSpec'], netns }), netns)
      const bridge = links.find(({ name }) => name === 'br0')!
      expect(isKind(bridge, 'bridge') && bridge.data.bridgeId).toEqual({ priority: 32768, mac: bridge.mac })
    }))

  it('has at most 1023 ports', () =>
    withNetns(async (netns) => {
      const pair = (i: number) => `link add a${i} type veth peer name b${i}\nlink set a${i} master br0\n`
      const far = (i: number) => (i === 0 ? '' : `link set b${i} master br0\n`)
      const lines = Array.from({ length: 512 }, (_, i) => pair(i) + far(i)).join('')
      execFileSync('ip', ['-n', netns, '-batch', '-'], { input: `link add br0 type bridge\n${lines}` })
      const isFull = { code: 'EXFULL', advice: "'br0' has 1023 ports, as many as a bridge takes" }
      await expect((async () => nl.setLink('b0', { master: 'br0', netns }))()).rejects.toMatchObject(isFull)
      const near = { name: 'a', netns, master: 'br0' }
      const pairing = (async () => nl.createVethPair(near, { name: 'b', netns }))()
      await expect(pairing).rejects.toMatchObject(isFull)
      expect(namesIn(netns)).not.toContain('a')
    }))

  it('refuses what this kernel was not built for, and leaves nothing behind', () =>
    withNetns(async (netns) => {
      if (filtering) return
      const call = async () => nl.createBridge({ name: 'br0', vlanFiltering: true, netns })
      const error = await call().catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(NetlinkError)
      expect(error).toMatchObject({
        code: 'EOPNOTSUPP',
        advice: expect.stringContaining('the kernel has no bridge VLAN filtering'),
      })
      expect(namesIn(netns)).toEqual([])
    }))
})
