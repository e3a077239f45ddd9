/** Tags of VLANs that rules write, read again by a rule of nft(8) behind them. */

import { describe, expect, it } from 'vitest'
import { rule, vlan } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn } from './nft-support.js'
import { execIn, hasTool, ip, withNetns } from './support.js'

needNftables()

/** Broadcasts a frame of VLAN 5, with an EtherType for experiments. */
const SEND = `
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('eth0', 0))
s.send(bytes.fromhex('ffffffffffff' '020000000001' '81000005' '88b5') + bytes(46))
`

const inC = { family: 'netdev', table: 't', chain: 'c' } as const

describe.skipIf(!hasTool('nft') || !hasTool('python3')).each(NFT_FACES)('tags ($face)', ({ nft }) => {
  it.each([
    ['vlan id 5 vlan pcp 3 vlan dei 0', vlan.pcp.set(3)],
    ['vlan id 5 vlan pcp 0 vlan dei 1', vlan.dei.set(1)],
    ['vlan id 6 vlan pcp 0 vlan dei 0', vlan.id.set(6)],
  ])('become %s', (text, write) =>
    withNetns((router) =>
      withNetns(async (client) => {
        ip(`link add eth0 type veth peer name eth0 netns ${client}`, router)
        ip('link set eth0 up', client)
        ip('link set eth0 up', router)
        nftIn(
          router,
          'add table netdev t; add chain netdev t c { type filter hook ingress device eth0 priority 0; }',
        )
        nftIn(router, `add rule netdev t c ${text} counter`)
        await nft.transaction((tx) => tx.insertRule({ ...inC, rule: rule(vlan.id(5), write) }), {
          netns: router,
        })
        execIn(client, 'python3', '-c', SEND)
        expect(nftIn(router, 'list chain netdev t c')).toMatch(/counter packets [1-9]/)
      }),
    ),
  )
})
