/** What enableForwarding() sets. */

import { describe, expect, it } from 'vitest'
import { run } from './nat-network.js'
import { needNftables } from './needs.js'
import { NFT_FACES } from './nft-support.js'
import { library, lines, program } from './program.js'
import { ip, sysctl, withNetns } from './support.js'

needNftables()

describe.each(NFT_FACES)('enableForwarding ($face)', ({ nft }) => {
  const value = (netns: string, key: string) => run(netns, `cat /proc/sys/net/${key}`).trim()

  it('sets what forwarding needs, in the namespace', () =>
    withNetns(async (netns) => {
      ip('link add br0 type bridge', netns)
      const own = run(netns, 'cat /proc/sys/net/ipv4/conf/lo/route_localnet')
      await nft.enableForwarding({ interfaces: 'br0', family: 'ipv4', localhost: true, netns })
      const of = (dev: string) =>
        ['forwarding', 'route_localnet'].map((key) => value(netns, `ipv4/conf/${dev}/${key}`))
      expect([of('br0'), of('lo'), own.trim(), value(netns, 'ipv6/conf/all/forwarding')]).toEqual([
        ['1', '1'],
        ['0', '0'],
        '0',
        '0',
      ])
      await nft.enableForwarding({ netns })
      expect([value(netns, 'ipv4/ip_forward'), value(netns, 'ipv6/conf/all/forwarding')]).toEqual(['1', '1'])
    }))

  it('sets nothing where an interface is missing', () =>
    withNetns(async (netns) => {
      const refused = { interfaces: ['lo', 'none0'], family: 'ipv4', netns } as const
      await expect(async () => nft.enableForwarding(refused)).rejects.toMatchObject({ code: 'ENOENT' })
      expect(value(netns, 'ipv4/conf/lo/forwarding')).toBe('0')
    }))
})

it('what is right already is no error where /proc/sys is read-only', () =>
  withNetns(async (netns) => {
    sysctl(netns, 'net.ipv4.ip_forward=1')
    const readOnly = 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec "$@"'
    const entries = `[${library('nftables')}, ${library('nftables-sync')}]`
    const source = `for (const entry of ${entries}) {
      const nft = await import(entry)
      print([await caught(() => nft.enableForwarding({ family: 'ipv4' })), await caught(() => nft.enableForwarding({ family: 'ipv6' }))])
    }`
    const wrapper = ['ip', 'netns', 'exec', netns, 'sh', '-c', readOnly, 'sh']
    const answers = [{}, { code: 'EROFS', message: expect.any(String) }]
    expect(await lines(program(source, { wrapper }))).toEqual([answers, answers])
  }))
