/** DEBUG=netlink:*: each message of each kind of socket is in the log, by its name. */

import { expect, it } from 'vitest'
import { needNftables } from './needs.js'
import { library, program, start } from './program.js'
import { withVeth } from './support.js'

needNftables()

it('names what is sent and what is received, on sockets of all kinds', () =>
  withVeth(async (netns) => {
    const source = `
      const nft = await import(${library('nftables')})
      const ct = await import(${library('conntrack')})
      const netns = '${netns}'
      const monitor = await nl.monitor(['link'], { netns })
      await nl.setLink('eth0', { alias: 'told', netns })
      await monitor.next()
      monitor.close()
      sync.listRules({ netns })
      for await (const address of nl.streamAddresses({ netns })) void address
      await nft.masquerade({ source: '192.0.2.0/24', netns })
      await nft.listRuleset({ netns })
      const original = { protocol: 'udp', src: '192.0.2.1', dst: '192.0.2.2', sport: 1, dport: 2 }
      await ct.addConntrack({ original, timeout: 99, netns })
      await ct.listConntrack({ netns })
      await ct.conntrackStats({ netns })
      await caught(() => nl.getLink(4711, { netns }))`
    const { status, stderr } = await start(program(source, { wrapper: ['env', 'DEBUG=netlink:*'] })).ended
    expect(status, stderr).toBe(0)
    const told = stderr
      .trimEnd()
      .split('\n')
      .map((line) => / netlink:(send|receive) (type \d+|\w+) /.exec(line)?.slice(1, 3).join(' ') ?? line)
    expect([...new Set(told)].sort()).toEqual(
      [
        'receive ACK',
        'receive IPCTNL_MSG_CT_GET_STATS_CPU',
        'receive IPCTNL_MSG_CT_GET_STATS',
        'receive IPCTNL_MSG_CT_NEW',
        'receive IPCTNL_MSG_EXP_GET_STATS_CPU',
        'receive NFT_MSG_NEWCHAIN',
        'receive NFT_MSG_NEWGEN',
        'receive NFT_MSG_NEWRULE',
        'receive NFT_MSG_NEWTABLE',
        'receive NLMSG_DONE',
        'receive NLMSG_ERROR',
        'receive RTM_NEWADDR',
        'receive RTM_NEWLINK',
        'receive RTM_NEWRULE',
        'send IPCTNL_MSG_CT_GET',
        'send IPCTNL_MSG_CT_GET_STATS_CPU',
        'send IPCTNL_MSG_CT_GET_STATS',
        'send IPCTNL_MSG_CT_NEW',
        'send IPCTNL_MSG_EXP_GET_STATS_CPU',
        'send NFNL_MSG_BATCH_BEGIN',
        'send NFNL_MSG_BATCH_END',
        'send NFT_MSG_GETCHAIN',
        'send NFT_MSG_GETFLOWTABLE',
        'send NFT_MSG_GETGEN',
        'send NFT_MSG_GETOBJ',
        'send NFT_MSG_GETRULE',
        'send NFT_MSG_GETSET',
        'send NFT_MSG_GETTABLE',
        'send NFT_MSG_NEWCHAIN',
        'send NFT_MSG_NEWRULE',
        'send NFT_MSG_NEWTABLE',
        'send RTM_GETADDR',
        'send RTM_GETLINK',
        'send RTM_GETRULE',
        'send RTM_NEWLINK',
      ].sort(),
    )
  }))
