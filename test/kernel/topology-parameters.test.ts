/** Kernel parameters of a topology: what is put back, and what the kernel writes with them. */

import { existsSync } from 'node:fs'
import { afterEach, expect, it, onTestFinished } from 'vitest'
import type { Effect } from '../../src/netlink/operation.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { createNetns, getSysctl, setSysctl, spawnSyncInNetns } from '../../src/sync.js'
import { readFanOut } from '../../src/topology/fan-out.js'
import { applyTopology, createTopology } from '../../src/topology/operations.js'
import { createTopology as create, deleteTopology } from '../../src/topology-sync.js'
import { execFileSync } from './programs.js'
import { ip } from './support.js'
import { cleanAll, failure, full, linkNames } from './topology-support.js'
import { watched, writes } from './watched.js'

afterEach(cleanAll)

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
  const sysctl = (...args: string[]) => execFileSync('sysctl', args)
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

/**
 * Newer kernels copy it to the interfaces that have none of their own (seen in Linux 7.3), also when it is put back; older ones do not, and
 * what an interface has then is somebody's.
 */
const COPIED = 'net/ipv4/conf/default/route_localnet'

it('what some kernels copy and others do not goes back with what it was copied from', () => {
  ip('link add br0 type bridge')
  ip('link add br1 type bridge')
  const values = () => ['default', 'lo', 'br0', 'br1'].map((dev) => getSysctl(COPIED.replace('default', dev)))
  expect(values()).toEqual(['0', '0', '0', '0'])
  create({ name: 'st', sysctls: { [COPIED]: 1 } })
  setSysctl(COPIED.replace('default', 'br1'), 1)
  deleteTopology('st')
  expect(values()).toEqual(['0', '0', '0', '1'])
})

it.each(['ipv4', 'ipv6'])('what the kernel writes with each parameter of %s is known', (family) => {
  // A new one: an interface that is made after a default has been written is not written with it any more (inetdev_init()).
  const netns = createNetns()
  onTestFinished(() => netns.close())
  netns.createBridge({ name: 'br0' })
  const all = () => {
    // Some cannot be read.
    const read = ['-r', '.', `/proc/sys/net/${family}/conf`]
    const { stdout } = spawnSyncInNetns(netns, 'grep', read, { encoding: 'utf8' })
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
      netns.setSysctl(FORCE, 1)
      before = all()
    }
    const known = Object.keys(runSync(readFanOut(key, netns)))
    const written = new Set<string>()
    for (const other of [value === '1' ? '0' : '1', value]) {
      netns.setSysctl(key, other)
      const now = all()
      for (const [one, value] of now) if (one !== key && value !== before.get(one)) written.add(one)
      before = now
    }
    if (key === COPIED) continue
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
