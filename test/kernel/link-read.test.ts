import { describe, expect, it } from 'vitest'
import * as promises from '../../src/index.js'
import { isKind, isPortKind, type Link, type NetlinkError } from '../../src/index.js'
import { expectAllLikeIp, printedLink } from './link-oracle.js'
import { execIn, FACES, ip, ipJson, sysctl, withNetns, withVeth } from './support.js'
import { failure } from './thrown.js'

/** A link without its timers, which run on, and what tells of the IPv6 packets that the kernel sends by itself. */
function steady(link: Link): Link {
  const still = (data: Link['data']) =>
    data && Object.fromEntries(Object.entries(data).filter(([name]) => !/timer$/i.test(name)))
  const inet6 = link.afSpec?.inet6
  const flags = inet6?.flags?.filter((flag) => flag !== 'rs_sent')
  const afSpec = inet6
    ? { ...link.afSpec, inet6: { ...inet6, flags, stats: {}, icmp6stats: {} } }
    : link.afSpec
  return { ...link, afSpec, data: still(link.data), portData: still(link.portData) }
}

/** With which code a change is refused; null where it is made. */
async function refusalOf(change: () => unknown): Promise<string | null> {
  try {
    await change()
    return null
  } catch (error) {
    return (error as NetlinkError).code
  }
}

/** Settings of IPv6 that a kernel is built without, which tells them as 0. */
const MAY_LACK =
  /^(optimistic_dad|use_optimistic|mc_forwarding|seg6_require_hmac|accept_ra_rtr_pref|router_probe_interval|accept_ra_rt_info_(min|max)_plen)$/
/** Milliseconds for the library, seconds in /proc. */
const IN_SECONDS = /^router_(solicitation_(max_)?interval|solicitation_delay|probe_interval)$/

