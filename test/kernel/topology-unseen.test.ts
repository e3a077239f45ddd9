/** Namespaces of a topology whose mounts this mount namespace does not see: another one has them, or they were taken off their files. */

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  planTopology,
  recoverTopologies,
  type Topology,
} from '../../src/topology.js'
import { execFileSync, spawnSync } from './programs.js'
import { cleanAll, linkNames, TOPOLOGY_FACES } from './topology-support.js'

const RED = '/run/netns/red'
const LAB: Topology = {
  name: 'lab',
  namespaces: { red: { links: { eth0: { addresses: ['10.0.0.2/24'] } } } },
  bridges: { br0: { addresses: ['10.0.0.1/24'], ports: ['red:eth0'] } },
}

const OWN_MOUNTS = readlinkSync('/proc/self/ns/mnt')
const others: number[] = []

/** A process in a mount namespace of its own, with a copy of what is mounted now. */
async function otherMounts(): Promise<number> {
  const command = 'unshare -m --propagation private sleep 300 >/dev/null 2>&1 & echo $!'
  const pid = Number(execFileSync('sh', ['-c', command]))
  others.push(pid)
  await expect
    .poll(() => [
      readlinkSync(`/proc/${pid}/ns/mnt`) !== OWN_MOUNTS,
      readFileSync(`/proc/${pid}/comm`, 'utf8'),
    ])
    .toEqual([true, 'sleep\n'])
  return pid
}

const inside = (pid: number, ...command: string[]) =>
  execFileSync('nsenter', ['-t', String(pid), '-m', ...command])

/** The topology, whose namespace another mount namespace sees alone. */
async function seenElsewhere(): Promise<number> {
  await createTopology(LAB)
  const pid = await otherMounts()
  execFileSync('umount', [RED])
  expect(inside(pid, 'ip', '-n', 'red', '-br', 'link')).toContain('eth0')
  return pid
}

beforeEach(cleanAll)
afterEach(() => {
  for (const pid of others.splice(0)) process.kill(pid)
  // Mounted over /run/netns.
  while (spawnSync('sh', ['-c', 'test -e /run/netns/.over && umount /run/netns']).status === 0);
  for (const name of readdirSync('/run/netns')) execFileSync('ip', ['netns', 'delete', name])
  cleanAll()
})

/** Hides the directory with the names below another one. */
function hideNames(): void {
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run/netns'])
  execFileSync('touch', ['/run/netns/.over'])
}

describe.each(TOPOLOGY_FACES)('$face:', ({ topology: { deleteTopology, recoverTopologies } }) => {
  it('one that another mount namespace has alone is deleted there, too', async () => {
    const pid = await seenElsewhere()
    await deleteTopology('lab')
    expect(inside(pid, 'ls', '/run/netns')).toBe('')
    expect([readdirSync('/run/netns'), readdirSync('/run/netlink-ts')]).toEqual([[], []])
    await expect.poll(() => linkNames()).toEqual(['lo'])
  })

  it('where its file cannot be reached, it is told who sees it, until it is gone', async () => {
    await createTopology(LAB)
    const pid = await otherMounts()
    hideNames()
    const command = `nsenter -t ${pid} -m ip netns delete red`
    const left = [`${command} (it is not seen in this mount namespace)`]
    await expect(async () => deleteTopology(LAB)).rejects.toMatchObject({ left })
    expect(await recoverTopologies()).toEqual([{ name: 'lab', left }])
    expect(inside(pid, 'ip', 'netns')).toContain('red')
    execFileSync('sh', ['-c', command])
    expect(await recoverTopologies()).toEqual([{ name: 'lab', left: [] }])
    expect(await recoverTopologies()).toEqual([])
  })

  it('the file of one that was unmounted is taken away, and the topology can be made again', async () => {
    await createTopology(LAB)
    execFileSync('umount', [RED])
    await deleteTopology('lab')
    expect(existsSync(RED)).toBe(false)
    await createTopology(LAB)
    expect((await planTopology(LAB)).explain()).toEqual([])
    await deleteTopology('lab')
  })
})

it('a file on which another mount namespace has somebody else’s stays', async () => {
  await createTopology(LAB)
  const pid = await otherMounts()
  execFileSync('ip', ['netns', 'delete', 'red'])
  inside(pid, 'ip', 'netns', 'add', 'red')
  expect([existsSync(RED), spawnSync('ip', ['-n', 'red', 'link']).status === 0]).toEqual([true, false])
  await deleteTopology(LAB)
  expect(inside(pid, 'ip', '-n', 'red', '-br', 'link')).toContain('lo')
  await expect(createTopology(LAB)).rejects.toMatchObject({ code: 'EEXIST', path: 'namespaces.red' })
})

it('a file of that name in another directory is no reason to leave one', async () => {
  await createTopology(LAB)
  const pid = await otherMounts()
  inside(pid, 'mount', '-t', 'tmpfs', 'tmpfs', '/run/netns')
  inside(pid, 'ip', 'netns', 'add', 'red')
  execFileSync('umount', [RED])
  await deleteTopology(LAB)
  expect(existsSync(RED)).toBe(false)
  expect(inside(pid, 'ip', '-n', 'red', '-br', 'link')).toContain('lo')
})

describe('a change', () => {
  it('makes a namespace that was unmounted anew in the place of its file', async () => {
    await createTopology(LAB)
    execFileSync('umount', [RED])
    await expect.poll(() => linkNames()).toEqual(['lo', 'br0'])
    expect((await planTopology(LAB)).explain().slice(0, 2)).toEqual([
      'ip netns delete red',
      'ip netns add red',
    ])
    await applyTopology(LAB)
    expect((await planTopology(LAB)).explain()).toEqual([])
    expect(linkNames('red')).toContain('eth0')
    await deleteTopology('lab')
    expect([readdirSync('/run/netns'), linkNames()]).toEqual([[], ['lo']])
  })

  it('without the namespace takes its file away', async () => {
    await createTopology({ ...LAB, namespaces: { ...LAB.namespaces, blue: {} } })
    execFileSync('umount', ['/run/netns/blue'])
    expect((await applyTopology(LAB)).explain()).toEqual(['ip netns delete blue'])
    expect(readdirSync('/run/netns')).toEqual(['red'])
  })

  it('that fails after it has taken the file away makes the namespace anew', async () => {
    await createTopology(LAB)
    execFileSync('umount', [RED])
    await expect.poll(() => linkNames()).toEqual(['lo', 'br0'])
    const failing: Topology = {
      ...LAB,
      namespaces: { ...LAB.namespaces, zz: { links: { v: { kind: 'macvlan', link: ':nowhere' } } } },
    }
    await expect(applyTopology(failing)).rejects.toMatchObject({ path: 'namespaces.zz.links.v', left: [] })
    expect((await planTopology(LAB)).explain()).toEqual([])
  })

  it('is refused where it does not see what there is', async () => {
    const pid = await seenElsewhere()
    const refused = { code: 'ENOENT', path: 'namespaces.red', message: expect.stringContaining(`${pid}`) }
    await expect(planTopology(LAB)).rejects.toMatchObject(refused)
    await expect(applyTopology(LAB)).rejects.toMatchObject(refused)
    expect(inside(pid, 'ip', '-n', 'red', '-br', 'link')).toContain('eth0')
    expect(await recoverTopologies()).toEqual([])
  })
})
