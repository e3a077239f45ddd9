/**
 * Kernel parameters that a later value says no more, and others that the kernel writes with them, that another topology says or leaves out at the
 * same moment, or of what is another thing by now.
 */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runSync } from '../../src/socket/sync-driver.js'
import { setSysctl } from '../../src/sync.js'
import { applyTopology } from '../../src/topology/operations.js'
import type { Topology, TopologyNamespace } from '../../src/topology.js'
import {
  applyTopology as apply,
  createTopology as create,
  deleteTopology,
  planTopology,
} from '../../src/topology-sync.js'
import { FORWARD, get, getIn, TTL } from './parameters.js'
import { execFileSync } from './programs.js'
import { ip } from './support.js'
import { atStep, cleanAll, wasKilled } from './topology-support.js'
import { watched, writes } from './watched.js'

/** What the tests set, as it was. */
let before: string[] = []

beforeEach(() => {
  before = get(FORWARD, TTL)
})

afterEach(() => {
  cleanAll()
  for (const [index, key] of [FORWARD, TTL].entries()) setSysctl(key, before[index]!)
})

const lab = (sysctls: Topology['sysctls'] = {}, name = 'lab'): Topology => ({
  name,
  bridges: { [name]: {} },
  sysctls,
})
const red = (sysctls: TopologyNamespace['sysctls'] = {}, more: TopologyNamespace = {}): Topology => ({
  name: 'lab',
  namespaces: { red: { links: { eth0: { peer: 'eth1' } }, sysctls, ...more } },
})

describe('what the kernel writes with another one', () => {
  const eth0 = 'net.ipv4.conf.eth0.forwarding'
  it.each([
    [FORWARD, 1, eth0, 0],
    ['net.ipv6.conf.all.forwarding', 1, 'net.ipv6.conf.eth0.forwarding', 0],
    [FORWARD, 1, 'net.ipv4.conf.all.accept_redirects', 1],
    ['net.ipv4.ip_unprivileged_port_start', 0, 'net.ipv4.ip_local_port_range', '500 60999'],
  ])('%s %s and %s %s are left out together, or one after the other', (one, value, other, another) => {
    create(red())
    const was = getIn('red', one, other)
    apply(red({ [one]: value, [other]: another }))
    expect(getIn('red', one, other)).not.toEqual(was)
    apply(red())
    expect(getIn('red', one, other)).toEqual(was)
    if (typeof another === 'string') return
    apply(red({ [one]: value, [other]: another }))
    apply(red({ [other]: another }))
    apply(red())
    expect(getIn('red', one, other)).toEqual(was)
    expect(planTopology(red()).steps).toEqual([])
  })

  it('in the namespace of the process, where somebody has an interface', () => {
    ip('link add br0 type bridge')
    const br0 = 'net.ipv4.conf.br0.forwarding'
    for (const was of [0, 1]) {
      setSysctl(br0, was)
      create(lab({ [FORWARD]: 1, [br0]: 0 }))
      apply(lab({ [br0]: 0 }))
      apply(lab())
      expect(get(FORWARD, br0)).toEqual(['0', `${was}`])
      deleteTopology('lab')
      create(lab({ [FORWARD]: 1, [br0]: 0 }))
      apply(lab({ [br0]: 0 }))
      deleteTopology('lab')
      expect(get(FORWARD, br0)).toEqual(['0', `${was}`])
      create(lab({ [FORWARD]: 1, [br0]: 0 }))
      apply(lab())
      expect(get(FORWARD, br0)).toEqual(['0', `${was}`])
      deleteTopology('lab')
    }
  })

  it('an interface that came meanwhile is as those are that come now', () => {
    create(lab({ [FORWARD]: 1 }, 'a'))
    ip('link add br0 type bridge')
    create(lab({ [FORWARD]: 1 }, 'b'))
    apply(lab({}, 'a'))
    expect(apply(lab({}, 'b')).explain()).toEqual([`sysctl -w ${FORWARD}=0`])
    const devs = ['br0', 'a', 'b'].map((dev) => `net.ipv4.conf.${dev}.forwarding`)
    expect(get(FORWARD, ...devs)).toEqual(['0', '0', '0', '0'])
  })
})

describe('another topology', () => {
  const values = ['a', 'b'].map((name) => lab({ [FORWARD]: 1, [TTL]: 70 }, name))

  it.each(['"make"', '"complete"'])(
    'that leaves out the same before the line %s leaves nothing behind',
    (line) => {
      for (const value of values) create(value)
      const leaving = watched(applyTopology(lab({}, 'a')), (effect) => {
        if (writes(effect, line)) apply(lab({}, 'b'))
        return undefined
      })
      runSync(leaving)
      expect(get(FORWARD, TTL)).toEqual(['0', before[1]])
      for (const name of ['a', 'b']) deleteTopology(name)
      expect(get(FORWARD, TTL)).toEqual(['0', before[1]])
    },
  )

  it('that comes to say one before it is put back has it', () => {
    create(values[0]!)
    runSync(
      watched(applyTopology(lab({ [FORWARD]: 1 }, 'a')), (effect) => {
        if (writes(effect, `"step":"sysctls.${TTL}"`)) create(values[1]!)
        return undefined
      }),
    )
    expect(get(TTL)).toEqual(['70'])
    deleteTopology('b')
    expect(get(TTL)).toEqual([before[1]])
  })

  it('that comes to say what is written with one that others say has it once these go', () => {
    ip('link add br0 type bridge')
    const br0 = 'net.ipv4.conf.br0.forwarding'
    create(lab({ [FORWARD]: 1 }, 'b'))
    create(lab({}, 'a'))
    expect(apply(lab({ [br0]: 1 }, 'a')).explain()).toEqual([`sysctl -w ${br0}=1`])
    deleteTopology('b')
    expect(get(FORWARD, br0)).toEqual(['0', '1'])
    deleteTopology('a')
    expect(get(br0)).toEqual(['0'])
  })
})

