import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { DecodeError } from '../../src/codec/fault.js'
import { NetlinkError, SystemError } from '../../src/netlink/errors.js'
import type { Effect, Operation } from '../../src/netlink/operation.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { applyTopology, createTopology, recoverTopologies } from '../../src/topology/operations.js'
import type { Topology } from '../../src/topology/value.js'
import { createTopology as create, deleteTopology } from '../../src/topology-sync.js'
import { execFileSync } from './programs.js'
import { ip, ipJson } from './support.js'
import { cleanAll, failure, full, linkNames, TOPOLOGY_FACES } from './topology-support.js'
import { watched, writes } from './watched.js'

afterEach(cleanAll)

const FILE = '/run/netlink-ts/st.json'

const busy = () => new SystemError({ errno: 16, syscall: 'request' })

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
      appendFileSync(FILE, whole)
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

it('a record that was damaged during a change is not written anew: its other lines would be forgotten', () => {
  create({ name: 'st', bridges: { br0: {} } })
  const change = applyTopology({ name: 'st', bridges: { br0: {}, br1: {} } })
  const doing = watched(change, (effect) => {
    if (writes(effect, '"complete"'))
      writeFileSync(FILE, readFileSync(FILE, 'utf8').replace('"undo":{', '"undo":['))
    return undefined
  })
  runSync(doing)
  const text = 'line 2 is none of a record'
  expect(runSync(recoverTopologies())).toEqual([{ name: 'st', left: [expect.stringContaining(text)] }])
  expect(readFileSync(FILE, 'utf8')).toContain('"undo":[')
})

it('a change is not complete by what is written behind a line without its end', () => {
  create({ name: 'st', bridges: { br0: {} } })
  const change = applyTopology({ name: 'st', bridges: { br0: { addresses: ['10.7.0.1/24'] } } })
  const given = () => ipJson('-4 address show dev br0').flatMap(({ addr_info }) => addr_info as object[])
  const fault = fullAt('"complete"', '{"complete":true}')
  expect(failure(watched(change, fault))).toMatchObject({ code: 'ENOSPC' })
  // It is tried once more.
  let tries = 0
  const recovery = watched(recoverTopologies(), (effect) =>
    effect.kind === 'exchange' && tries++ < 2 ? busy() : undefined,
  )
  // Going back goes on, but is not at its end.
  expect(runSync(recovery)).toMatchObject([
    { name: 'st', left: [expect.stringContaining('ip address delete 10.7.0.1/24 dev br0')] },
  ])
  expect(given()).toHaveLength(1)
  expect(runSync(recoverTopologies())).toEqual([{ name: 'st', left: [] }])
  expect(given()).toEqual([])
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
      expect([readdirSync('/run/netlink-ts').sort(), open]).toEqual([['st..names', 'st.json'], 0])
      deleteTopology('st')
      expect(linkNames()).toEqual(['lo'])
    },
  )

  it('a record that was damaged meanwhile is told with the name of the call', () => {
    const fault = fails('bridges.br1', () => {
      ip('link set br0 down')
      ip('link set br0 name brx')
      writeFileSync(FILE, readFileSync(FILE, 'utf8').replace('"br1":{}', '"br1":{"colour":1}'))
      return new NetlinkError({ operation: 'RTM_NEWLINK', errno: 1 })
    })
    const creation = createTopology({ name: 'st', bridges: { br0: {}, br1: {} } })
    const text = `createTopology: journal: ${FILE} is damaged, or of another version: bridges.br1: unknown option`
    expect(failure(watched(creation, fault))).toMatchObject({
      ...{ path: 'bridges.br1', code: 'EPERM' },
      left: [expect.stringMatching(new RegExp(`^${text}`))],
    })
    expect(linkNames()).toEqual(['lo', 'brx'])
  })

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

describe.each(TOPOLOGY_FACES)('$face: where its directory cannot be made', ({ topology: tp }) => {
  // Mounted on itself: a mount on which a file is open for writing, by a program of another test, does not become read-only.
  const makeReadOnly = () => {
    execFileSync('mount', ['--bind', '/run', '/run'])
    execFileSync('mount', ['-o', 'remount,bind,ro', '/run'])
  }

  it.each<[string, { journal?: string }]>([
    ['/run/netlink-ts', {}],
    ['/run/journals/of/mine', { journal: '/run/journals/of/mine' }],
  ])('the error is why: %s on a disk that is read-only', async (directory, options) => {
    rmSync('/run/netlink-ts', { recursive: true, force: true })
    makeReadOnly()
    try {
      const value = { name: 'st', bridges: { br0: {} } }
      await expect((async () => tp.createTopology(value, options))()).rejects.toMatchObject({
        code: 'EROFS',
        path: 'journal',
        message: expect.stringContaining(directory),
      })
    } finally {
      execFileSync('umount', ['/run'])
    }
    expect([linkNames(), existsSync('/run/netlink-ts'), existsSync('/run/journals')]).toEqual([
      ['lo'],
      false,
      false,
    ])
  })

  it.each<[string, string]>([
    ['/proc/netlink-ts', 'ENOENT'],
    ['/proc/self/netlink-ts/journals', 'ENOENT'],
    ['/run/nowhere/of/mine', 'ENOENT'],
    ['/run/file', 'EEXIST'],
    ['/run/file/of/mine', 'ENOTDIR'],
  ])('the error is why, and comes: %s', async (journal, code) => {
    symlinkSync('/run/gone', '/run/nowhere')
    writeFileSync('/run/file', '')
    try {
      const creation = async () => tp.createTopology({ bridges: { br0: {} } }, { journal })
      await expect(creation()).rejects.toMatchObject({ code, path: 'journal' })
    } finally {
      for (const path of ['/run/nowhere', '/run/file']) rmSync(path)
    }
    expect(linkNames()).toEqual(['lo'])
  })

  it.each([5, '', null])('%o is not the path of one', async (journal) => {
    const creation = async () => tp.createTopology({ bridges: { br0: {} } }, { journal: journal as never })
    await expect(creation()).rejects.toThrow(TypeError)
    await expect(creation()).rejects.toThrow(/^journal: .* is not the path of a directory$/)
  })

  it('it is made with those above it, and may be there', async () => {
    const journal = '/run/journals/of/mine/'
    for (let times = 1; times <= 2; times++) {
      await tp.createTopology({ bridges: { br0: {} } }, { journal })
      await tp.deleteTopology('br0', { journal })
    }
    expect([linkNames(), readdirSync(journal)]).toEqual([['lo'], []])
    rmSync('/run/journals', { recursive: true })
  })
})
