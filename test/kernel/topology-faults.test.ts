/** What others do to a network while it is changed, and what a change has not got: a disk, namespaces. */

import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  normalizeTopology,
  planTopology,
  readTopology,
  recoverTopologies,
  star,
  TopologyError,
} from '../../src/topology.js'
import { PATIENCE } from './patience.js'
import { library, lines, linesOf, program, start } from './program.js'
import { execFileSync } from './programs.js'
import { ip, ipJson, type Printed } from './support.js'
import { thrown } from './thrown.js'
import { cleanAll, fillDisk, linkNames, TOPOLOGY_FACES } from './topology-support.js'

afterEach(cleanAll)

const small = () => star(3, { name: 'st' })
/** The same with many namespaces more, so that a change takes a while. */
const large = () => star(40, { name: 'st' })

/** The same without one that was there, which goes first. */
function other() {
  const value = large()
  delete value.namespaces!['st-3']
  value.bridges!['st-br']!.ports = value.bridges!['st-br']!.ports!.filter((port) => port !== 'st-3:eth0')
  return value
}

async function failure(work: () => Promise<unknown>): Promise<TopologyError> {
  const error = await thrown(work)
  expect(error).toBeInstanceOf(TopologyError)
  return error as TopologyError
}

/** In an order of their own: the kernel's is that in which they were made. */
const chosen = (rows: readonly Printed[], ...keys: string[]) =>
  rows.map((row) => JSON.stringify(Object.fromEntries(keys.map((key) => [key, row[key]])))).sort()

/** They follow the carrier, by a work queue of the kernel. */
const LATER = ['NO-CARRIER', 'LOWER_UP']

/** What ip(8) tells of all namespaces, without what is another thing when it is made again (ifindexes, MACs) and what comes later by itself. */
function shown(): object {
  const names = [undefined, ...readdirSync('/run/netns').sort()]
  return names.map((name) => ({
    name,
    links: chosen(
      ipJson('link', name).map((link) => ({
        ...link,
        flags: (link['flags'] as string[]).filter((flag) => !LATER.includes(flag)),
      })),
      ...['ifname', 'mtu', 'master', 'flags'],
    ),
    addresses: ipJson('-4 address', name)
      .map(({ ifname, addr_info }) => [ifname, chosen(addr_info as Printed[], 'local', 'prefixlen', 'scope')])
      .sort(),
    routes: chosen(ipJson('-4 route show table all', name), 'type', 'dst', 'gateway', 'dev', 'table'),
  }))
}

/** Does something once a name is there. */
function once(name: string, work: () => void): void {
  const watch = setInterval(() => {
    if (!existsSync(`/run/netns/${name}`)) return
    clearInterval(watch)
    work()
  }, 1)
}

describe('during a change', () => {
  it('somebody deletes the bridge: the step is named, the value that was there comes back whole', async () => {
    await createTopology(small())
    const before = shown()
    once('st-10', () => ip('link delete st-br'))
    const error = await failure(() => applyTopology(large()))
    // EINVAL where it goes after its ifindex has been asked for.
    expect(error).toMatchObject({ code: expect.stringMatching(/^(ENODEV|EINVAL)$/), left: [] })
    expect(error.path).toMatch(/^namespaces\.st-\d+\.links\.eth0$/)
    expect(await readTopology(small())).toEqual(normalizeTopology(small()))
    expect((await planTopology(small())).explain()).toEqual([])
    await expect.poll(shown, { timeout: 10_000 * PATIENCE }).toEqual(before)
    await deleteTopology('st')
    expect(linkNames()).toEqual(['lo'])
  })

  it('somebody deletes a namespace of it: it is as wanted after this change or the next', async () => {
    await createTopology(small())
    once('st-10', () => ip('netns delete st-2'))
    await applyTopology(large())
    await applyTopology(large())
    expect((await planTopology(large())).explain()).toEqual([])
    expect(ipJson('link show master st-br')).toHaveLength(40)
    await deleteTopology('st')
    expect(linkNames()).toEqual(['lo'])
    expect(readdirSync('/run/netns')).toEqual([])
  })
})

