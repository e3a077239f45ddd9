import { describe, expect, it } from 'vitest'
import type { NeighbourTable } from '../../src/index.js'
import { since } from './needs.js'
import { expectReadBack, type Oracle, unlessNull } from './read-back.js'
import { FACES, ip, ipJson, type Printed, withVeth } from './support.js'

const CHANGES = 'the kernel changes it by itself'
const NO_KEY = 'ip has no key for it'
const COUNTS = 'counts on while a test looks'

/** A key that is one of the parameters. */
const parameter =
  (name: keyof NeighbourTable['parameters']) =>
  ({ parameters }: NeighbourTable) =>
    parameters[name]

const TABLE: Oracle<NeighbourTable> = {
  keys: {
    family: ({ family }) => (family === 'ipv4' ? 'inet' : 'inet6'),
    name: ({ name }) => name,
    dev: ({ dev }) => unlessNull(dev),
    base_reachable: parameter('baseReachableTime'),
    retrans: parameter('retransTime'),
    gc_stale: parameter('gcStaletime'),
    delay_probe: parameter('delayProbeTime'),
    queue: parameter('queueLen'),
    app_probes: parameter('appProbes'),
    ucast_probes: parameter('ucastProbes'),
    mcast_probes: parameter('mcastProbes'),
    anycast_delay: parameter('anycastDelay'),
    proxy_delay: parameter('proxyDelay'),
    proxy_queue: parameter('proxyQlen'),
    locktime: parameter('locktime'),
    thresh1: ({ thresh1 }) => unlessNull(thresh1),
    thresh2: ({ thresh2 }) => unlessNull(thresh2),
    thresh3: ({ thresh3 }) => unlessNull(thresh3),
    gc_interval: ({ gcInterval }) => unlessNull(gcInterval),
    key_length: ({ config }) => config?.keyLen,
    entry_size: ({ config }) => config?.entrySize,
    ...{ refcnt: CHANGES, reachable: CHANGES },
    ...{ entries: CHANGES, last_flush: COUNTS, last_rand: COUNTS },
    ...{ hash_rnd: CHANGES, hash_mask: CHANGES, hash_chain_gc: CHANGES, proxy_qlen: CHANGES },
    ...{ allocs: COUNTS, destroys: COUNTS, hash_grows: COUNTS, res_failed: COUNTS, lookups: COUNTS },
    ...{ hits: COUNTS, rcv_probes_mcast: COUNTS, rcv_probes_ucast: COUNTS },
    ...{ periodic_gc_runs: COUNTS, forced_gc_runs: COUNTS, table_fulls: COUNTS },
  },
  notPrinted: {
    ...{ ifindex: 'ip prints the name', stats: COUNTS },
    ...{ 'config.entries': CHANGES, 'config.lastFlush': COUNTS, 'config.lastRand': COUNTS },
    ...{ 'config.hashRnd': CHANGES, 'config.hashMask': CHANGES, 'config.hashChainGc': CHANGES },
    'config.proxyQlen': CHANGES,
    ...{ 'parameters.references': CHANGES, 'parameters.reachableTime': CHANGES },
    ...{ 'parameters.intervalProbeTime': NO_KEY, 'parameters.mcastReprobes': NO_KEY },
    'parameters.queueLenbytes': 'ip prints the packets alone',
  },
}

const all = (netns: string) => ipJson('-s ntable show', netns)

/** The same without what changes by itself. */
function printed(netns: string): Printed[] {
  const isSteady = ([key]: [string, unknown]) => typeof TABLE.keys[key] === 'function'
  return all(netns).map((table) => Object.fromEntries(Object.entries(table).filter(isSteady)))
}

