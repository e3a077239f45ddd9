/** What the verbs' handles take away, what a program finds of one that was killed, and what becomes of calls while somebody deletes the table. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn, rulesetIn } from './nft-support.js'
import { library, program } from './program.js'
import { spawnSync } from './programs.js'
import { hasTool, ip, withNetns } from './support.js'

needNftables()

type Nft = (typeof NFT_FACES)[number]['nft']

const VERBS = {
  masquerade: (nft: Nft, netns: string) =>
    nft.masquerade({ source: '192.168.15.0/24', outgoing: 'eth0', netns }),
  'masquerade of another network': (nft: Nft, netns: string) =>
    nft.masquerade({ source: '2001:db8:15::/64', except: '2001:db8::/32', netns }),
  'masquerade with more exceptions than a chain can keep': (nft: Nft, netns: string) => {
    const except = Array.from({ length: 40 }, (_, i) => `192.168.${100 + i}.0/24`)
    return nft.masquerade({ source: '192.168.99.0/24', except, netns })
  },
  publishPort: (nft: Nft, netns: string) => nft.publishPort({ hostPort: 8080, to: '192.168.15.2:80', netns }),
  'publishPort to the same target': (nft: Nft, netns: string) =>
    nft.publishPort({ hostPort: 8081, hostAddress: '192.0.2.1', to: '192.168.15.2:80', netns }),
  'publishPort of a range': (nft: Nft, netns: string) =>
    nft.publishPort({ protocol: 'udp', hostPort: '9000-9009', to: '[2001:db8:15::2]:9000-9009', netns }),
  isolate: (nft: Nft, netns: string) => nft.isolate('br0', { netns }),
  'isolate from one': (nft: Nft, netns: string) => nft.isolate('br1', { from: 'br2', netns }),
  allowForwarding: (nft: Nft, netns: string) => nft.allowForwarding({ from: 'br0', to: 'br1', netns }),
  blockPort: (nft: Nft, netns: string) => nft.blockPort({ port: 22, source: '192.0.2.0/24', netns }),
  'blockPort of the rest': (nft: Nft, netns: string) => nft.blockPort({ port: '22-23', netns }),
}

/** The ruleset line by line, in no order: what is made again comes behind the rest. */
const linesIn = (netns: string) => rulesetIn(netns).split('\n').sort()

