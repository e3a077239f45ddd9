/** What a monitor tells of destinations that the kernel asks programs for. */

import { describe, expect, it } from 'vitest'
import { type Monitor, monitor, type NeighbourMiss } from '../../src/index.js'
import { execIn, hasKind, ip, sysctl, withNetns, withVeth } from './support.js'

/** Sends a packet and does not wait for anything. */
function send(to: string, netns: string): void {
  execIn(netns, 'bash', '-c', `echo > /dev/udp/${to}/9`)
}

async function next(events: Monitor<'neighbourMiss'>): Promise<NeighbourMiss> {
  const { value } = await events.next()
  if (value?.type !== 'neighbourMiss') throw new Error(`told ${JSON.stringify(value)}`)
  return value.neighbourMiss
}

describe('a monitor tells what the kernel wants to know', () => {
  it('of a vxlan device: the MAC of an address, and where a MAC is', (context) => {
    context.skip(!hasKind('vxlan'), 'cannot be installed: the link kind vxlan')
    return withNetns(async (netns) => {
      // IPv6 would ask by itself.
      sysctl(netns, 'net.ipv6.conf.default.disable_ipv6=1')
      ip('link add br0 up type bridge', netns)
      ip('link add vx0 index 30 up master br0 type vxlan id 42 dstport 4789 proxy l2miss l3miss', netns)
      ip('address add 10.5.0.1/24 dev br0', netns)
      await using events = await monitor(['neighbourMiss'], { netns })
      send('10.5.0.9', netns)
      expect(await next(events)).toEqual({ ifindex: 30, dev: 'vx0', to: '10.5.0.9', mac: null })
      ip('neighbour add 10.5.0.7 lladdr 02:00:00:00:00:77 dev br0', netns)
      send('10.5.0.7', netns)
      expect(await next(events)).toEqual({ ifindex: 30, dev: 'vx0', to: null, mac: '02:00:00:00:00:77' })
    })
  })

  it('of an interface whose table asks programs (app_solicit)', () =>
    withVeth(async (netns) => {
      sysctl(netns, 'net.ipv4.neigh.eth0.app_solicit=1 net.ipv4.neigh.eth0.mcast_solicit=0')
      ip('address add 10.5.0.1/24 dev eth0', netns)
      // Neighbours have the same group, and other messages.
      await using events = await monitor(['neighbourMiss'], { netns })
      send('10.5.0.9', netns)
      expect(await next(events)).toEqual({ ifindex: 10, dev: 'eth0', to: '10.5.0.9', mac: null })
    }))
})