describe.each(FACES)('neighbour tables, $face', ({ nl }) => {
  it('are what ip shows', async () => {
    await withVeth(async (netns) => {
      ip('ntable change name arp_cache dev eth0 retrans 500 ucast_probes 7 proxy_queue 32', netns)
      ip('ntable change name ndisc_cache dev eth1 base_reachable 20000 mcast_probes 9', netns)
      const tables = await nl.listNeighbourTables({ netns })
      expectReadBack(TABLE, tables, all(netns))
      expect(tables.map(({ name, dev }) => [name, dev])).toEqual(
        expect.arrayContaining([
          ['arp_cache', null],
          ['arp_cache', 'lo'],
          ['arp_cache', 'eth0'],
          ['ndisc_cache', 'eth1'],
        ]),
      )
      const own = tables.find(({ dev, name }) => dev === null && name === 'arp_cache')!
      expect(own.config?.keyLen).toBe(4)
      expect(own.stats?.allocs).toBeGreaterThanOrEqual(0)
    })
  })

  it('are filtered by family, name and interface', async () => {
    await withVeth(async (netns) => {
      const names = async (options: object) =>
        (await nl.listNeighbourTables({ ...options, netns })).map(({ name, dev }) => `${name} ${dev}`)
      expect(await names({ dev: 'eth0' })).toEqual(['arp_cache eth0', 'ndisc_cache eth0'])
      expect(await names({ dev: 'eth0', family: 'ipv6' })).toEqual(['ndisc_cache eth0'])
      expect(await names({ dev: 11, name: 'arp_cache' })).toEqual(['arp_cache eth1'])
      expect(await names({ name: 'no_cache' })).toEqual([])
      await expect(async () => nl.listNeighbourTables({ dev: 'eth7', netns })).rejects.toMatchObject({
        code: 'ENODEV',
      })
    })
  })

  it('are changed, and nothing else of them', async () => {
    await withVeth(async (netns) => {
      const before = printed(netns)
      const changes = {
        baseReachableTime: 20_000,
        retransTime: 500,
        gcStaletime: 30_000,
        delayProbeTime: 2000,
        appProbes: 1,
        ucastProbes: 5,
        mcastProbes: 6,
        mcastReprobes: 2,
        anycastDelay: 2000,
        proxyDelay: 1000,
        proxyQlen: 32,
        locktime: 0,
        queueLenbytes: 100_000,
        // Passed over by older kernels.
        ...(since(6, 0) && { intervalProbeTime: 7000 }),
      }
      await nl.setNeighbourTable('ndisc_cache', { dev: 'eth0', ...changes, netns })
      const [eth0] = await nl.listNeighbourTables({ dev: 'eth0', family: 'ipv6', netns })
      expect(eth0!.parameters).toMatchObject(changes)
      const isOurs = ({ dev, name }: Printed) => dev === 'eth0' && name === 'ndisc_cache'
      expect(printed(netns).find(isOurs)).toMatchObject({
        base_reachable: 20000,
        retrans: 500,
        gc_stale: 30000,
        delay_probe: 2000,
        app_probes: 1,
        ucast_probes: 5,
        mcast_probes: 6,
        anycast_delay: 2000,
        proxy_delay: 1000,
        proxy_queue: 32,
        locktime: 0,
      })
      expect(printed(netns).filter((one) => !isOurs(one))).toEqual(before.filter((one) => !isOurs(one)))
      // What was listed sets the same again.
      await nl.setNeighbourTable('ndisc_cache', { dev: 'eth1', ...eth0!.parameters, netns })
      const [eth1] = await nl.listNeighbourTables({ dev: 'eth1', family: 'ipv6', netns })
      expect(eth1!.parameters).toMatchObject(changes)
    })
  })

  it('say why they cannot be changed', async () => {
    await withVeth(async (netns) => {
      const refused = async (table: string, options: object) => {
        await expect(async () =>
          nl.setNeighbourTable(table, { ucastProbes: 5, ...options, netns }),
        ).rejects.toMatchObject({ code: 'ENOENT', operation: 'RTM_SETNEIGHTBL', advice: expect.any(String) })
      }
      await refused('arp_cache', {})
      await refused('no_cache', { dev: 'eth0' })
      await refused('arp_cache', { dev: 99 })
    })
  })

  it('are changed in a batch', async () => {
    await withVeth(async (netns) => {
      const results = await nl.batch(
        (b) => {
          b.setNeighbourTable('arp_cache', { dev: 'eth0', ucastProbes: 8 })
          b.setNeighbourTable('arp_cache', { dev: 'eth1', ucastProbes: 9 })
        },
        { netns },
      )
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
      const probes = printed(netns).filter(({ dev, name }) => name === 'arp_cache' && /^eth/.test(dev ?? ''))
      expect(probes.map(({ dev, ucast_probes }) => [dev, ucast_probes]).sort()).toEqual([
        ['eth0', 8],
        ['eth1', 9],
      ])
    })
  })
})
