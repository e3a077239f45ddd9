/** Two topologies that want the same name of masquerading or of a published port at the same time: one of them has it. */

import { readdirSync, symlinkSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { listNat } from '../../src/nftables.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { createTopology as creating, deleteTopology as deleting } from '../../src/topology/operations.js'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  type Topology,
  type TopologyNat,
} from '../../src/topology.js'
import { needNftables } from './needs.js'
import { execFileSync } from './programs.js'
import { hasTool } from './support.js'
import { cleanAll, GONE, HERE } from './topology-support.js'
import { watched } from './watched.js'

needNftables()

afterEach(() => {
  cleanAll()
  if (hasTool('nft')) execFileSync('nft', ['flush', 'ruleset'])
})

const of = (name: string, nat: TopologyNat): Topology => ({ name, namespaces: { [`in-${name}`]: {} }, nat })

const NAMES: [string, TopologyNat, TopologyNat, string][] = [
  [
    'masquerade',
    { masquerade: [{ name: 'm', source: '10.0.0.0/8' }] },
    { masquerade: [{ name: 'm', source: '11.0.0.0/8' }] },
    'nat.masquerade[0]',
  ],
  [
    'publishPort',
    { publish: [{ name: 'm', hostPort: 81, to: '10.0.0.2:80' }] },
    {
      publish: [
        { name: 'other', hostPort: 83, to: '10.0.0.2:80' },
        { name: 'm', hostPort: 82, to: '10.0.0.2:80' },
      ],
    },
    'nat.publish[1]',
  ],
]

it.each(NAMES)('%s(): the other call is refused, and leaves nothing', async (verb, first, second, path) => {
  for (const make of [createTopology, applyTopology]) {
    const [a, b] = await Promise.allSettled([make(of('a', first)), make(of('b', second))])
    expect(a.status).toBe('fulfilled')
    expect(b).toMatchObject({
      status: 'rejected',
      reason: {
        ...{ code: 'EBUSY', path, left: [] },
        message: expect.stringMatching(
          new RegExp(
            `^${make.name}: ${path.replace(/[[\].]/g, '\\$&')}: process or thread \\d+ is making, changing or deleting another topology with a ${verb}\\(\\) of the name 'm'$`,
          ),
        ),
      },
    })
    expect(readdirSync('/run/netlink-ts').join(' ')).toMatch(
      /^(a\.json a\.\w{6}\.names|a\.\w{6}\.names a\.json)$/,
    )
    expect(readdirSync('/run/netns')).toEqual(['in-a'])
    expect(await listNat()).toHaveLength(1)
    // Once it is there, that is what the error says.
    await expect(make(of('b', second))).rejects.toMatchObject({ code: 'EEXIST', path })
    await deleteTopology('a')
    expect(await listNat()).toEqual([])
    await make(of('b', second))
    await deleteTopology('b')
  }
})

it('names are taken in the same order, whatever that of the value: of two that want the same ones, one has them all', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const orders = [names, names.toReversed()].map((list, index) => {
    const masquerade = list.map((name) => ({ name, source: `10.${name.charCodeAt(0)}.0.0/16` }))
    const taken: string[] = []
    const doing = watched(creating(of(`t${index}`, { masquerade })), (effect) => {
      if (effect.kind !== 'primitive' || effect.name !== 'claimLink') return undefined
      const path = String(effect.args[0])
      if (path.includes('/.nat-')) taken.push(path)
      return undefined
    })
    runSync(doing)
    runSync(deleting(`t${index}`))
    return taken
  })
  expect(orders[0]).toHaveLength(names.length)
  expect(orders[1]).toEqual(orders[0])
})

it('of a process of another PID namespace it is told which file to remove', async () => {
  const [, value, , path] = NAMES[0]!
  let lock = ''
  const doing = watched(creating(of('a', value)), (effect) => {
    const link = effect.kind === 'primitive' && effect.name === 'claimLink' ? String(effect.args[0]) : ''
    if (link.includes('/.nat-')) lock = link
    return undefined
  })
  runSync(doing)
  await deleteTopology('a')
  expect(lock).toContain('/.nat-')
  symlinkSync(`7-1-1-${HERE[1]}`, lock)
  await expect(createTopology(of('b', value))).rejects.toMatchObject({
    ...{ code: 'EBUSY', path },
    message: expect.stringMatching(
      /process or thread 7 of another PID namespace \(pid:\[1\]\) is making, changing or deleting another topology with a masquerade\(\) of the name 'm', or was killed .* remove \S+\/\.nat-\w+\.lock$/,
    ),
  })
})

it('the names of a process that was killed are free', async () => {
  const [, first] = NAMES[0]!
  let lock = ''
  const path = '/run/netlink-ts'
  const doing = watched(creating(of('a', first)), () => {
    lock ||= readdirSync('/run').includes('netlink-ts')
      ? (readdirSync(path).find((file) => file.startsWith('.nat-')) ?? '')
      : ''
    return undefined
  })
  runSync(doing)
  expect(lock).toMatch(/^\.nat-.+\.lock$/)
  await deleteTopology('a')
  symlinkSync(GONE, `${path}/${lock}`)
  await createTopology(of('b', first))
  expect(readdirSync(path).join(' ')).toMatch(/^(b\.json b\.\w{6}\.names|b\.\w{6}\.names b\.json)$/)
})
