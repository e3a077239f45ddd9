import { describe, expect, it } from 'vitest'
import { listLinks } from '../../src/sync.js'
import { PATIENCE } from './patience.js'
import { lines, program } from './program.js'

interface Measured {
  fds: number
  threads: number
  heap: number
  external: number
  rss: number
}

const MB = 1 << 20

describe.each(['nl', 'sync'])('a thousand containers made, attached and deleted (%s)', (face) => {
  it('leave descriptors, threads and memory as they were', { timeout: 120_000 * PATIENCE }, async () => {
    const source = `
      const cycle = async (i) => {
        const netns = await ${face}.createNetns('cycle' + i, { loopback: true })
        const [near] = await ${face}.createVethPair({ name: 'c' + i, up: true }, {
          name: 'eth0', netns, up: true, addresses: ['10.0.0.2/24'], routes: [{ to: 'default', via: '10.0.0.1' }],
        })
        if ((await netns.listLinks()).length !== 2 || near.name !== 'c' + i) throw new Error('not what was asked')
        await netns.delete()
      }
      const measure = async () => {
        for (let i = 0; i < 5; i++) {
          gc()
          await new Promise((resolve) => setImmediate(resolve))
        }
        const { heapUsed, external, rss } = process.memoryUsage()
        return { fds: openFds(), threads: fs.readdirSync('/proc/self/task').length, heap: heapUsed, external, rss }
      }
      for (let i = 0; i < 500; i++) await cycle(i)
      print(await measure())
      for (let i = 500; i < 1500; i++) await cycle(i)
      print(await measure())
      print(fs.readdirSync('/run/netns').filter((name) => name.startsWith('cycle')))`
    const [before, after, left] = (await lines(program(source, { nodeOptions: ['--expose-gc'] }))) as [
      Measured,
      Measured,
      string[],
    ]
    expect(after.fds).toBe(before.fds)
    expect(after.threads).toBe(before.threads)
    // A handle that was kept would be 4 kB of heap and 8 kB outside of it; compiled code is still growing meanwhile.
    expect(after.heap - before.heap).toBeLessThan(2 * MB)
    expect(after.external - before.external).toBeLessThan(0.1 * MB)
    // Garbage of one cycle is some 10 kB, and pages stay with the allocator: what is leaked shows above first.
    expect(after.rss - before.rss).toBeLessThan(32 * MB)
    expect(left).toEqual([])
    // The kernel ends namespaces behind our back, some time later where it is slow, and with each the near end that the other face makes again.
    const links = () => listLinks().map(({ name }) => name)
    await expect.poll(links, { timeout: 60_000 * PATIENCE, interval: 100 * PATIENCE }).toEqual(['lo'])
  })
})
