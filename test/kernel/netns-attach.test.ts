/** A name for a namespace that has none. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FACES, ip } from './support.js'

describe.each(FACES)('attachNetns, $face', ({ nl, face }) => {
  const name = `attached-${face}-${process.pid}`
  const path = `/run/netns/${name}`

  it('names the namespace of a process, which outlives it by that', async () => {
    const child = spawn('unshare', ['-n', 'sh', '-c', 'ip link set lo up; echo ready; read line'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await nl.attachNetns(name, { pid: child.pid! })
    try {
      expect(ip(`netns identify ${child.pid}`).trim()).toBe(name)
      expect(await nl.identifyNetns(child.pid!)).toBe(name)
      child.stdin.end('\n')
      await once(child, 'exit')
      expect((await nl.getLink('lo', { netns: name })).up).toBe(true)
    } finally {
      await nl.deleteNetns(name)
    }
    expect(existsSync(path)).toBe(false)
  })

  it('names one that was made without a name, and of which the handle stays what it is', async () => {
    const lab = await nl.createNetns()
    try {
      await nl.attachNetns(name, lab)
      expect(lab.name).toBeNull()
      await lab.addAddress('lo', '10.0.0.1/32')
    } finally {
      lab.close()
    }
    expect(ip('-br address show lo', name)).toContain('10.0.0.1/32')
    await nl.deleteNetns(name)
  })

  it('takes no name that is taken, and leaves none behind where it fails', async () => {
    await using taken = await nl.createNetns(name)
    const refused = async () => nl.attachNetns(name, taken)
    await expect(refused()).rejects.toMatchObject({ code: 'EEXIST', subject: `namespace '${name}'` })
    await taken.delete()
    await expect(async () => nl.attachNetns(name, { pid: 2 ** 22 })).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(async () => nl.attachNetns('a/b', { pid: process.pid })).rejects.toThrow(
      "name: 'a/b' is not",
    )
    await expect(async () => nl.attachNetns(name, undefined as never)).rejects.toThrow('netns:')
    expect(existsSync(path)).toBe(false)
  })
})
