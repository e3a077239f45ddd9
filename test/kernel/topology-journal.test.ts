/** What is in the journal, and what a topology is, when a step cannot be written down. */

import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { DecodeError } from '../../src/codec/fault.js'
import { NetlinkError, SystemError } from '../../src/netlink/errors.js'
import type { Effect, Operation } from '../../src/netlink/operation.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { getSysctl, setSysctl } from '../../src/sync.js'
import { readFanOut } from '../../src/topology/fan-out.js'
import { applyTopology, createTopology, recoverTopologies } from '../../src/topology/operations.js'
import type { Topology } from '../../src/topology/value.js'
import { createTopology as create, deleteTopology } from '../../src/topology-sync.js'
import { ip, ipJson } from './support.js'
import { cleanAll, linkNames, watched } from './topology-support.js'

afterEach(cleanAll)

const full = () => new SystemError({ errno: 28, syscall: 'write', subject: 'the journal' })
const busy = () => new SystemError({ errno: 16, syscall: 'request' })

/** Whether an effect writes a line of the journal that has this. */
const writes = (effect: Effect, text: string) =>
  effect.kind === 'primitive' && effect.name === 'appendFile' && String(effect.args[1]).includes(text)

function failure(operation: Operation<unknown>): unknown {
  try {
    runSync(operation)
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

it.each([
  ['there is no room for the next one', full()],
  ['it is aborted', new DOMException('stopped', 'AbortError')],
])('what a step made is written down where %s: what somebody makes of that name stays', (_, fault) => {
  let failed = false
  const creation = watched(createTopology({ name: 'st', bridges: { br0: {}, br1: {} } }), (effect) => {
    if (writes(effect, '"step":"bridges.br1"')) {
      failed = true
      return fault
    }
    // Of the bridge's deletion.
    return failed && effect.kind === 'exchange' ? busy() : undefined
  })
  expect(failure(creation)).toMatchObject({ left: [expect.stringContaining('ip link delete dev br0')] })
  ip('link delete br0')
  ip('link add br0 type bridge')
  expect(runSync(recoverTopologies())).toEqual([{ name: 'st', left: [] }])
  expect(linkNames()).toEqual(['lo', 'br0'])
})

/** The disk is full at a line, but for its end, from then on; nor does the kernel take anything back. */
function fullAt(line: string, whole: string): (effect: Effect) => Error | undefined {
  let failed = false
  return (effect) => {
    if (!failed && writes(effect, line)) {
      failed = true
      appendFileSync('/run/netlink-ts/st.json', whole)
      return full()
    }
    if (failed && writes(effect, '')) return full()
    return failed && effect.kind === 'exchange' ? busy() : undefined
  }
}

it('it is not complete where there is room for the line that says so, but not for its end', () => {
  const creation = createTopology({ name: 'st', bridges: { br0: {} } })
  const fault = fullAt('"complete"', '{"complete":true}')
  expect(failure(watched(creation, fault))).toMatchObject({
    code: 'ENOSPC',
    left: [expect.stringContaining('br0')],
  })
  expect(runSync(recoverTopologies())).toEqual([{ name: 'st', left: [] }])
  expect(linkNames()).toEqual(['lo'])
})

it('a step is not begun where there is room for its line, but not for its end', () => {
  const creation = createTopology({ name: 'st', bridges: { br0: {}, br1: {} } })
  const undo = { call: 'deleteLink', netns: '', dev: 'br1' }
  const fault = fullAt('"step":"bridges.br1"', JSON.stringify({ step: 'bridges.br1', undo }))
  expect(failure(watched(creation, fault))).toMatchObject({ code: 'ENOSPC', path: 'bridges.br1' })
  // Somebody else's, which no line tells of.
  ip('link add br1 type bridge')
  expect(runSync(recoverTopologies())).toEqual([{ name: 'st', left: [] }])
  expect(linkNames()).toEqual(['lo', 'br1'])
})

it('a change is not complete by what is written behind a line without its end', () => {
  create({ name: 'st', bridges: { br0: {} } })
  const change = applyTopology({ name: 'st', bridges: { br0: { addresses: ['10.7.0.1/24'] } } })
  const given = () => ipJson('-4 address show dev br0').flatMap(({ addr_info }) => addr_info as object[])
  const fault = fullAt('"complete"', '{"complete":true}')
  expect(failure(watched(change, fault))).toMatchObject({ code: 'ENOSPC' })
  let begun = false
  const recovery = watched(recoverTopologies(), (effect) => {
    if (begun || effect.kind !== 'exchange') return undefined
    begun = true
    return busy()
  })
  // Going back goes on, but is not at its end.
  expect(runSync(recovery)).toMatchObject([
    { name: 'st', left: [expect.stringContaining('ip address delete 10.7.0.1/24 dev br0')] },
  ])
  expect(given()).toHaveLength(1)
  expect(runSync(recoverTopologies())).toEqual([{ name: 'st', left: [] }])
  expect(given()).toEqual([])
})

it('a parameter that the kernel copies to every interface is not touched before its step is written down', () => {
  const all = 'net.ipv6.conf.all.forwarding'
  ip('link add br0 type bridge')
  setSysctl('net.ipv6.conf.br0.forwarding', 1)
  const creation = watched(createTopology({ name: 'st', sysctls: { [all]: '1' } }), (effect) =>
    writes(effect, `"step":"sysctls.${all}"`) ? full() : undefined,
  )
  expect(failure(creation)).toMatchObject({ code: 'ENOSPC', path: `sysctls.${all}`, left: [] })
  expect([getSysctl(all), getSysctl('net.ipv6.conf.br0.forwarding')]).toEqual(['0', '1'])
})

it.each([
  ['net.ipv4.ip_forward', ['net.ipv4.conf.all.accept_redirects=0', 'net.ipv4.conf.br0.forwarding=1']],
  ['net.ipv4.conf.all.forwarding', ['net.ipv4.conf.default.forwarding=1']],
  [
    'net.ipv6.conf.all.forwarding',
    ['net.ipv6.conf.br0/7.forwarding=1', 'net.ipv6.conf.default.forwarding=1'],
  ],
  ['net.ipv6.conf.all.disable_ipv6', ['net.ipv6.conf.br0.disable_ipv6=1']],
])('what the kernel writes with %s is as it was, too', async (key, others) => {
  for (const name of ['br0', 'br0.7', 'br1']) ip(`link add ${name} type bridge`)
  const sysctl = (...args: string[]) => execFileSync('sysctl', args, { encoding: 'utf8' })
  const all = () => sysctl('-a', '-r', '^net\\.ipv[46]\\.(ip_forward|conf\\.)')
  sysctl('-w', `${key}=0`, ...others)
  const before = all()
  create({ name: 'st', sysctls: { [key]: 1 } })
  expect(all()).not.toBe(before)
  deleteTopology('st')
  expect(all()).toBe(before)
  const fault = (effect: Effect) => (writes(effect, '"step":"bridges.br8"') ? full() : undefined)
  const failing = { name: 'st', sysctls: { [key]: 1 }, bridges: { br8: {} } }
  expect(failure(watched(createTopology(failing), fault))).toMatchObject({ code: 'ENOSPC', left: [] })
  expect(all()).toBe(before)
})

const FORCE = 'net/ipv6/conf/all/force_forwarding'

it.each(['ipv4', 'ipv6'])('what the kernel writes with each parameter of %s is known', (family) => {
  ip('link add br0 type bridge')
  const all = () => {
    // Some cannot be read.
    const { stdout } = spawnSync('grep', ['-r', '.', `/proc/sys/net/${family}/conf`], { encoding: 'utf8' })
    return new Map(
      stdout.split('\n').map((line) => line.replace('/proc/sys/', '').split(':', 2) as [string, string]),
    )
  }
  const isWritable = (key: string) =>
    /\/(all|default)\//.test(key) && !/\/(mc_forwarding|stable_secret|mtu)$/.test(key)
  let before = all()
  for (const [key, value] of [...before].filter(([key]) => isWritable(key))) {
    // What is forced to forward shows whether that ends with forwarding.
    if (key === 'net/ipv6/conf/all/forwarding' && existsSync(`/proc/sys/${FORCE}`)) {
      setSysctl(FORCE, 1)
      before = all()
    }
    const known = Object.keys(runSync(readFanOut(key, undefined)))
    const written = new Set<string>()
    for (const other of [value === '1' ? '0' : '1', value]) {
      setSysctl(key, other)
      const now = all()
      for (const [one, value] of now) if (one !== key && value !== before.get(one)) written.add(one)
      before = now
    }
    expect(
      [...written].filter((one) => !known.includes(one)),
      key,
    ).toEqual([])
    expect(known.length > 0, key).toBe(written.size > 0)
  }
})

it.each([
  ['net.ipv4.conf.all.rp_filter', 'net.ipv4.conf.br0.rp_filter', 2],
  ['net.ipv4.conf.default.rp_filter', 'net.ipv4.conf.br0.rp_filter', 2],
  ['net.ipv6.conf.all.hop_limit', 'net.ipv6.conf.br0.hop_limit', 33],
  ['net.ipv4.ip_forward', 'net.ipv4.conf.br0.forwarding', 0],
])('where %s is put back, %s stays what somebody set it to', (key, other, value) => {
  ip('link add br0 type bridge')
  const before = getSysctl(key)
  setSysctl(other, 1)
  create({ name: 'st', sysctls: { [key]: 1 } })
  setSysctl(other, value)
  deleteTopology('st')
  expect([getSysctl(key), getSysctl(other)]).toEqual([before, String(value)])
})

it('a parameter gets back what it was when it was set, not when that was planned', () => {
  const [ttl, other] = ['net.ipv4.ip_default_ttl', 'net.ipv4.ip_no_pmtu_disc']
  create({ name: 'st', namespaces: { red: {} } })
  const red = { sysctls: { [ttl]: '70', [other]: '1' } }
  const change = watched(applyTopology({ name: 'st', namespaces: { red } }), (effect) => {
    if (writes(effect, '"make":')) setSysctl(ttl, 65, { netns: 'red' })
    return writes(effect, `"step":"namespaces.red.sysctls.${other}"`) ? full() : undefined
  })
  expect(failure(change)).toMatchObject({ code: 'ENOSPC', left: [] })
  expect(getSysctl(ttl, { netns: 'red' })).toBe('65')
})

it('a parameter of a change that failed is none of the topology: a deletion does not write it', () => {
  const ttl = 'net.ipv4.ip_default_ttl'
  create({ name: 'st', bridges: { br0: {} } })
  const before = getSysctl(ttl)
  const value = { name: 'st', sysctls: { [ttl]: '70' }, bridges: { br0: {}, br1: {} } }
  const change = watched(applyTopology(value), (effect) =>
    writes(effect, '"step":"bridges.br1"') ? full() : undefined,
  )
  expect(failure(change)).toMatchObject({ code: 'ENOSPC', left: [] })
  expect(getSysctl(ttl)).toBe(before)
  setSysctl(ttl, 80)
  deleteTopology('st')
  expect([getSysctl(ttl), linkNames()]).toEqual(['80', ['lo']])
  setSysctl(ttl, before)
})

it('the room for going back has place for every line of a change and of the way back', () => {
  for (let i = 0; i < 30; i++) ip(`link add m${i} type bridge`)
  const name = 'ü'.repeat(60)
  create({ name, bridges: { br0: {} } })
  let [room, lines] = [0, 0]
  const sysctls = { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 }
  const change = applyTopology({ name, sysctls, bridges: { br0: {}, br1: {} } })
  const counted = watched(change, (effect) => {
    if (effect.kind !== 'primitive') return undefined
    const length = Buffer.byteLength(String(effect.args[1]))
    if (effect.name === 'claimFile' && String(effect.args[0]).endsWith('.room')) room ||= length
    if (effect.name === 'appendFile' && !writes(effect, '"make"')) lines += length
    return writes(effect, '"step":"bridges.br1"') ? busy() : undefined
  })
  expect(failure(counted)).toMatchObject({ code: 'EBUSY', left: [] })
  expect(lines).toBeGreaterThan(2000)
  expect(lines).toBeLessThanOrEqual(room)
})

describe('a step that failed in the middle', () => {
  /** At the first request of a step. */
  function fails(path: string, fault: () => Error): (effect: Effect) => Error | undefined {
    let begun = false
    let failed = false
    return (effect) => {
      begun ||= writes(effect, `"step":"${path}"`)
      if (!begun || failed || effect.kind !== 'exchange') return undefined
      failed = true
      return fault()
    }
  }

  it('a link of which some options were set gets them back', () => {
    create({ name: 'st', bridges: { br0: {} } })
    const fault = fails('bridges.br0', () => {
      ip('link set br0 mtu 1400')
      return new NetlinkError({ operation: 'RTM_SETLINK', errno: 22 })
    })
    const change = applyTopology({ name: 'st', bridges: { br0: { mtu: 1400 } } })
    expect(failure(watched(change, fault))).toMatchObject({ path: 'bridges.br0', code: 'EINVAL', left: [] })
    expect(ipJson('link show dev br0')[0]).toMatchObject({ mtu: 1500 })
  })

  it.each<[string, (value: Topology) => Operation<unknown>, Topology['bridges'], string[]]>([
    ['createTopology', createTopology, { br0: {}, br1: {} }, ['lo']],
    ['applyTopology', applyTopology, { br0: { mtu: 1400 }, br1: {} }, ['lo', 'br0']],
  ])(
    '%s, whose files cannot be written any more: what was made is taken back',
    (name, run, bridges, left) => {
      if (name === 'applyTopology') create({ name: 'st', bridges: { br0: {} } })
      const readOnly = () => new SystemError({ errno: 30, syscall: 'unlink' })
      let isReadOnly = false
      const fault = fails('bridges.br1', () => {
        isReadOnly = true
        return new NetlinkError({ operation: 'RTM_NEWLINK', errno: 1 })
      })
      const change = watched(run({ name: 'st', bridges }), (effect) =>
        isReadOnly && effect.kind === 'primitive' && /^(removeFile|appendFile)$/.test(effect.name)
          ? readOnly()
          : fault(effect),
      )
      expect(failure(change)).toMatchObject({ path: 'bridges.br1', code: 'EPERM' })
      expect(linkNames()).toEqual(left)
      if (name === 'applyTopology') expect(ipJson('link show dev br0')[0]).toMatchObject({ mtu: 1500 })
    },
  )

  it.each<[string, (value: Topology) => Operation<unknown>, Topology['bridges']]>([
    ['createTopology', createTopology, { br0: {}, br1: {}, br2: {} }],
    ['applyTopology', applyTopology, { br1: {}, br2: {} }],
  ])(
    '%s, an answer on the way back of which cannot be read: it is among what is left',
    (name, run, bridges) => {
      if (name === 'applyTopology') create({ name: 'st', bridges: { br0: {} } })
      const fault = fails('bridges.br2', () => new NetlinkError({ operation: 'RTM_NEWLINK', errno: 1 }))
      let [failed, open] = [false, 0]
      const change = watched(run({ name: 'st', bridges }), (effect) => {
        if (effect.kind === 'primitive') {
          if (/^(createFile|openFile)$/.test(effect.name)) open++
          if (effect.name === 'closeFile') open--
        }
        const error = fault(effect)
        failed ||= error !== undefined
        // All that is asked for on the way back.
        if (error !== undefined || !failed || effect.kind !== 'exchange') return error
        return new DecodeError('RTM_NEWLINK', '', 0, 'cut')
      })
      expect(failure(change)).toMatchObject({
        ...{ path: 'bridges.br2', code: 'EPERM' },
        left: [expect.stringContaining('cut')],
      })
      expect([readdirSync('/run/netlink-ts'), open]).toEqual([['st.json'], 0])
      deleteTopology('st')
      expect(linkNames()).toEqual(['lo'])
    },
  )

  it.each<[string, Error, boolean]>([
    ['lost: what was asked for is taken back', new SystemError({ errno: 105, syscall: 'netlink' }), true],
    ['not to be read: what was asked for is taken back', new DecodeError('RTM_NEWLINK', '', 0, 'cut'), true],
    [
      'a refusal: what is there is somebody else’s',
      new NetlinkError({ operation: 'RTM_NEWLINK', errno: 17 }),
      false,
    ],
  ])('an answer that is %s', (_, error, isTaken) => {
    const fault = fails('bridges.br1', () => {
      ip('link add br1 type bridge')
      return error
    })
    const creation = createTopology({ name: 'st', bridges: { br0: {}, br1: {} } })
    expect(() => runSync(watched(creation, fault))).toThrow()
    expect(linkNames()).toEqual(isTaken ? ['lo'] : ['lo', 'br1'])
    expect(runSync(recoverTopologies())).toEqual([])
  })
})
