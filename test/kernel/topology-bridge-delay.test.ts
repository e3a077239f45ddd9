/** A bridge takes fewer delays while it runs the spanning tree protocol: it has another one before that begins, or after it ends. */

import { afterEach, describe, expect, it } from 'vitest'
import type { Topology, TopologyBridge } from '../../src/topology.js'
import { execFileSync } from './programs.js'
import { ipJson } from './support.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'

afterEach(cleanAll)

const lab = (bridge: TopologyBridge): Topology => ({
  name: 'red',
  namespaces: { red: { bridges: { br: bridge } } },
})
/** Fails after the bridge was changed. */
const failing = (bridge: TopologyBridge): Topology => ({
  name: 'red',
  namespaces: {
    red: { bridges: { br: bridge }, links: { m: { kind: 'macvlan', link: ':nowhere' } } },
  },
})

const shown = () => {
  const { stp_state, forward_delay } = ipJson('link show dev br', 'red')[0]!['linkinfo'].info_data
  return { stp_state, forward_delay }
}

describe.each(TOPOLOGY_FACES)('$face:', ({ topology: tp }) => {
  it.for<[string, TopologyBridge, TopologyBridge, object]>([
    ['it ends', { stp: true }, { forwardDelay: 0 }, { stp_state: 0, forward_delay: 0 }],
    ['it begins', { forwardDelay: 0 }, { stp: true }, { stp_state: 1, forward_delay: 1500 }],
    [
      'both are said',
      { stp: false, forwardDelay: 40 },
      { stp: true, forwardDelay: 4 },
      { forward_delay: 400 },
    ],
  ])('%s', async ([, said, wanted, expected]) => {
    await tp.createTopology(lab(said))
    const before = shown()
    await expect(async () => tp.applyTopology(failing(wanted))).rejects.toMatchObject({
      code: 'ENODEV',
      left: [],
    })
    expect(shown()).toEqual(before)
    const commands = (await tp.planTopology(lab(wanted))).explain()
    await tp.applyTopology(lab(wanted))
    expect(shown()).toMatchObject(expected)
    await tp.applyTopology(lab(said))
    expect(shown()).toEqual(before)
    execFileSync('sh', ['-e'], { input: commands.join('\n') })
    expect(shown()).toMatchObject(expected)
    await tp.deleteTopology('red')
  })
})
