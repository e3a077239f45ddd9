import { describe, expect, it } from 'vitest'
import type { ListNeighboursOptions, Neighbour, NeighbourInput } from '../../src/index.js'
import { MAC, NEIGHBOURS, PROXIES } from './made-by-ip.js'
import { since } from './needs.js'
import { PATIENCE } from './patience.js'
import { spawnSync } from './programs.js'
import { expectReadBack, nullIf, type Oracle, unlessNull } from './read-back.js'
import { FACES, ip, ipJson, type Printed, sysctl, withNetns, withVeth } from './support.js'
import { failure } from './thrown.js'

/** The kernel makes entries of multicast groups at moments of its own. */
const isGroup = (address: string) => address.startsWith('ff02::')

/** What ip tells of all neighbours, or of the proxies, those that it hides by default too; without groups. */
function printed(netns: string, what = 'nud all'): Printed[] {
  return ipJson(`-s neighbour show ${what}`, netns).filter(({ dst }) => !isGroup(dst))
}

function withoutGroups(neighbours: readonly Neighbour[]): Neighbour[] {
  return neighbours.filter(({ to }) => !isGroup(to))
}

const RUNS = 'seconds, which run on: compared apart'

const NEIGHBOUR: Oracle<Neighbour> = {
  keys: {
    dst: ({ to }) => to,
    dev: ({ dev }) => unlessNull(dev),
    lladdr: ({ mac }) => unlessNull(mac),
    router: ({ flags }) => nullIf(flags.includes('router')),
    extern_learn: ({ flags }) => nullIf(flags.includes('extern_learn')),
    offload: ({ flags }) => nullIf(flags.includes('offload')),
    managed: ({ flags }) => nullIf(flags.includes('managed')),
    proxy: ({ proxy }) => nullIf(proxy),
    protocol: ({ protocol }) => unlessNull(protocol),
    state: ({ state }) => (state === 'none' ? undefined : [String(state).toUpperCase()]),
    probes: ({ probes }) => unlessNull(probes),
    refcnt: ({ cacheinfo }) => cacheinfo?.references || undefined,
    ...{ used: RUNS, confirmed: RUNS, updated: RUNS },
  },
  order: ['dst', 'dev'],
  notPrinted: {
    family: 'ip tells it by the address',
    ifindex: 'ip prints the name',
    type: 'ip does not print it',
    ...{ 'cacheinfo.used': RUNS, 'cacheinfo.confirmed': RUNS, 'cacheinfo.updated': RUNS },
  },
}

interface Made {
  input: NeighbourInput
  told: Printed
}

const made: Made[] = [
  { input: { to: '192.0.2.9', mac: MAC }, told: { lladdr: MAC, state: ['PERMANENT'] } },
  { input: { to: '192.0.2.9', mac: MAC, state: 'reachable' }, told: { state: ['REACHABLE'] } },
  { input: { to: '192.0.2.9', mac: MAC, state: 'stale' }, told: { state: ['STALE'] } },
  { input: { to: '192.0.2.9', mac: MAC, state: 'noarp' }, told: { state: ['NOARP'] } },
  { input: { to: '192.0.2.9', state: 'failed' }, told: { state: ['FAILED'] } },
  { input: { to: '192.0.2.9', mac: MAC, protocol: 'zebra' }, told: { protocol: 'zebra' } },
  { input: { to: '192.0.2.9', mac: MAC, flags: ['extern_learn'] }, told: { extern_learn: null } },
  // Passed over by older kernels.
  ...(since(5, 16)
    ? [
        {
          input: { to: '192.0.2.9', flags: ['managed'] as const },
          told: { managed: null, state: ['INCOMPLETE'] },
        },
      ]
    : []),
  { input: { to: '192.0.2.9', flags: ['use'] }, told: { state: ['INCOMPLETE'] } },
  {
    input: { to: '2001:db8::9', mac: '02-00-00-00-00-0A', state: 'stale', flags: ['router'] },
    told: { lladdr: '02:00:00:00:00:0a', state: ['STALE'], router: null },
  },
  { input: { to: 'fe80::9', mac: '33:33:00:00:00:09' }, told: { lladdr: '33:33:00:00:00:09' } },
]