it('a namespace that is removed under a live topology is missed, and made again', async () => {
  await createTopology(small())
  const before = shown()
  ip('netns delete st-2')
  await expect.poll(() => linkNames(), { timeout: 10_000 * PATIENCE }).not.toContain('veth-st-2-eth0')
  const { namespaces } = await readTopology(small())
  expect(Object.keys(namespaces!)).toEqual(['st-1', 'st-3'])
  expect((await applyTopology(small())).explain()[0]).toBe('ip netns add st-2')
  expect(await readTopology(small())).toEqual(normalizeTopology(small()))
  await expect.poll(shown, { timeout: 10_000 * PATIENCE }).toEqual(before)
  ip('netns delete st-1')
  await deleteTopology('st')
  expect(linkNames()).toEqual(['lo'])
  expect(readdirSync('/run/netns')).toEqual([])
})

it('of two programs that make the same one wins whole, and the other says why', async () => {
  const source = `
    const { createTopology, star } = await import(${library('topology')})
    await wait()
    print(await createTopology(star(30, { name: 'st' })).then(() => 'made', ({ code, message, left }) => ({ code, message, left })))`
  const programs = [1, 2].map(() => start(program(source)))
  await Promise.all(programs.map(({ ready }) => ready))
  for (const { go } of programs) go()
  const printed = (await Promise.all(programs.map(linesOf))).map(([, result]) => result)
  expect(printed.filter((result) => result === 'made')).toHaveLength(1)
  for (const result of printed)
    if (result !== 'made')
      expect(result).toMatchObject({ code: expect.stringMatching(/^(EBUSY|EEXIST)$/), left: [] })
  expect((await planTopology(star(30, { name: 'st' }))).explain()).toEqual([])
  expect(ipJson('link show master st-br')).toHaveLength(30)
  const names = Array.from({ length: 30 }, (_, i) => `st-${i + 1}`)
  expect(readdirSync('/run/netns').sort()).toEqual([...names].sort())
  for (const [i, name] of names.entries())
    expect(ipJson('-4 address show dev eth0', name)[0]).toMatchObject({
      addr_info: [{ local: `10.0.0.${i + 2}` }],
    })
  await deleteTopology('st')
  expect(linkNames()).toEqual(['lo'])
})

it('a plan needs no journal, and makes none', async () => {
  const options = { journal: '/run/none/netlink-ts' }
  expect((await planTopology(small(), options)).steps).toHaveLength(7)
  expect(existsSync('/run/none')).toBe(false)
})

