/** Tunnel ids of VLANs that the kernel does not take, and a list that an old kernel never ends. */

import { describe, expect, test } from 'vitest'
import { done, failure, fakeKernel, messages, reply, success } from '../../src/testing/index.js'
import { FACES, thrown } from './support.js'

const vlans = reply(messages.RTM_NEWVLAN, {
  header: { family: 7, ifindex: 11 },
  attributes: {
    entry: [
      { info: { flags: [], vid: 10 }, tunnelInfo: { id: 100 } },
      { info: { flags: [], vid: 20 }, tunnelInfo: { id: 200 } },
    ],
  },
})

/** A port whose VLANs 10 and 20 have tunnel ids; `refused` are the numbers of the requests that end in an error. */
function portRefusing(refused: readonly number[], code: 'EEXIST' | 'EINVAL' = 'EEXIST') {
  let count = 0
  return fakeKernel(({ name }) => {
    count++
    if (name === 'RTM_GETVLAN') return [vlans, done()]
    return refused.includes(count) ? failure(code) : success()
  })
}

const LIST = 'RTM_GETVLAN'
const SET = 'RTM_SETLINK'
const DELETE = 'RTM_DELLINK'

describe.each(FACES)('tunnel ids ($face)', ({ nl }) => {
  test('an id that another VLAN of the port has is refused, and nothing is taken away', async () => {
    const netns = portRefusing([2])
    const add = () => nl.addBridgeVlan(11, { vid: 10, tunnelId: 200, netns })
    expect(await thrown(add)).toMatchObject({ code: 'EEXIST' })
    expect(netns.requests.map(({ name }) => name)).toEqual([LIST, SET])
  })

  test('a VLAN gets its id back where the kernel refuses the new one after all', async () => {
    const netns = portRefusing([2, 4])
    const add = () => nl.addBridgeVlan(11, { vid: 10, tunnelId: 300, netns })
    expect(await thrown(add)).toMatchObject({ code: 'EEXIST' })
    const names = netns.requests.map(({ name }) => name)
    expect(names).toEqual([LIST, SET, DELETE, SET, DELETE, SET])
    const { attributes } = netns.requests[5]!.decode(messages.RTM_SETLINK)
    expect(attributes.afSpec).toMatchObject({ vlanTunnelInfo: [{ id: 100, vid: 10 }] })
  })

  test('VLANs that were not there go again where their tunnel ids are refused', async () => {
    const netns = portRefusing([2], 'EINVAL')
    const add = () => nl.addBridgeVlan(11, { vid: [19, 21], tunnelId: 300, netns })
    expect(await thrown(add)).toMatchObject({ code: 'EINVAL' })
    expect(netns.requests.map(({ name }) => name)).toEqual([LIST, SET, DELETE])
    const { attributes } = netns.requests[2]!.decode(messages.RTM_SETLINK)
    expect(attributes.afSpec).toMatchObject({ vlanInfo: [{ vid: 19 }, { vid: 21 }] })
  })
})

describe.each(FACES)('VLANs of one interface ($face)', ({ nl }) => {
  /** Linux 5.6 to 5.16: a list of one interface that has VLANs has no end, which a fake cannot have; it is an error here. */
  const oldKernel = () =>
    fakeKernel((asked) => {
      if (asked.name !== 'RTM_GETVLAN') return done()
      const { ifindex } = asked.decode(messages.RTM_GETVLAN).header
      if (ifindex === 11) throw new Error('asked for the VLANs of one interface, which has some')
      return ifindex === 0 ? [vlans, done()] : failure('EINVAL')
    })

  test('are taken from those of all, as an old kernel never ends the list of one', async () => {
    const netns = oldKernel()
    expect((await nl.listBridgeVlans({ dev: 11, netns })).map(({ vid }) => vid)).toEqual([10, 20])
    expect(await nl.listGlobalBridgeVlans({ bridge: 11, netns })).toEqual([])
  })

  test('of which there are none are asked for alone, and the kernel says why', async () => {
    const netns = oldKernel()
    const list = () => nl.listBridgeVlans({ dev: 12, netns })
    expect(await thrown(list)).toMatchObject({ code: 'EINVAL', subject: 'interface 12' })
  })
})
