/** meta broute: frames that a bridge leaves to the layers above its port. */

import { expect, it } from 'vitest'
import { meta, rule } from '../../src/nftables.js'
import { expectRefused, needNftables } from './needs.js'
import { NFT_FACES, nftIn } from './nft-support.js'
import { spawnSync } from './programs.js'
import { hasTool, ip, untilReady, withNetns, withoutDad } from './support.js'

needNftables()

it.skipIf(!hasTool('nft')).each(NFT_FACES)(
  'a packet comes in by the port of a bridge that is told so ($face)',
  ({ nft }) =>
    withNetns((router) =>
      withNetns(async (client) => {
        withoutDad(router, client)
        ip('link add br0 type bridge', router)
        ip(`link add port0 type veth peer name eth0 netns ${client}`, router)
        ip('link set port0 master br0 up', router)
        ip('link set br0 up', router)
        ip('address add 10.0.0.1/24 dev port0', router)
        ip('address add 10.0.0.2/24 dev eth0', client)
        ip('link set eth0 up', client)
        await untilReady('eth0', client)
        const counters = ['port0', 'br0'].map(
          (dev) => `iifname ${dev} icmp type echo-request counter name ${dev}`,
        )
        nftIn(
          router,
          `add table ip t; add counter ip t port0; add counter ip t br0; add chain ip t c { type filter hook prerouting priority 0; }; ${counters.map((one) => `add rule ip t c ${one}`).join('; ')}`,
        )
        const cameBy = () => {
          spawnSync('ip', ['netns', 'exec', client, 'ping', '-c1', '-W1', '10.0.0.1'])
          return ['port0', 'br0'].filter(
            (dev) => !/packets 0 /.test(nftIn(router, `reset counter ip t ${dev}`)),
          )
        }
        expect(cameBy()).toEqual(['br0'])
        const table = { family: 'bridge', name: 'b' } as const
        const chain = { family: 'bridge', table: 'b', name: 'c' } as const
        try {
          await nft.transaction(
            (tx) => {
              tx.addTable(table)
              tx.addChain({ ...chain, type: 'filter', hook: 'prerouting', priority: 0 })
              tx.addRule({ family: 'bridge', table: 'b', chain: 'c', rule: rule(meta.broute.set(1)) })
            },
            { netns: router },
          )
        } catch (error) {
          await expectRefused(() => Promise.reject(error), { code: 'EOPNOTSUPP', advice: 'broute' })
          return
        }
        expect(cameBy()).toEqual(['port0'])
      }),
    ),
)
