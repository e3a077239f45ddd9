/** The programs of README.md, run one after the other as they stand there, and the error that it shows. */

import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { addRoute } from '../../src/index.js'
import { blocks, promised, runCode } from './documents.js'
import { namesIn, printedLink } from './link-oracle.js'
import { PATIENCE } from './patience.js'
import { ip, ipJson, type Printed } from './support.js'

const [attach, use, byValue, ...more] = blocks('README.md') as [string, string, string]

/** Takes red's end up and down until `ended` is called: the program waits for such an event. */
function toggle(): { ended(): void } {
  let up = true
  const timer = setInterval(() => {
    up = !up
    ip(`link set veth-red ${up ? 'up' : 'down'}`, 'red')
  }, 50)
  return { ended: () => clearInterval(timer) }
}

// What other files left, if anything, is theirs.
const before = namesIn()

describe('README.md', () => {
  afterEach(async () => {
    for (const { name } of ipJson('netns list')) ip(`netns delete ${name}`)
    for (const { ifname } of ipJson('link show type bridge')) ip(`link delete ${ifname}`)
    await expect.poll(() => namesIn(), { timeout: 10_000 * PATIENCE }).toEqual(before)
  })

  it('has three programs', () =>
    expect([attach, use, byValue, more.length]).toEqual([...blocks('README.md'), 0]))

  it('attaches a namespace to a bridge, and pings', async () => {
    expect(await runCode(attach)).toContain('1 received')
    expect(addresses('v-net-0')).toEqual(['192.168.15.5/24'])
    expect(addresses('veth-red', 'red')).toEqual(['192.168.15.1/24'])
    expect(printedLink('veth-red-br')).toMatchObject({ master: 'v-net-0', linkinfo: { info_kind: 'veth' } })
    expect(ipJson('route show default', 'red')).toMatchObject([{ gateway: '192.168.15.5' }])
  })

  it('changes what is there, lists it and watches it', async () => {
    await runCode(attach)
    const { address } = printedLink('veth-red', 'red')
    let held: unknown
    let toggling: ReturnType<typeof toggle> | undefined
    try {
      const printed = await runCode(use, (stdout) => {
        if (toggling !== undefined || !stdout.includes('veth-red')) return
        // It watches from now on. What it has made goes when the interface is taken down.
        held = [ipJson('route show 192.168.1.0/24', 'red'), ipJson('neigh show 192.168.15.7', 'red')]
        toggling = toggle()
      })
      expect(printed).toBe(`lo 00:00:00:00:00:00 65536\nveth-red ${address} 9000\n`)
    } finally {
      toggling?.ended()
    }
    expect(held).toMatchObject([[{ gateway: '192.168.15.5' }], [{ lladdr: '02:00:00:00:00:07' }]])
    expect(addresses('veth-red', 'red')).toEqual(['192.168.15.1/24', '192.168.15.9/24'])
  })

  it('does it by value', async () => {
    expect(await runCode(byValue)).toBe(promised(byValue))
  })

  it('shows an error that is printed', async () => {
    const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const error: unknown = await addRoute({ to: '10.9.0.0/24', via: '10.0.0.1' }).catch((thrown) => thrown)
    expect([...text.matchAll(/`(RTM_.+?)`/g)].map(([, shown]) => shown)).toEqual([(error as Error).message])
  })
})

function addresses(dev: string, netns?: string): string[] {
  const printed = ipJson(`-4 addr show dev ${dev}`, netns)[0]!
  return (printed['addr_info'] as Printed[]).map((info) => `${info['local']}/${info['prefixlen']}`)
}
