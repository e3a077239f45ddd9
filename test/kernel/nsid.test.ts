import { describe, expect, it } from 'vitest'
import * as promises from '../../src/index.js'
import { FACES, ip, ipJson, type Printed, withNetns, withVeth } from './support.js'

describe.each(FACES)('ids of namespaces, $face', ({ nl }) => {
  it('are those that ip lists', () =>
    withNetns((a) =>
      withNetns((b) =>
        withNetns(async (netns) => {
          expect(await nl.listNsids({ netns })).toEqual([])
          await nl.setNsid(a, 10, { netns })
          ip(`netns set ${b} 20`, netns)
          const ids = await nl.listNsids({ netns })
          expect(ids).toEqual([
            { nsid: 10, current: null, name: null },
            { nsid: 20, current: null, name: null },
          ])
          expect(ids.map(({ nsid }) => nsid)).toEqual(ipJson('netns list-id', netns).map(({ nsid }) => nsid))
        }),
      ),
    ))

  it('that another namespace gives are told with those of here', () =>
    withNetns((a) =>
      withNetns((b) =>
        withNetns(async (netns) => {
          await nl.setNsid(a, 10, { netns })
          await nl.setNsid(b, 20, { netns })
          await nl.setNsid(b, 5, { netns: a })
          expect(await nl.listNsids({ target: 10, netns })).toContainEqual({
            nsid: 5,
            current: 20,
            name: null,
          })
          await expect(async () => nl.listNsids({ target: 99, netns })).rejects.toMatchObject({
            code: 'EINVAL',
            operation: 'RTM_GETNSID',
          })
        }),
      ),
    ))

  it('are told one by one, with the id that another namespace gives', () =>
    withNetns((a) =>
      withNetns((b) =>
        withNetns(async (netns) => {
          ip(`netns set ${a} 10`, netns)
          ip(`netns set ${b} 20`, netns)
          ip(`netns set ${b} 5`, a)
          const told = { nsid: 20, current: null, name: null }
          expect(await nl.listNsids({ nsid: 20, netns })).toEqual([told])
          expect(await nl.listNsids({ nsid: 20, names: true, netns })).toEqual([{ ...told, name: b }])
          expect(ipJson('netns list-id nsid 20', netns)).toMatchObject([{ nsid: 20, name: b }])
          expect(await nl.listNsids({ nsid: 20, target: 10, netns })).toEqual([
            { nsid: 5, current: 20, name: null },
          ])
          // It has none there, and nobody has it here.
          expect(await nl.listNsids({ nsid: 10, target: 20, netns })).toEqual([])
          expect(await nl.listNsids({ nsid: 99, netns })).toEqual([])
          await expect(async () => nl.listNsids({ nsid: 20, target: 99, netns })).rejects.toMatchObject({
            code: 'EINVAL',
          })
        }),
      ),
    ))

  it('have the names that ip tells, where there are any', () =>
    withNetns((a) =>
      withNetns(async (netns) => {
        await nl.setNsid(a, 10, { netns })
        const unnamed = await promises.createNetns()
        await nl.setNsid(unnamed, 20, { netns })
        expect(await nl.listNsids({ names: true, netns })).toEqual([
          { nsid: 10, current: null, name: a },
          { nsid: 20, current: null, name: null },
        ])
        expect(ipJson('netns list-id', netns)).toMatchObject([{ nsid: 10, name: a }, { nsid: 20 }])
        unnamed.close()
      }),
    ))

  it.each([
    [{ names: 1 }, /names: 1 is not/],
    [{ names: true, target: 10 }, /names: not with target/],
    [{ target: -1 }, /target: -1 is not an id/],
    [{ target: '10' }, /target: '10' is not an id/],
    [{ nsid: 1.5 }, /nsid: 1.5 is not an id/],
    [{ id: 10 }, /unknown option 'id'/],
  ])('refuse %j', async (options, message) => {
    await expect(async () => nl.listNsids(options as never)).rejects.toThrow(message)
  })
})

describe.each(FACES)('a namespace is read by its id, $face', ({ nl }) => {
  const target = 10

  it('links and addresses are those that ip shows in it', () =>
    withVeth((there) =>
      withNetns(async (netns) => {
        ip(`netns set ${there} ${target}`, netns)
        ip(`netns set ${netns} 77`, there)
        ip('link add br0 type bridge', there)
        ip('link set eth1 master br0', there)
        ip(`link add eth2 type veth peer name red0 netns ${netns}`, there)
        for (const dev of ['eth0', 'br0']) ip(`address add 192.0.2.1/24 dev ${dev}`, there)
        const links = await nl.listLinks({ target, include: ['linkNetns'], netns })
        const printed = ipJson('link', there)
        expect(links.map(({ ifindex, name, mtu }) => ({ ifindex, ifname: name, mtu }))).toEqual(
          printed.map(({ ifindex, ifname, mtu }) => ({ ifindex, ifname, mtu })),
        )
        const addresses = await nl.listAddresses({ target, netns })
        expect(addresses.map(({ dev, address }) => `${dev} ${address}`)).toEqual(
          ['-4', '-6'].flatMap((family) => addressesOfIp(family, there)),
        )
        expect(await nl.listAddresses({ target, dev: 'br0', family: 'ipv4', netns })).toMatchObject([
          { dev: 'br0', address: '192.0.2.1/24' },
        ])
        expect(await nl.listAddresses({ target, kind: 'bridge', family: 'ipv4', netns })).toHaveLength(1)
        expect(await nl.listLinks({ target, master: 'br0', netns })).toMatchObject([{ name: 'eth1' }])
        for (const dev of ['eth0', 10])
          expect(await nl.getLink(dev, { target, netns })).toMatchObject({ name: 'eth0', ifindex: 10 })
        // Ids are those of where it is asked.
        const { linkNetnsid, linkNetns } = links.find(({ name }) => name === 'eth2')!
        expect(linkNetns).toBe(netns)
        expect(linkNetnsid).not.toBe(77)
      }),
    ))

  it('or an error says what is missing', () =>
    withNetns((there) =>
      withNetns(async (netns) => {
        ip(`netns set ${there} ${target}`, netns)
        const none = { code: 'EINVAL', advice: 'there is no namespace of id 99' }
        for (const call of [
          () => nl.getLink('lo', { target: 99, netns }),
          () => nl.listLinks({ target: 99, netns }),
          () => nl.listAddresses({ target: 99, dev: 1, netns }),
        ])
          await expect(async () => call()).rejects.toMatchObject(none)
        const absent = { code: 'ENODEV', advice: `there is none in the namespace of id ${target}` }
        await expect(async () => nl.getLink('eth9', { target, netns })).rejects.toMatchObject(absent)
        await expect(async () => nl.listAddresses({ target, dev: 'eth9', netns })).rejects.toMatchObject(
          absent,
        )
        await expect(async () => nl.listLinks({ target: -1 })).rejects.toThrow('target: -1 is not an id')
        await expect(async () => nl.flushAddresses({ target, dev: 'lo' } as never)).rejects.toThrow(
          "unknown option 'target'",
        )
      }),
    ))
})

/** Of one family, which ip has first by interface. */
const addressesOfIp = (family: string, netns: string): string[] =>
  ipJson(`${family} address`, netns).flatMap(({ ifname, addr_info }) =>
    (addr_info as Printed[]).map(({ local, prefixlen }) => `${ifname} ${local}/${prefixlen}`),
  )