async function makeAll(nft: Nft, netns: string) {
  const made = []
  for (const make of Object.values(VERBS)) made.push(await make(nft, netns))
  return made
}

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('handles of verbs ($face)', ({ nft }) => {
  it('take away exactly what was made, whichever other verbs there are', () =>
    withNetns(async (netns) => {
      const made = await makeAll(nft, netns)
      const all = linesIn(netns)
      for (const [i, [name, make]] of Object.entries(VERBS).entries()) {
        await made[i]!.withdraw()
        const without = linesIn(netns)
        expect([name, without]).not.toEqual([name, all])
        const again = await make(nft, netns)
        expect([name, linesIn(netns)]).toEqual([name, all])
        await again.withdraw()
        expect([name, linesIn(netns)]).toEqual([name, without])
        made[i] = await make(nft, netns)
      }
      for (const one of made) await one.withdraw()
      const empty = linesIn(netns)
      expect(empty.join('\n')).not.toMatch(/elements|192\.168|2001:db8|br0|eth0/)
      for (const one of await makeAll(nft, netns)) await one.withdraw()
      expect(linesIn(netns)).toEqual(empty)
    }))

  it('of the same verb with other options stand beside one another', () =>
    withNetns(async (netns) => {
      const made = [
        await nft.blockPort({ port: 22, source: '10.9.0.2', netns }),
        await nft.blockPort({ port: 22, address: '10.9.0.2', netns }),
        await nft.blockPort({ port: 22, incoming: '10.9.0.2', netns }),
        await nft.blockPort({ port: '22-23', netns }),
        await nft.blockPort({ port: 22, incoming: '23', netns }),
        await nft.masquerade({ source: '10.0.0.0/8', outgoing: ['a', 'b'], netns }),
        await nft.masquerade({ source: '10.0.0.0/8', outgoing: ['a-b'], netns }),
        await nft.isolate('br0', { netns }),
        await nft.isolate('br0', { from: 'br1', netns }),
        await nft.isolate('br0', { from: 'up0', netns }),
        await nft.isolate('br0-br1', { netns }),
      ]
      const names = (await nft.listNat({ netns })).map(({ verb, name }: { verb: string; name?: string }) => [
        verb,
        name,
      ])
      expect(names.sort()).toEqual(made.map(({ verb, name }) => [verb, name]).sort())
      for (const one of made) await one.withdraw()
      expect(await nft.listNat({ netns })).toEqual([])
    }))

  it('a name may have any number of ports, and a changed configuration withdraws those that it has not any more', () =>
    withNetns(async (netns) => {
      const web = { name: 'web', to: '192.168.15.2', netns } as const
      const ports = async () =>
        (await nft.listNat({ netns })).map((one) => 'hostPort' in one && [one.name, one.hostPort])
      await nft.publishPort({ ...web, hostPort: '8000-8010' })
      await nft.publishPort({ ...web, hostPort: 53 })
      await nft.publishPort({ ...web, hostPort: '8000-8002' })
      expect(await ports()).toEqual([
        ['web', 53],
        ['web', '8000-8010'],
      ])
      for (const made of await nft.listNat({ netns }))
        if (made.verb === 'publishPort' && made.name === 'web') await made.withdraw()
      await nft.publishPort({ ...web, hostPort: '8000-8002' })
      expect(await ports()).toEqual([['web', '8000-8002']])
    }))

  it('of a port at every address of a family are those of a port without an address', () =>
    withNetns(async (netns) => {
      for (const [hostAddress, to] of [
        ['0.0.0.0', '192.168.15.2:80'],
        ['::', '[2001:db8:15::2]:80'],
        ['::0.0.0.0', '[2001:db8:15::2]:80'],
      ] as const) {
        const plain = await nft.publishPort({ hostPort: 8080, to, netns })
        const lines = linesIn(netns)
        const every = await nft.publishPort({ hostPort: 8080, hostAddress, to, netns })
        expect(linesIn(netns)).toEqual(lines)
        expect({ ...every, withdraw: null }).toEqual({ ...plain, withdraw: null })
        await every.withdraw()
        expect(await nft.listNat({ netns })).toEqual([])
      }
    }))

  it('of a program that was killed are found by the next one, whose same calls change nothing', () =>
    withNetns(async (netns) => {
      const calls = Object.values(VERBS).map(
        (make) => `await (${make.toString()})(nft, ${JSON.stringify(netns)})`,
      )
      const source = `const nft = await import(${library('nftables')})\n${calls.join('\n')}\nprocess.kill(process.pid, 'SIGKILL')`
      const [command, ...args] = program(source) as [string, ...string[]]
      spawnSync(command, args)
      const before = nftIn(netns, 'list ruleset', ['-a'])
      await makeAll(nft, netns)
      expect(nftIn(netns, 'list ruleset', ['-a'])).toBe(before)
      const found = await nft.listNat({ netns })
      expect(found).toHaveLength(Object.keys(VERBS).length)
      for (const one of found) await one.withdraw()
      expect(rulesetIn(netns)).not.toMatch(/elements|192\.168|2001:db8|br0|eth0/)
    }))
})

describe.skipIf(!hasTool('nft')).each(NFT_FACES)(
  'calls while somebody deletes the table ($face)',
  ({ nft }) => {
    it('are no errors, and the next ones make it whole', () =>
      withNetns(async (netns) => {
        const script =
          'n=0; while [ $n -lt 30 ]; do nft delete table inet netlink-ts 2>/dev/null && echo x && n=$((n + 1)); done'
        const other = spawn('ip', ['netns', 'exec', netns, 'timeout', '20', 'sh', '-c', script], {
          stdio: ['ignore', 'pipe', 'ignore'],
        })
        let deleted = 0
        other.stdout!.on('data', (data: Buffer) => {
          deleted += data.length / 2
        })
        const ended = once(other, 'close')
        // The synchronous face lets nothing else run meanwhile: its process is asked for.
        do {
          await makeAll(nft, netns)
        } while (ip(`netns pids ${netns}`) !== '')
        await ended
        expect(deleted).toBeGreaterThan(0)
        await makeAll(nft, netns)
        const whole = linesIn(netns)
        nftIn(netns, 'flush ruleset')
        await makeAll(nft, netns)
        expect(linesIn(netns)).toEqual(whole)
      }))
  },
)
