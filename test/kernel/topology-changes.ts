/** Changes of topologies of which red is all that matters: what is there afterwards is what a new one would have. */

import { expect, it } from 'vitest'
import { normalizeTopology, type Topology } from '../../src/topology.js'
import { execFileSync } from './programs.js'
import { hasKind, ipJson, sysctl } from './support.js'
import type { TOPOLOGY_FACES } from './topology-support.js'

/** Its name, what is changed, what it becomes, and the kinds of link that it needs. Both topologies have the name 'fall'. */
export type Change = [string, Topology, Topology, { needs?: string }?]

/** What ip shows of it, but for what the kernel makes. */
export function shown(): unknown {
  const routes = (family: string) =>
    ipJson(`${family} route show table all`, 'red')
      .filter(({ protocol }) => protocol !== 'kernel')
      .map(({ dst, table, gateway, prefsrc, nexthops }) =>
        JSON.stringify([dst, table, gateway, prefsrc, nexthops]),
      )
      .sort()
  return {
    addresses: ipJson('address', 'red')
      .flatMap(({ ifname, addr_info }) =>
        (addr_info as { local: string; scope: string }[])
          .filter(({ scope }) => scope === 'global')
          .map(({ local }) => `${ifname as string} ${local}`),
      )
      .sort(),
    // ip has an empty object for each of the others.
    up: ipJson('link show up', 'red')
      .flatMap(({ ifname }) => ifname ?? [])
      .sort(),
    routes: [routes('-4'), routes('-6')],
    neighbours: ipJson('neighbour show nud permanent', 'red')
      .map(({ dst }) => dst)
      .sort(),
    proxies: ipJson('neighbour show proxy', 'red').map(({ dst }) => dst),
  }
}

/** The tests of changes, with one of the faces. */
export function itChanges(tp: (typeof TOPOLOGY_FACES)[number]['topology'], changes: readonly Change[]): void {
  it.for(changes)('%s', async ([, from, to, { needs } = {}], context) => {
    context.skip(needs !== undefined && !hasKind(needs), `cannot be installed: this kernel has no ${needs}`)
    await tp.createTopology(to)
    const whole = shown()
    await tp.deleteTopology('fall')
    for (const keeps of [false, true]) {
      await tp.createTopology(from)
      if (keeps) sysctl('red', 'net.ipv6.conf.all.keep_addr_on_down=1')
      await tp.applyTopology(to)
      expect(shown()).toEqual(whole)
      expect((await tp.planTopology(to)).explain()).toEqual([])
      expect(await tp.readTopology(to)).toEqual(normalizeTopology(to))
      await tp.deleteTopology('fall')
    }
    await tp.createTopology(from)
    const commands = (await tp.planTopology(to)).explain()
    execFileSync('sh', ['-e'], { input: commands.join('\n') })
    expect(shown()).toEqual(whole)
    await tp.deleteTopology('fall')
  })
}
