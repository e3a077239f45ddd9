/** Networks that an earlier version made of a value that this one refuses: they can be read, changed, recovered and deleted. */

import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Topology, TopologyRule } from '../../src/topology.js'
import { cleanAll, linkNames, TOPOLOGY_FACES } from './topology-support.js'

const json = JSON.stringify
const FILE = '/run/netlink-ts/lab.json'
const ALL: TopologyRule = { priority: 50, family: 'ipv4', table: 100 }
const FROM: TopologyRule = { priority: 50, from: '10.0.0.0/8', table: 100 }
const lab = (...rules: TopologyRule[]): Topology => ({
  name: 'lab',
  namespaces: { red: { rules } },
  bridges: { br0: {} },
})
const REFUSED = lab(FROM, ALL)

describe.each(TOPOLOGY_FACES)('$face:', ({ topology: tp }) => {
  // The kernel took the two in the other order, of two values one after the other.
  beforeEach(async () => {
    cleanAll()
    await tp.createTopology(lab(ALL, FROM))
    writeFileSync(
      FILE,
      readFileSync(FILE, 'utf8').replaceAll(`${json(ALL)},${json(FROM)}`, `${json(FROM)},${json(ALL)}`),
    )
    expect(readFileSync(FILE, 'utf8')).toContain(json(REFUSED))
    await expect(async () => tp.createTopology(REFUSED)).rejects.toThrow('red.rules[0] excludes it')
  })
  afterEach(cleanAll)

  const rules = async () => (await tp.readTopology(REFUSED)).namespaces?.red?.rules

  async function expectGone(): Promise<void> {
    expect([linkNames(), existsSync('/run/netns/red'), existsSync(FILE)]).toEqual([['lo'], false, false])
  }

  it.each([
    ['its name', 'lab'],
    ['its value', REFUSED],
  ])('it is deleted by %s', async (_, given) => {
    await tp.deleteTopology(given)
    await expectGone()
  })

  it('without its record nothing is deleted by what its value names', async () => {
    rmSync(FILE)
    await expect(async () => tp.deleteTopology(REFUSED)).rejects.toThrow('red.rules[0] excludes it')
    expect([linkNames(), existsSync('/run/netns/red')]).toEqual([['lo', 'br0'], true])
    await tp.deleteTopology(lab(ALL, FROM))
    await expectGone()
  })

  it('it becomes what another value says', async () => {
    const { steps } = await tp.applyTopology(lab(ALL))
    expect(steps.map(({ call }) => call)).toMatchObject([{ call: 'deleteRule', rule: FROM }])
    expect(await rules()).toEqual([ALL])
    expect((await tp.planTopology(lab(ALL))).steps).toEqual([])
    await tp.deleteTopology('lab')
    await expectGone()
  })

  it('a change that fails leaves it as it was', async () => {
    const value: Topology = { ...lab(ALL), links: { v: { kind: 'macvlan', link: 'nowhere' } } }
    await expect(async () => tp.applyTopology(value)).rejects.toMatchObject({ path: 'links.v', left: [] })
    expect(await rules()).toEqual([FROM, ALL])
  })

  it('so does recovery, of a change in which the process was killed', async () => {
    appendFileSync(FILE, readFileSync(FILE, 'utf8').split(/(?<=\n)/)[0]!)
    await expect(async () => tp.applyTopology(lab(ALL))).rejects.toMatchObject({ code: 'EBUSY' })
    expect(await tp.recoverTopologies()).toEqual([{ name: 'lab', left: [] }])
    expect(await rules()).toEqual([FROM, ALL])
    await tp.deleteTopology('lab')
    await expectGone()
  })
})
