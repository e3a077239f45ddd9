/** What the kernel would pass over, or take for something else, without a word. */

import { describe, expect, it } from 'vitest'
import { hasTun } from './needs.js'
import { execFileSync } from './programs.js'
import { FACES, hasKind, ip, ipJson, withNetns, withVeth } from './support.js'
import { failure, thrown } from './thrown.js'

describe.each(FACES)('$face', ({ nl }) => {
  it('a rule of the mark 0 is not one of all packets', () =>
    withNetns(async (netns) => {
      const rule = { family: 'ipv4', fwmark: 0, table: 7, priority: 5, netns } as const
      const told = () => ipJson('rule show priority 5', netns)
      await nl.addRule(rule)
      const [made] = told()
      // With a mask of fewer bits, or none, ip tells that, or no mark.
      expect(made).toMatchObject({ fwmark: '0', table: '7' })
      expect(made).not.toHaveProperty('fwmask')
      const [listed] = (await nl.listRules({ family: 'ipv4', netns })).filter(
        ({ priority }) => priority === 5,
      )
      expect(listed).toMatchObject({ fwmask: 0xffffffff })
      await nl.deleteRule(rule)
      expect(told()).toEqual([])
      await nl.addRule({ ...listed!, netns })
      expect(told()).toEqual([made])
    }))

  it('an entry whose address is longer than those of the interface', () =>
    withVeth(async (netns) => {
      const entry = { to: '192.0.2.9', dev: 'eth0', netns }
      const long = { ...entry, mac: '02:00:00:00:00:09:0a:0b' }
      for (const change of [nl.addNeighbour, nl.replaceNeighbour, nl.changeNeighbour])
        expect(await thrown(() => change(long))).toMatchObject({
          message: "mac: '02:00:00:00:00:09:0a:0b' has 8 bytes, the addresses of this interface have 6",
        })
      expect(ipJson('neighbour show', netns)).toEqual([])
      await nl.addNeighbour({ ...entry, mac: '02:00:00:00:00:09' })
      expect(ipJson('neighbour show', netns)).toMatchObject([{ lladdr: '02:00:00:00:00:09' }])
    }))

  it('an owner above 2^31', (context) => {
    context.skip(!hasTun(), 'cannot be installed: /dev/net/tun is not there for this user')
    return withNetns(async (netns) => {
      const ids = { owner: 3_000_000_000, group: 4_294_967_294 }
      const { data } = await nl.createTuntap({ name: 'tun0', mode: 'tun', ...ids, netns })
      expect(data).toMatchObject(ids)
      expect(ipJson('link show tun0', netns)[0]!['linkinfo']['info_data']).toMatchObject({
        user: ids.owner,
        group: ids.group,
      })
    })
  })

  it.skipIf(!hasKind('vxlan'))('the VLAN of an entry of a vxlan device', () =>
    withNetns(async (netns) => {
      ip('link add vx0 type vxlan id 42 dstport 4789', netns)
      const entry = { mac: '02:00:00:00:00:09', dev: 'vx0', dst: '192.0.2.9', netns }
      expect(await thrown(() => nl.addFdbEntry({ ...entry, vlan: 5 }))).toMatchObject({
        message: 'vlan: 5 is for the table of a bridge, and dst is not',
      })
      const told = () => JSON.parse(execFileSync('bridge', ['-n', netns, '-j', 'fdb', 'show', 'dev', 'vx0']))
      expect(told()).toEqual([])
      // To bridge it is no error, and the entry is one of all VLANs.
      const words = ['-n', netns, 'fdb', 'add', entry.mac, 'dev', 'vx0', 'dst', entry.dst, 'vlan', '5']
      execFileSync('bridge', words)
      expect(told()).toMatchObject([{ mac: entry.mac, dst: entry.dst }])
      expect(told()[0]).not.toHaveProperty('vlan')
    }),
  )

  it.skipIf(!hasKind('vxlan'))('the link of a tunnel, which is in the namespace underneath', () =>
    withNetns((below) =>
      withNetns(async (netns) => {
        ip('link add a0 index 40 type veth peer name a1', below)
        ip('link add b0 index 41 type veth peer name b1', netns)
        ip('link add a2 index 42 type veth peer name b0', below)
        const vxlan = { kind: 'vxlan', id: 7, dstport: 4789 } as const
        await nl.createLink({ ...vxlan, name: 'vx0', link: 'a0', linkNetns: below, netns })
        const linked = async () => (await nl.getLink('vx0', { netns })).data
        await nl.setLink('vx0', { kind: 'vxlan', link: 'b0', netns })
        expect(await linked()).toMatchObject({ link: ipJson('link show b0', below)[0]!['ifindex'] })
        expect(await failure(() => nl.setLink('vx0', { kind: 'vxlan', link: 'b1', netns }))).toMatchObject({
          code: 'ENODEV',
        })
        await nl.setLink('vx0', { kind: 'vxlan', link: 40, netns })
        expect(await linked()).toMatchObject({ link: 40 })
      }),
    ),
  )
})