// `await` suits both faces, so that one of their types stands for either.
describe.each(FACES as readonly { face: string; nl: typeof promises }[])('$face', ({ nl }) => {
  describe('getLink and listLinks', () => {
    it('read what ip made, field by field', () =>
      withVeth((netns) =>
        withNetns(async (other) => {
          for (const command of [
            'link add br0 type bridge mcast_querier 1 priority 4096 ageing_time 6000 stp_state 1',
            'link set br0 up',
            'link set eth0 alias uplink master br0 promisc on mtu 1400 txqueuelen 7 group 3',
            'link property add dev eth0 altname one altname a-second-and-longer-name',
            'link set eth0 type bridge_slave cost 5 priority 16 hairpin on isolated on',
            'link set eth1 arp off multicast off allmulticast on mode dormant addrgenmode none',
            `link add far0 numtxqueues 3 numrxqueues 1 type veth peer name far0 netns ${other}`,
            'link add ifb7 up type ifb',
          ])
            ip(command, netns)
          for (const where of [netns, other]) {
            const links = await expectAllLikeIp(
              async () => nl.listLinks({ include: ['afSpec'], netns: where }),
              where,
            )
            for (const link of links) {
              for (const dev of [link.name, link.ifindex, ...link.altNames])
                expect(steady(await nl.getLink(dev, { include: ['afSpec'], netns: where }))).toEqual(
                  steady(link),
                )
            }
          }
        }),
      ))

    it('are plain data', () =>
      withVeth(async (netns) => {
        const link = await nl.getLink('eth0', { include: ['stats', 'afSpec', 'vfs'], netns })
        expect(structuredClone(link)).toEqual(link)
        expect(JSON.parse(JSON.stringify(link))).toEqual(link)
        const undefinedFields = Object.entries(link).filter(([, value]) => value === undefined)
        expect(undefinedFields).toEqual([])
      }))

    it('say in which namespace the peer is', () =>
      withNetns((netns) =>
        withNetns(async (other) => {
          ip(`netns set ${other} 7`, netns)
          ip(`link add near0 type veth peer name far0 netns ${other}`, netns)
          const link = await nl.getLink('near0', { netns })
          expect(link).toMatchObject({ linkNetnsid: 7, link: printedLink('far0', other)['ifindex'] })
          expect(await nl.getNsid(other, { netns })).toBe(7)
        }),
      ))

    it('bring the name of that namespace when asked for', () =>
      withNetns((netns) =>
        withNetns(async (other) => {
          const unnamed = await promises.createNetns()
          ip(`link add near0 type veth peer name far0 netns ${other}`, netns)
          await promises.createVethPair({ name: 'near1', netns }, { name: 'far1', netns: unnamed })
          const include = ['linkNetns'] as const
          const links = await nl.listLinks({ include, netns })
          expect(links.map(({ name, linkNetns }) => [name, linkNetns])).toEqual([
            ['lo', null],
            ['near0', other],
            ['near1', null],
          ])
          expect(ip('link show near0', netns)).toContain(`link-netns ${other}`)
          expect(ip('link show near1', netns)).toContain(`link-netnsid ${links[2]!.linkNetnsid}`)
          expect(await nl.getLink('near0', { include, netns })).toEqual(links[1])
          expect((await nl.getLink('near0', { netns })).linkNetns).toBeNull()
          unnamed.close()
        }),
      ))

    it('bring counters when asked for, as numbers and as bigint', () =>
      withVeth(async (netns) => {
        for (const name of ['eth0', 'eth1']) sysctl(netns, `net.ipv6.conf.${name}.disable_ipv6=1`)
        ip('address add 192.0.2.1/24 dev eth0', netns)
        ip('neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev eth0', netns)
        // Nobody answers: 1.
        expect(() => execIn(netns, 'ping', '-c3', '-i0.01', '-W0.1', '192.0.2.2')).toThrow('Command failed')
        const { stats64 } = JSON.parse(ip('-j -s link show dev eth0', netns))[0]
        const plain = await nl.getLink('eth0', { netns })
        expect([plain.stats, plain.bigStats, plain.afSpec]).toEqual([null, null, null])
        const { stats, bigStats } = await nl.getLink('eth0', { include: ['stats'], bigint: true, netns })
        expect(stats).toMatchObject({
          txPackets: stats64.tx.packets,
          txBytes: stats64.tx.bytes,
          rxPackets: stats64.rx.packets,
          rxBytes: stats64.rx.bytes,
          rxErrors: stats64.rx.errors,
          rxDropped: stats64.rx.dropped,
          rxOverErrors: stats64.rx.over_errors,
          multicast: stats64.rx.multicast,
          txErrors: stats64.tx.errors,
          txDropped: stats64.tx.dropped,
          txCarrierErrors: stats64.tx.carrier_errors,
          collisions: stats64.tx.collisions,
        })
        expect(stats!.txPackets).toBeGreaterThanOrEqual(3)
        expect(bigStats!.txBytes).toBe(BigInt(stats!.txBytes))
        expect((await nl.getLink('eth0', { include: ['stats'], netns })).bigStats).toBeNull()
      }))

    it('bring the settings of IPv4 and IPv6 when asked for', () =>
      withVeth(async (netns) => {
        const values = (family: string) => {
          const script = `cd /proc/sys/net/${family}/conf/eth0; for f in *; do echo "$f:$(cat $f 2>/dev/null)"; done`
          const lines = execIn(netns, 'sh', '-c', script)
          const entries = lines
            .trim()
            .split('\n')
            .map((line) => /^(\w+):(.*)$/.exec(line)!)
          return Object.fromEntries(entries.map(([, name, value]) => [name!, Number(value)]))
        }
        // A number of its own for each setting that takes any, so that a wrong position shows; 1 for switches.
        const number = async (family: string) => {
          const wanted = (name: string, i: number) => (name === 'mtu' ? [1300] : [100 + i, 1])
          for (const [i, name] of Object.keys(values(family)).entries()) {
            // Compared below, as what they are there.
            if (name === 'disable_ipv6' || name === 'addr_gen_mode') continue
            for (const value of wanted(name, i)) {
              const code = await refusalOf(() =>
                nl.setSysctl(`net/${family}/conf/eth0/${name}`, value, { netns }),
              )
              if (code === null) break
              expect(code, name).toMatch(/^(EINVAL|EACCES|EIO)$/)
            }
          }
          return values(family)
        }
        const ipv4 = await number('ipv4')
        const ipv6 = await number('ipv6')
        for (const told of [ipv4, ipv6]) expect(new Set(Object.values(told)).size).toBeGreaterThan(20)
        const { afSpec } = await nl.getLink('eth0', { include: ['afSpec'], netns })
        for (const [name, value] of Object.entries(afSpec!.inet!.conf!)) {
          expect(ipv4).toHaveProperty(name)
          expect({ [name]: value }).toEqual({ [name]: ipv4[name] })
        }
        for (const [name, value] of Object.entries(afSpec!.inet6!.conf!)) {
          // The secret is never told.
          if (name === 'stable_secret') continue
          if (!MAY_LACK.test(name)) expect(ipv6).toHaveProperty(name)
          const told = IN_SECONDS.test(name) ? ipv6[name]! * 1000 : (ipv6[name] ?? 0)
          expect({ [name]: value >>> 0 }).toEqual({ [name]: told >>> 0 })
        }
        expect(afSpec!.inet6).toMatchObject({
          addrGenMode: 'eui64',
          flags: expect.arrayContaining(['ready']),
        })
      }))

    it('bring counters of IPv6 by the names that are sure, and the others by number', () =>
      withNetns(async (netns) => {
        // Only what is sent to itself: nothing comes between the two readings.
        ip('link set lo up', netns)
        execIn(netns, 'ping', '-c3', '-i0.01', '-Q4', '::1')
        const lines = execIn(netns, 'cat', '/proc/net/dev_snmp6/lo').trim().split('\n')
        const told = Object.fromEntries(
          lines.map((line) => line.split(/\s+/)).map(([k, v]) => [k!, Number(v)]),
        )
        const { afSpec } = await nl.getLink('lo', { include: ['afSpec', 'stats'], netns })
        const { num, inPkts, inOctets, inDelivers, ...others } = afSpec!.inet6!.stats!
        expect({ inPkts, inOctets, inDelivers }).toEqual({
          inPkts: told['Ip6InReceives'],
          inOctets: told['Ip6InOctets'],
          inDelivers: told['Ip6InDelivers'],
        })
        expect(inPkts).toBeGreaterThanOrEqual(6)
        expect(Object.keys(others).map(Number)).toEqual(Array.from({ length: num! - 4 }, (_, i) => i + 4))
        expect(afSpec!.inet6!.icmp6stats).toMatchObject({
          inMsgs: told['Icmp6InMsgs'],
          outMsgs: told['Icmp6OutMsgs'],
          inErrors: told['Icmp6InErrors'],
        })
      }))

    it('filter by kind, master, state and group', () =>
      withVeth(async (netns) => {
        ip('link add br0 type bridge', netns)
        ip('link set eth0 master br0 group 9', netns)
        ip('link set eth1 down', netns)
        const names = async (filter: Parameters<typeof nl.listLinks>[0]) =>
          (await nl.listLinks({ ...filter, netns })).map(({ name }) => name).sort()
        expect(await names({ kind: 'veth' })).toEqual(['eth0', 'eth1'])
        expect(await names({ kind: 'bridge' })).toEqual(['br0'])
        expect(await names({ kind: 'no-such-kind' })).toEqual([])
        expect(await names({ master: 'br0' })).toEqual(['eth0'])
        expect(await names({ portKind: 'bridge' })).toEqual(['eth0'])
        // It prints an empty object for each of the others.
        const printed = ipJson('link show type bridge_slave', netns).flatMap(({ ifname = [] }) => ifname)
        expect(printed).toEqual(['eth0'])
        expect(await names({ portKind: 'bond' })).toEqual([])
        expect(await names({ master: null })).toEqual(['br0', 'eth1', 'lo'])
        expect(await names({ up: true })).toEqual(['eth0', 'lo'])
        expect(await names({ up: false })).toEqual(['br0', 'eth1'])
        expect(await names({ group: 9 })).toEqual(['eth0'])
        expect(await names({ kind: 'veth', up: true, master: 'br0' })).toEqual(['eth0'])
        expect(await names({ kind: 'veth', up: false, master: null })).toEqual(['eth1'])
        expect(await failure(() => nl.listLinks({ master: 'br7', netns }))).toMatchObject({ code: 'ENODEV' })
      }))

    it('throw ENODEV where there is no such interface, naming the place', () =>
      withNetns(async (netns) => {
        for (const dev of ['eth0', 'a-name-of-more-than-15-bytes', 77]) {
          const error = await failure(() => nl.getLink(dev, { netns }))
          expect(error).toMatchObject({
            code: 'ENODEV',
            operation: 'RTM_GETLINK',
            advice: `there is no such interface in namespace '${netns}'`,
          })
        }
      }))

    it('narrow by kind', () =>
      withVeth(async (netns) => {
        ip('link add br0 type bridge forward_delay 400', netns)
        const link: Link = await nl.getLink('br0', { netns })
        expect(isKind(link, 'veth')).toBe(false)
        expect(isPortKind(link, 'bridge')).toBe(false)
        expect(isKind(link, 'bridge') && link.data.forwardDelay).toBe(4)
      }))
  })
})