it('the record of a topology does not grow with what is done to it', async () => {
  const text = () => readFileSync('/run/netlink-ts/st.json', 'utf8')
  const [one, two] = [small(), small()]
  one.sysctls = { 'net.ipv4.ip_forward': 1 }
  two.sysctls = { 'net.ipv4.ip_forward': 1 }
  two.bridges!['st-br']!.addresses = ['10.0.0.1/16', '10.1.0.1/16']
  two.links = { other: { peer: 'st-1:other' } }
  ip('link add mine type bridge')
  await createTopology(one)
  const created = text()
  const inode = () => statSync('/run/netlink-ts/st.json').ino
  const before = inode()
  for (let i = 0; i < 3; i++) await applyTopology(one)
  expect([text(), inode()]).toEqual([created, before])
  for (const value of [two, one, two]) await applyTopology(value)
  // Of other numbers for what was made anew.
  const shape = () => text().replace(/\d+/g, '0')
  const compact = shape()
  for (const value of [one, two, one, two]) await applyTopology(value)
  expect(shape()).toBe(compact)
  expect(readdirSync('/run/netlink-ts').sort()).toEqual(['st..names', 'st.json'])
  // What is the topology's is known still, and what is somebody else's by now.
  for (const command of ['link delete other', 'link add other type bridge']) ip(command)
  await deleteTopology('st')
  expect(linkNames()).toEqual(['lo', 'mine', 'other'])
  expect(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8')).toBe('0\n')
})

it("an ordinary user's journal is in XDG_RUNTIME_DIR; without that it is an error", async () => {
  const directory = '/run/user-1000'
  mkdirSync(directory)
  const source = `
    const { createTopology, deleteTopology } = await import(${library('topology')})
    print(process.getuid())
    const value = { name: 'mine', bridges: { br0: {} } }
    await createTopology(value)
    print(fs.readdirSync('${directory}/netlink-ts').sort())
    await deleteTopology('mine')
    print(fs.readdirSync('${directory}/netlink-ts'))
    delete process.env.XDG_RUNTIME_DIR
    print(await createTopology(value).catch(({ path, message }) => ({ path, message })))
    print((await nl.listLinks()).map(({ name }) => name))`
  const user = ['unshare', '-Un', '--map-user=1000', '--keep-caps', 'env', `XDG_RUNTIME_DIR=${directory}`]
  try {
    expect(await lines(program(source, { wrapper: user }))).toEqual([
      1000,
      ['mine..names', 'mine.json'],
      [],
      { path: 'journal', message: expect.stringContaining('XDG_RUNTIME_DIR is not set') },
      ['lo'],
    ])
  } finally {
    rmSync(directory, { recursive: true })
  }
})

it('a parameter that could not be put back, as its value has ids that this user has not, is not changed at all', async () => {
  const source = `
    const { applyTopology, createTopology, deleteTopology } = await import(${library('topology')})
    const key = 'net.ipv4.ping_group_range'
    const state = async () => [await nl.getSysctl(key), (await nl.listLinks()).map(({ name }) => name), fs.readdirSync('/run/netlink-ts')]
    const fails = (work) => work.then(() => 'done', ({ code, path, message, left }) => ({ code, path, message, left }))
    const red = { sysctls: { [key]: '0 0' } }
    await createTopology({ name: 'p', namespaces: { red } })
    await deleteTopology('p')
    print(await state())
    print(await fails(createTopology({ name: 'p', bridges: { br0: {} }, ...red })))
    print(await state())
    const before = { name: 'p', namespaces: { red: {} }, bridges: { br0: {} } }
    await createTopology(before)
    print(await fails(applyTopology({ ...before, namespaces: { red }, bridges: { br0: {}, br1: {} } })))
    print((await nl.listLinks()).map(({ name }) => name))
    await deleteTopology('p')
    print(await state())`
  const user = ['unshare', '-Urnm', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh']
  const [first, created, second, applied, links, last] = await lines(program(source, { wrapper: user }))
  const refused = (path: string) => ({
    ...{ code: 'EINVAL', path, left: [] },
    message: expect.stringContaining('which could not be put back'),
  })
  expect(first).toEqual([expect.stringContaining('65534'), ['lo'], []])
  expect(created).toEqual(refused('sysctls.net.ipv4.ping_group_range'))
  expect(second).toEqual(first)
  expect(applied).toEqual(refused('namespaces.red.sysctls.net.ipv4.ping_group_range'))
  expect(links).toEqual(['lo', 'br0'])
  expect(last).toEqual(first)
})

describe('a journal that cannot be written', () => {
  const DIRECTORY = '/run/small'
  const mount = (options: string) => {
    mkdirSync(DIRECTORY, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', DIRECTORY])
  }
  // With all its arguments: mount(8) would take the options of an ordinary user's tmpfs for its own.
  const remount = (options: string) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', `remount,${options}`, 'tmpfs', DIRECTORY])
  afterEach(() => {
    execFileSync('umount', [DIRECTORY])
  })
  const options = { journal: DIRECTORY }

  it.each([
    ['its disk is full', 'size=12k', 'rw', 'ENOSPC'],
    ['it is read-only', 'size=1m', 'ro', 'EROFS'],
  ])(
    '%s before a change: what was there stays, and can be changed once there is room',
    async (_, size, then, code) => {
      mount(size)
      await createTopology(small(), options)
      remount(then)
      const before = [await readTopology(), shown()]
      const error = await failure(() => applyTopology(star(150, { name: 'st' }), options))
      expect(error).toMatchObject({ code, path: 'journal', left: [] })
      expect([await readTopology(), shown()]).toEqual(before)
      remount('rw,size=1m')
      expect(await recoverTopologies(options)).toEqual([])
      await applyTopology(large(), options)
      await deleteTopology('st', options)
      expect(linkNames()).toEqual(['lo'])
      expect(readdirSync(DIRECTORY)).toEqual([])
    },
  )

  const fill = () => fillDisk(DIRECTORY)

  it('others fill its disk during a change: the step is named, the value that was there comes back whole', async () => {
    mount('size=1m')
    await createTopology(small(), options)
    const before = [await readTopology(), shown()]
    once('st-10', fill)
    const error = await failure(() => applyTopology(large(), options))
    expect(error).toMatchObject({
      code: 'ENOSPC',
      path: expect.stringMatching(/^namespaces\.st-[1-4]\d(\.links\.eth0)?$/),
      left: [],
      message: expect.stringContaining('write the journal: ENOSPC'),
    })
    expect([await readTopology(), shown()]).toEqual(before)
    expect((await planTopology(small(), options)).explain()).toEqual([])
    expect(readdirSync(DIRECTORY).sort()).toEqual(['fill', 'st..names', 'st.json'])
    rmSync(`${DIRECTORY}/fill`)
    expect(await recoverTopologies(options)).toEqual([])
    await applyTopology(large(), options)
    await deleteTopology('st', options)
    expect([linkNames(), readdirSync('/run/netns'), readdirSync(DIRECTORY)]).toEqual([['lo'], [], []])
  })

  it('what is made again on the way back is known to be of the topology', async () => {
    mount('size=1m')
    await createTopology(small(), options)
    once('st-10', fill)
    expect(await failure(() => applyTopology(other(), options))).toMatchObject({ code: 'ENOSPC', left: [] })
    expect(await readTopology(small())).toEqual(normalizeTopology(small()))
    rmSync(`${DIRECTORY}/fill`)
    await deleteTopology('st', options)
    expect([linkNames(), readdirSync('/run/netns'), readdirSync(DIRECTORY)]).toEqual([['lo'], [], []])
  })

  it('others take the room for going back, too: the error says what is left, and recovery goes back once there is some', async () => {
    mount('size=1m')
    await createTopology(small(), options)
    once('st-10', () => {
      // Its pages are not free when it is removed.
      linkSync(`${DIRECTORY}/st.room`, `${DIRECTORY}/held`)
      fill()
    })
    const error = await failure(() => applyTopology(other(), options))
    expect(error).toMatchObject({
      code: 'ENOSPC',
      path: expect.stringMatching(/^namespaces\.st-[1-4]\d(\.links\.eth0)?$/),
      left: [expect.stringContaining('ENOSPC')],
    })
    // What it made is gone, what it deleted is not there again.
    expect(readdirSync('/run/netns').sort()).toEqual(['st-1', 'st-2'])
    for (const name of ['fill', 'held']) rmSync(`${DIRECTORY}/${name}`)
    expect(await failure(() => applyTopology(small(), options))).toMatchObject({ code: 'EBUSY' })
    expect(await recoverTopologies(options)).toEqual([{ name: 'st', left: [] }])
    expect(await readTopology(small())).toEqual(normalizeTopology(small()))
    expect((await planTopology(small())).explain()).toEqual([])
    expect(readdirSync('/run/netns').sort()).toEqual(['st-1', 'st-2', 'st-3'])
    await applyTopology(large(), options)
    expect((await planTopology(large())).explain()).toEqual([])
    await deleteTopology('st', options)
    expect([linkNames(), readdirSync('/run/netns'), readdirSync(DIRECTORY)]).toEqual([['lo'], [], []])
  })

  it.each(TOPOLOGY_FACES)(
    'its disk is full when the topology is to be deleted: it is deleted ($face)',
    async ({ topology: tp }) => {
      mount('size=1m')
      await tp.createTopology(small(), options)
      fill()
      await tp.deleteTopology('st', options)
      expect([linkNames(), readdirSync('/run/netns'), readdirSync(DIRECTORY)]).toEqual([['lo'], [], ['fill']])
    },
  )

  it('it is read-only when the topology is to be deleted: an error, and nothing has changed', async () => {
    mount('size=1m')
    await createTopology(small(), options)
    remount('ro')
    const before = [await readTopology(), shown()]
    expect(await failure(() => deleteTopology('st', options))).toMatchObject({
      code: 'EROFS',
      path: 'journal',
    })
    expect([await readTopology(), shown()]).toEqual(before)
    remount('rw')
    await deleteTopology('st', options)
    expect(linkNames()).toEqual(['lo'])
  })
})

it('user.max_net_namespaces, reached in the middle of a change, brings back what was there', async () => {
  const source = `
    const { applyTopology, createTopology, planTopology, star } = await import(${library('topology')})
    await createTopology(star(2))
    print(await applyTopology(star(9)).catch(({ code, path, left }) => ({ code, path, left })))
    print(fs.readdirSync('/run/netns').sort())
    print((await planTopology(star(2))).explain())`
  const limit = [
    'sh',
    '-c',
    'mount -t tmpfs tmpfs /run; echo 6 >/proc/sys/user/max_net_namespaces && exec "$@"',
    'sh',
  ]
  const [failed, names, plan] = await lines(program(source, { wrapper: ['unshare', '-Urnm', ...limit] }))
  expect(failed).toMatchObject({
    code: 'ENOSPC',
    path: expect.stringMatching(/^namespaces\.star-[4-9]$/),
    left: [],
  })
  expect(names).toEqual(['star-1', 'star-2'])
  expect(plan).toEqual([])
})