/** Filters, each with the selector of ip that means the same. */
const SELECTORS: readonly [Omit<ListNeighboursOptions, 'netns' | 'signal'>, string][] = [
  [{ within: '192.0.2.0/30' }, 'to 192.0.2.0/30'],
  [{ within: '192.0.2.5' }, 'to 192.0.2.5'],
  [{ within: '192.0.2.64/26', dev: 'eth1' }, 'to 192.0.2.64/26 dev eth1'],
  [{ within: '2001:db8::/127' }, 'to 2001:db8::/127'],
  [{ within: '192.0.2.0/29', proxy: true }, 'proxy to 192.0.2.0/29'],
  [{ protocol: 'openr' }, 'protocol 99'],
  [{ protocol: 99, state: 'stale' }, 'protocol 99 nud stale'],
  [{ unused: true }, 'unused nud all'],
]

describe.each(FACES)('neighbours, $face', ({ nl }) => {
  it.each(made)('adds $input', async ({ input, told }) => {
    await withVeth(async (netns) => {
      await nl.addNeighbour({ ...input, dev: 'eth0', netns })
      const find = () => printed(netns).find(({ dst }) => dst === input.to)
      expect(find()).toMatchObject({ dev: 'eth0', ...told })
      if (told['lladdr'] === undefined && input.mac === undefined) expect(find()).not.toHaveProperty('lladdr')
      await nl.deleteNeighbour({ to: input.to, dev: 'eth0', netns })
      // The kernel keeps an entry that it is still asking for; it knows nothing of it.
      expect([undefined, 'FAILED']).toContain(find()?.['state'][0])
    })
  })

  it('reads single entries, and those of the ports of a bridge', async () => {
    await withVeth(async (netns) => {
      ip('link add br0 type bridge', netns)
      ip('link set eth1 master br0', netns)
      for (const command of [...NEIGHBOURS, ...PROXIES]) ip(command, netns)
      const steady = ({ cacheinfo, ...rest }: Neighbour) => rest
      const listed = withoutGroups(await nl.listNeighbours({ netns })).filter(
        ({ state }) => state !== 'failed' && state !== 'incomplete',
      )
      expect(listed.length).toBeGreaterThan(4)
      for (const one of [...listed, ...(await nl.listNeighbours({ proxy: true, netns }))])
        expect(steady(await nl.getNeighbour({ ...one, netns }))).toEqual(steady(one))

      const on = async (master: string | null) =>
        withoutGroups(await nl.listNeighbours({ master, netns })).map(({ to }) => to)
      expect((await on('br0')).sort()).toEqual(['192.0.2.3', '2001:db8::2'])
      const free = await on(null)
      // Older kernels list nothing.
      if (since(5, 19)) expect(free).toContain('192.0.2.1')
      expect(free).not.toContain('192.0.2.3')
      await expect(
        (async () => nl.getNeighbour({ to: '192.0.2.99', dev: 'eth0', netns }))(),
      ).rejects.toMatchObject({
        code: 'ENOENT',
        message: expect.stringContaining('there is no such entry'),
      })
    })
  })

  it('reads what ip made, field by field', async () => {
    await withVeth(async (netns) => {
      for (const command of [...NEIGHBOURS, ...PROXIES]) ip(command, netns)
      const listed = withoutGroups(await nl.listNeighbours({ netns }))
      const told = printed(netns)
      expect(listed.map(({ to }) => to)).toEqual(
        expect.arrayContaining(NEIGHBOURS.map((command) => command.split(' ')[2])),
      )
      expectReadBack(NEIGHBOUR, listed, told)

      const proxies = await nl.listNeighbours({ proxy: true, netns })
      expect(proxies).toHaveLength(PROXIES.length)
      expectReadBack(NEIGHBOUR, proxies, printed(netns, 'proxy'))
      for (const it of proxies) expect(it).toMatchObject({ proxy: true, state: 'none', mac: null })
    })
  })

  it('a proxy outlives the carrier as that of ip does', async () => {
    await withVeth(async (netns) => {
      ip('neighbour add proxy 192.0.2.7 dev eth0', netns)
      ip('neighbour add proxy 192.0.2.8 dev eth0 nud none', netns)
      await nl.addNeighbour({ to: '192.0.2.9', proxy: true, dev: 'eth0', netns })
      const shown = () => printed(netns, 'proxy').map(({ dst }) => dst as string)
      expect(shown().sort()).toEqual(['192.0.2.7', '192.0.2.8', '192.0.2.9'])
      ip('link set eth1 down', netns)
      await expect.poll(shown, { timeout: 5_000 * PATIENCE }).not.toContain('192.0.2.8')
      expect(shown().includes('192.0.2.9')).toBe(shown().includes('192.0.2.7'))
    })
  })

  it('tells kind, family and interface of each entry', async () => {
    await withVeth(async (netns) => {
      ip(`neighbour add 192.0.2.1 lladdr ${MAC} dev eth0`, netns)
      ip('neighbour add proxy 192.0.2.7', netns)
      expect(await nl.listNeighbours({ family: 'ipv4', netns })).toMatchObject([
        { family: 'ipv4', to: '192.0.2.1', ifindex: 10, dev: 'eth0', type: 'unicast', probes: 0 },
      ])
      const proxies = await nl.listNeighbours({ proxy: true, netns })
      // The kernel keeps such an entry when its namespace ends, and a later namespace may get it.
      await nl.deleteNeighbour({ to: '192.0.2.7', proxy: true, netns })
      expect(proxies).toMatchObject([{ family: 'ipv4', to: '192.0.2.7', ifindex: null, dev: null }])
      expect(printed(netns, 'proxy')).toEqual([])
      await nl.addNeighbour({ to: 'ff02::77', mac: '33:33:00:00:00:77', dev: 'eth1', state: 'noarp', netns })
      const group = (await nl.listNeighbours({ state: 'noarp', netns })).find(({ to }) => to === 'ff02::77')
      expect(group).toMatchObject({ family: 'ipv6', type: 'multicast', dev: 'eth1', ifindex: 11 })
    })
  })

  it('tells in seconds how long ago something happened', async () => {
    await withVeth(async (netns) => {
      // A new entry that was never confirmed counts as confirmed one minute ago: twice the base reachable time.
      sysctl(netns, 'net.ipv4.neigh.eth0.base_reachable_time_ms=500000')
      ip(`neighbour add 192.0.2.1 lladdr ${MAC} dev eth0 nud stale`, netns)
      const [entry] = await nl.listNeighbours({ family: 'ipv4', netns })
      const [told] = printed(netns)
      for (const key of ['confirmed', 'used', 'updated'] as const) {
        const difference = (told![key] as number) - entry!.cacheinfo![key]
        expect(Math.abs(difference)).toBeLessThanOrEqual(5)
      }
      expect(entry!.cacheinfo!.confirmed).toBeGreaterThan(entry!.cacheinfo!.updated)
    })
  })

  it('takes back every entry that it lists', async () => {
    await withVeth(async (netns) => {
      for (const command of [...NEIGHBOURS, ...PROXIES]) ip(command, netns)
      const all = async () => [
        ...withoutGroups(await nl.listNeighbours({ netns })),
        ...(await nl.listNeighbours({ proxy: true, netns })),
      ]
      const before = await all()
      for (const entry of before) await nl.deleteNeighbour({ ...entry, netns })
      expect([...printed(netns), ...printed(netns, 'proxy')]).toEqual([])
      for (const entry of before) await nl.addNeighbour({ ...entry, netns })
      for (const entry of before) await nl.replaceNeighbour({ ...entry, netns })
      const lines = (entries: Neighbour[]) =>
        entries.map(({ cacheinfo, probes, type, ...rest }) => JSON.stringify(rest)).sort()
      expect(lines(await all())).toEqual(lines(before))
    })
  })

  it('replaces address and state, and keeps the address where none is given', async () => {
    await withVeth(async (netns) => {
      const key = { to: '192.0.2.9', dev: 'eth0', netns }
      await nl.addNeighbour({ ...key, mac: MAC, state: 'stale' })
      await nl.replaceNeighbour({ ...key, state: 'permanent' })
      expect(printed(netns)).toMatchObject([{ lladdr: MAC, state: ['PERMANENT'] }])
      await nl.replaceNeighbour({ ...key, mac: '02:00:00:00:00:0a' })
      expect(printed(netns)).toMatchObject([{ lladdr: '02:00:00:00:00:0a', state: ['PERMANENT'] }])
    })
  })

  it('filters by interface, family and states', async () => {
    await withVeth(async (netns) => {
      for (const command of NEIGHBOURS) ip(command, netns)
      const list = async (options: Omit<ListNeighboursOptions, 'signal'>) =>
        withoutGroups(await nl.listNeighbours({ ...options, netns }))
          .map(({ to }) => to)
          .sort()
      expect(await list({ dev: 'eth1', family: 'ipv4' })).toEqual(['192.0.2.3'])
      expect(await list({ dev: 11, state: 'permanent' })).toEqual(['2001:db8::2'])
      expect(await list({ family: 'ipv4' })).toHaveLength(5)
      expect(await list({ state: ['stale', 'failed'] })).toEqual(['192.0.2.3', '192.0.2.5', '2001:db8::1'])
      expect(await list({ state: 0x02 })).toEqual(['192.0.2.2'])
      expect(await list({ dev: 'lo', family: 'ipv4' })).toEqual([])
    })
  })

  it('changes an entry that is there, and makes none', async () => {
    await withVeth(async (netns) => {
      const key = { to: '192.0.2.9', dev: 'eth0', netns }
      await expect(async () => nl.changeNeighbour({ ...key, mac: MAC })).rejects.toMatchObject({
        code: 'ENOENT',
        advice: 'there is no such entry; replaceNeighbour() makes it',
      })
      expect(printed(netns)).toEqual([])
      await nl.addNeighbour({ ...key, mac: MAC })
      await nl.changeNeighbour({ ...key, mac: '02:00:00:00:00:0a', state: 'stale' })
      expect(printed(netns)).toMatchObject([{ dst: key.to, lladdr: '02:00:00:00:00:0a', state: ['STALE'] }])
    })
  })

  it('filters as ip does', async () => {
    await withVeth(async (netns) => {
      for (const command of [...NEIGHBOURS, ...PROXIES]) ip(command, netns)
      ip('neigh add 192.0.2.77 lladdr 02:00:00:00:00:77 dev eth1 nud stale protocol 99', netns)
      const every = new Set<string>()
      for (const [filter, selector] of SELECTORS) {
        const found = await nl.listNeighbours({ ...filter, netns })
        const listed = found.filter(({ to }) => !isGroup(to)).map(({ dev, to }) => `${dev} ${to}`)
        const told = printed(netns, selector).map(({ dev = filter.dev, dst }) => `${dev} ${dst}`)
        expect(listed.sort(), selector).toEqual(told.sort())
        every.add(listed.join())
      }
      expect(every.size).toBeGreaterThan(5)
      expect(await nl.flushNeighbours({ within: '192.0.2.64/26', netns })).toBe(1)
      expect(await nl.flushNeighbours({ protocol: 99, netns })).toBe(0)
    })
  })

  it('flushes what the options apply to and counts it', async () => {
    await withVeth(async (netns) => {
      for (const command of [...NEIGHBOURS, ...PROXIES]) ip(command, netns)
      for (let i = 1; i <= 150; i++) {
        await nl.addNeighbour({ to: `10.0.0.${i}`, mac: MAC, dev: 'eth1', state: 'stale', netns })
      }
      expect(await nl.flushNeighbours({ dev: 'eth1', family: 'ipv4', netns })).toBe(151)
      const left = () =>
        printed(netns)
          .map(({ dst }) => dst)
          .sort()
      expect(left()).toEqual([
        ...['192.0.2.1', '192.0.2.2', '192.0.2.4', '192.0.2.5'],
        ...['2001:db8::1', '2001:db8::2'],
      ])
      expect(await nl.flushNeighbours({ family: 'ipv4', netns })).toBe(2)
      expect(left()).toEqual(['192.0.2.1', '192.0.2.4', '2001:db8::1', '2001:db8::2'])
      expect(await nl.flushNeighbours({ state: ['permanent', 'stale'], netns })).toBe(3)
      expect(left()).toEqual(['192.0.2.4'])
      expect(await nl.flushNeighbours({ proxy: true, dev: 'eth1', netns })).toBe(2)
      expect(printed(netns, 'proxy')).toMatchObject([{ dst: '192.0.2.7' }])
      expect(await nl.flushNeighbours({ proxy: true, netns })).toBe(1)
      expect(await nl.flushNeighbours({ proxy: true, netns })).toBe(0)
    })
  })

  it('says what the kernel refuses', async () => {
    await withVeth(async (netns) => {
      const key = { to: '192.0.2.9', dev: 'eth0', netns }
      await nl.addNeighbour({ ...key, mac: MAC })
      const twice = await failure(() => nl.addNeighbour({ ...key, mac: MAC }))
      expect(twice).toMatchObject({ code: 'EEXIST', operation: 'RTM_NEWNEIGH' })
      expect(twice.message).toContain("neighbour 192.0.2.9 on interface 'eth0': EEXIST")

      const short = await failure(() => nl.addNeighbour({ ...key, to: '192.0.2.8', mac: '02:00:00:01' }))
      expect(short).toMatchObject({ code: 'EINVAL', extack: { message: 'Invalid link address' } })
      const gone = await failure(() => nl.deleteNeighbour({ ...key, to: '192.0.2.8' }))
      expect(gone).toMatchObject({ code: 'ENOENT', operation: 'RTM_DELNEIGH' })
      const proxy = await failure(() => nl.deleteNeighbour({ ...key, proxy: true }))
      expect(proxy.message).toContain("proxy 192.0.2.9 on interface 'eth0': ENOENT")
      for (const dev of ['nope', 99]) {
        expect(await failure(() => nl.addNeighbour({ ...key, dev, mac: MAC }))).toMatchObject({
          code: 'ENODEV',
        })
        expect(await failure(() => nl.deleteNeighbour({ ...key, dev }))).toMatchObject({ code: 'ENODEV' })
      }
      expect(await failure(() => nl.listNeighbours({ dev: 'nope', netns }))).toMatchObject({ code: 'ENODEV' })
      expect(printed(netns)).toMatchObject([{ dst: '192.0.2.9' }])
    })
  })

  it('works as methods of a namespace', async () => {
    await withVeth(async (name) => {
      const netns = await nl.openNetns(name)
      try {
        const key = { to: '192.0.2.9', dev: 'eth0' }
        await netns.addNeighbour({ ...key, mac: MAC })
        await netns.replaceNeighbour({ ...key, mac: MAC, state: 'stale' })
        expect(await netns.listNeighbours({ family: 'ipv4' })).toMatchObject([{ to: key.to, state: 'stale' }])
        await netns.deleteNeighbour(key)
        await netns.addNeighbour({ ...key, proxy: true })
        expect(await netns.flushNeighbours({ proxy: true })).toBe(1)
      } finally {
        netns.close()
      }
    })
  })

  describe('carry traffic', () => {
    /** Two namespaces with a veth pair between them whose ends do not ask for addresses (ARP off, no NDP). */
    async function withPair(work: (red: string, blue: string) => Promise<void>): Promise<void> {
      await withNetns((red) =>
        withNetns(async (blue) => {
          ip(
            `link add eth0 netns ${red} address 02:00:00:00:00:01 type veth peer name eth0 netns ${blue} address 02:00:00:00:00:02`,
          )
          for (const netns of [red, blue]) {
            ip('link set eth0 arp off', netns)
            ip('link set eth0 up', netns)
          }
          await work(red, blue)
        }),
      )
    }

    const ping = (netns: string, address: string, patience: string) =>
      spawnSync('ip', ['netns', 'exec', netns, 'ping', '-c1', `-W${patience}`, address])
    /** Seconds. What never comes need not be waited for as long as what does. */
    const [NEVER, ALWAYS] = ['0.3', '5']

    it.each([
      { red: '192.0.2.1', blue: '192.0.2.2', length: 24 },
      { red: '2001:db8::1', blue: '2001:db8::2', length: 64 },
    ])('between $red and $blue by permanent entries alone', async (it) => {
      await withPair(async (red, blue) => {
        // Only of IPv6 are addresses tried first.
        const flags = it.length === 64 ? (['nodad'] as const) : []
        await nl.addAddress('eth0', `${it.red}/${it.length}`, { flags, netns: red })
        await nl.addAddress('eth0', `${it.blue}/${it.length}`, { flags, netns: blue })
        expect(ping(red, it.blue, NEVER).status).toBe(1)

        await nl.flushNeighbours({ dev: 'eth0', state: ['noarp', 'failed', 'incomplete'], netns: red })
        await nl.replaceNeighbour({ to: it.blue, mac: '02:00:00:00:00:02', dev: 'eth0', netns: red })
        await nl.replaceNeighbour({ to: it.red, mac: '02:00:00:00:00:01', dev: 'eth0', netns: blue })
        const answered = ping(red, it.blue, ALWAYS)
        expect(answered.stdout).toContain('1 received')
        expect(answered.status).toBe(0)

        // The entry decides: with another one's address nothing arrives.
        await nl.replaceNeighbour({ to: it.blue, mac: '02:00:00:00:00:77', dev: 'eth0', netns: red })
        expect(ping(red, it.blue, NEVER).status).toBe(1)
      })
    })

    it('by a proxy entry that answers for another', async () => {
      await withNetns((red) =>
        withNetns(async (blue) => {
          ip(`link add eth0 netns ${red} type veth peer name eth0 netns ${blue} address 02:00:00:00:00:02`)
          for (const netns of [red, blue]) ip('link set eth0 up', netns)
          await nl.addAddress('eth0', '192.0.2.1/24', { netns: red })
          // To red 192.0.2.9 is on the link, but it lies behind blue, which forwards and answers for it without delay.
          sysctl(blue, 'net.ipv4.ip_forward=1 net.ipv4.neigh.eth0.proxy_delay=0')
          ip('link add far0 type veth peer name far1', blue)
          ip('link set far0 up', blue)
          ip('link set far1 up', blue)
          await nl.addAddress('eth0', '192.0.2.2/32', { netns: blue })
          ip('route add 192.0.2.1 dev eth0', blue)
          ip('route add 192.0.2.9 dev far0', blue)
          const resolved = () => {
            ping(red, '192.0.2.9', NEVER)
            return printed(red).find(({ dst }) => dst === '192.0.2.9')
          }
          expect(resolved()).not.toHaveProperty('lladdr')
          await nl.flushNeighbours({ family: 'ipv4', netns: red })
          await nl.addNeighbour({ to: '192.0.2.9', proxy: true, dev: 'eth0', netns: blue })
          expect(resolved()).toMatchObject({ lladdr: '02:00:00:00:00:02' })
        }),
      )
    })
  })
})