it('what somebody sets before it is put back stays', () => {
  create(lab({ [TTL]: 70 }))
  runSync(
    watched(applyTopology(lab()), (effect) => {
      if (writes(effect, `"step":"sysctls.${TTL}"`)) setSysctl(TTL, 99)
      return undefined
    }),
  )
  expect(get(TTL)).toEqual(['99'])
})

it('what is right already is no step', () => {
  create(lab({ [TTL]: before[1]!, [FORWARD]: 0 }))
  expect(planTopology(lab()).steps).toEqual([])
})

it.each([0, 1, 2, 3])(
  'a deletion after the end of the process %i effects into the step puts it back',
  (after) => {
    create(lab({ [TTL]: 70, [FORWARD]: 1 }))
    expect(wasKilled('lab', applyTopology(lab()), atStep(1, after))).toBe(true)
    deleteTopology('lab')
    expect(get(FORWARD, TTL)).toEqual(['0', before[1]])
  },
)

it.each([0, 1, 2, 3])('so it does after the end of one %i effects into the step that sets it', (after) => {
  create(lab())
  expect(wasKilled('lab', applyTopology(lab({ [TTL]: 70, [FORWARD]: 1 })), atStep(1, after))).toBe(true)
  deleteTopology('lab')
  expect(get(FORWARD, TTL)).toEqual(['0', before[1]])
})

describe('what is another thing by now', () => {
  it('a namespace that was made anew has its own', () => {
    create(red())
    setSysctl(TTL, 50, { netns: 'red' })
    apply(red({ [TTL]: 70 }))
    ip('netns delete red')
    apply(red({ [TTL]: 70 }))
    apply(red())
    expect(getIn('red', TTL)).toEqual([before[1]])
  })

  it('so has an interface', () => {
    const filter = 'net.ipv4.conf.eth0.rp_filter'
    create(red())
    const [was] = getIn('red', filter)
    setSysctl(filter, 1, { netns: 'red' })
    apply(red({ [filter]: 2 }))
    const another = { links: { eth0: { peer: 'other' } } }
    apply(red({ [filter]: 2 }, another))
    apply(red({}, another))
    expect(getIn('red', filter)).toEqual([was])
  })

  it("an interface that is somebody else's keeps what it has", () => {
    const filter = 'net.ipv4.conf.lab.rp_filter'
    create({ ...lab({ [filter]: 2 }), namespaces: { red: {} } })
    ip('link delete lab')
    ip('link add lab type bridge')
    setSysctl(filter, 2)
    apply({ name: 'lab', namespaces: { red: {} } })
    expect(get(filter)).toEqual(['2'])
  })

  it('the file of a namespace that is mounted no more', () => {
    create(red({ [TTL]: 70 }))
    execFileSync('umount', ['/run/netns/red'])
    expect(planTopology(red()).explain()).toContain('ip netns add red')
    apply(red())
    expect(getIn('red', TTL)).toEqual([before[1]])
  })
})

it('a parameter that cannot be read is set in a new namespace, and stays', () => {
  const secret = 'net.ipv6.conf.eth0.stable_secret'
  create(red({ [secret]: 'fd00::1' }))
  expect(getIn('red', secret)[0]).toContain('fd00')
  expect(apply(red()).steps).toEqual([])
})

it('of a network whose first address goes the others stay, where the parameter that keeps them goes as well', () => {
  const keep = 'net.ipv4.conf.eth0.promote_secondaries'
  const withAddresses = (sysctls: TopologyNamespace['sysctls'], ...addresses: string[]) =>
    red(sysctls, { links: { eth0: { peer: 'eth1', addresses } } })
  create(withAddresses({ [keep]: 1 }, '10.2.0.1/24', '10.2.0.2/24'))
  apply(withAddresses({}, '10.2.0.2/24'))
  expect(ip('-n red -brief address show dev eth0').match(/10\.[\d./]+/g)).toEqual(['10.2.0.2/24'])
  expect(planTopology(withAddresses({}, '10.2.0.2/24')).steps).toEqual([])
})

it('a list of numbers is told with spaces', () => {
  const ports = 'net.ipv4.ip_local_port_range'
  create(red({ [ports]: '20000 30000' }))
  const [command] = planTopology(red()).explain()
  expect(command).toMatch(/^ip netns exec red sysctl -w '?net\.ipv4\.ip_local_port_range=\d+ \d+'?$/)
  apply(red())
  expect(planTopology(red()).steps).toEqual([])
})
