/** A setting of a link that a later value leaves out is what it is of a link of which it was never said. */

import { afterEach, describe, expect, it } from 'vitest'
import { listLinks } from '../../src/sync.js'
import { unsaidOfKind } from '../../src/topology/unsaid-link.js'
import type { Topology } from '../../src/topology.js'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  normalizeTopology,
  planTopology,
  readTopology,
} from '../../src/topology-sync.js'
import { execFileSync } from './programs.js'
import { hasKind, ipJson, type Printed } from './support.js'
import { cleanAll } from './topology-support.js'
import { LEFT_OUT, type Said } from './topology-unsaid.js'

afterEach(cleanAll)

/** A link for each setting, all of one kind, beside a pair whose mtu is no default; none of them has a setting without `full`. */
function world(netns: string, { kind, base, said }: Said, full: boolean): Topology {
  const of = ([key, value]: [string, unknown], at: number) => {
    const one: Record<string, unknown> & { peer?: string } = {
      up: false,
      ...base(at),
      ...(/^label/.test(key) && { remote: 'fd00::1' }),
    }
    return [`it${at}`, { ...one, ...(full && { [key]: value }) }] as const
  }
  const links = Object.entries(said).map(of)
  const ends = ['other', ...links.flatMap(([, { peer }]) => peer ?? [])]
  const pair = {
    low: { peer: 'other', up: false, mtu: 1450, mac: '02:00:00:00:00:77' },
    ...Object.fromEntries(ends.map((name) => [name, { up: false }])),
  }
  const more =
    kind === 'bridge'
      ? { links: pair, bridges: Object.fromEntries(links) }
      : { links: { ...pair, ...Object.fromEntries(links.map(([name, link]) => [name, { kind, ...link }])) } }
  return { name: netns, namespaces: { [netns]: more as object } }
}

const failing = (value: Topology): Topology => ({
  ...value,
  namespaces: { ...value.namespaces, zz: { links: { v: { kind: 'macvlan', link: ':nowhere' } } } },
})

/** What is another interface's own. */
const OWN = ['ifindex', 'link_index', 'bridge_id', 'root_id', 'gc_timer', 'hello_timer', 'permaddr']
const OWN_DATA = ['bridgeId', 'rootId', 'gcTimer', 'helloTimer', 'link']

/** All that ip tells of links, and what only newer ones would, by our own tables. */
function told(netns: string): Map<string, unknown> {
  const shown = ipJson('link show', netns)
  const low = shown.find(({ ifname }) => ifname === 'low')!['address']
  const without = (value: unknown, keys: readonly string[]) =>
    JSON.parse(
      JSON.stringify(value, (key, one: unknown) => (keys.includes(key) ? undefined : one)),
    ) as Printed
  const newer = new Map(
    listLinks({ netns }).map(({ name, data, gsoIpv4MaxSize, groIpv4MaxSize }) => [
      name,
      { data: without(data, OWN_DATA), gsoIpv4MaxSize, groIpv4MaxSize },
    ]),
  )
  const own = (one: Printed) => ({
    ...without(one, OWN),
    address: one['address'] === low,
    ...newer.get(one['ifname']),
  })
  return new Map(shown.map((one) => [one['ifname'] as string, own(one)]))
}

describe('what is left out', () => {
  it.for(LEFT_OUT)('$what', (row, context) => {
    const { kind, said, lacks, isNew } = row
    const lacking = hasKind(kind) ? lacks : kind
    context.skip(Boolean(lacking), `cannot be installed: this kernel has no ${lacking}`)
    const [full, less] = [world('red', row, true), world('red', row, false)]
    createTopology(world('twin', row, false))
    createTopology(full)
    const [whole, twin] = [told('red'), told('twin')]
    const overlooked = Object.keys(said).filter((_, at) => {
      const [one, other] = [whole, twin].map((all) => JSON.stringify(all.get(`it${at}`)))
      return one === other
    })
    expect(overlooked).toEqual([])
    expect(() => applyTopology(failing(less))).toThrow(expect.objectContaining({ left: [] }))
    expect(told('red')).toEqual(whole)
    const commands = planTopology(less).explain()
    applyTopology(less)
    expect(told('red')).toEqual(twin)
    expect(planTopology(less).explain()).toEqual([])
    expect(readTopology(less)).toEqual(normalizeTopology(less))
    deleteTopology('red')
    createTopology(full)
    if (!isNew) {
      execFileSync('sh', ['-e'], { input: commands.join('\n') })
      expect(told('red')).toEqual(twin)
      expect(planTopology(less).explain()).toEqual([])
    }
    deleteTopology('red')
    deleteTopology('twin')
  })

  it.for([...new Set(LEFT_OUT.map(({ kind }) => kind))])(
    'everything that is definite of %s is tried',
    (kind) => {
      const tried = LEFT_OUT.filter((one) => one.kind === kind).flatMap(({ said }) => Object.keys(said))
      expect(Object.keys(unsaidOfKind(kind)).filter((key) => !tried.includes(key))).toEqual([])
    },
  )
})
