/** Verbs that have made new things several times in a row ask no questions, and do what they do otherwise. */

import { describe, expect, it } from 'vitest'
import { allowForwarding, masquerade, publishPort } from '../../src/nat/operations.js'
import type { Effect, Operation } from '../../src/netlink/operation.js'
import { runAsync } from '../../src/socket/async-driver.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { type Netns, openNetns } from '../../src/sync.js'
import { needNftables } from './needs.js'
import { nftIn } from './nft-support.js'
import { withNetns } from './support.js'
import { watched } from './watched.js'

needNftables()

/** After so many new ones in a row. */
const ROW = 8

describe.each<[string, <T>(operation: Operation<T>) => Promise<T>]>([
  ['sync', async (operation) => runSync(operation)],
  ['promises', (operation) => runAsync(operation)],
])('%s', (_, run) => {
  /** The messages that a call sends, but for those about routes; those of a transaction as one. */
  async function sends(operation: Operation<unknown>): Promise<string[]> {
    const names: string[] = []
    const look = (effect: Effect) => {
      if (effect.kind === 'exchange') names.push(...effect.requests.map(({ message }) => message.name))
      return undefined
    }
    await run(watched(operation, look))
    return names.filter((name) => !name.startsWith('RTM_'))
  }

  const QUIET = ['NFNL_MSG_BATCH_BEGIN', 'IPCTNL_MSG_CT_GET_STATS']
  /** A network with its questions. */
  const ASKED = ['NFT_MSG_GETGEN', 'NFT_MSG_GETCHAIN', 'NFNL_MSG_BATCH_BEGIN']

  /** In a namespace with so many ports published, from 8001 on, and a network for each. */
  const within = (work: (at: { port: Call; network: Call; name: string; netns: Netns }) => Promise<void>) =>
    withNetns(async (name) => {
      using netns = openNetns(name)
      const to = (i: number) => `192.168.15.${i}`
      const port: Call = (i, more) =>
        publishPort({ hostPort: 8000 + i, to: `${to(i)}:80`, dev: 'lo', netns, ...more })
      const network: Call = (i) => masquerade({ source: to(i), netns })
      for (let i = 1; i <= ROW; i++) {
        expect(await sends(port(i))).toContain('NFT_MSG_GETGEN')
        expect(await sends(network(i))).toContain('NFT_MSG_GETGEN')
      }
      await work({ port, network, name, netns })
    })
  type Call = (i: number, more?: { name: string }) => Operation<unknown>

  const listed = (name: string, what: string) => nftIn(name, `list ${what}`)
  const portsIn = (name: string) => listed(name, 'map inet netlink-ts ports4').match(/tcp \. 80\d\d/g) ?? []

  it('one transaction makes what is new', () =>
    within(async ({ port, network, name }) => {
      expect(await sends(port(9))).toEqual(QUIET)
      expect(await sends(network(9))).toEqual(QUIET.slice(0, 1))
      expect(await sends(port(10))).toEqual(QUIET)
      expect(portsIn(name)).toHaveLength(10)
      expect(listed(name, 'map inet netlink-ts ports4')).toContain('192.168.15.10 . 80')
      expect(listed(name, 'set inet netlink-ts hairpin4')).toContain('"lo" . 192.168.15.10 . tcp . 80')
      expect(listed(name, 'chain inet netlink-ts masquerade-192.168.15.9')).toContain('masquerade')
    }))

  it('what is there stays as it is, and is asked for from then on', () =>
    within(async ({ port, network, name }) => {
      const before = nftIn(name, 'list ruleset', ['-a'])
      await run(port(1))
      await run(network(1))
      expect(nftIn(name, 'list ruleset', ['-a'])).toBe(before)
      expect(await sends(port(1))).not.toContain('NFNL_MSG_BATCH_BEGIN')
      // One more than the row that was enough before the refusal.
      for (let i = 9; i <= 9 + ROW; i++) expect(await sends(port(i))).toContain('NFT_MSG_GETGEN')
      expect(portsIn(name)).toHaveLength(2 * ROW + 1)
    }))

  it('after a change of another program the row begins anew', () =>
    within(async ({ network, name, netns }) => {
      nftIn(name, 'add table inet other')
      expect(await sends(network(9))).toEqual(['NFNL_MSG_BATCH_BEGIN', ...ASKED])
      for (let i = 10; i < 9 + ROW; i++) expect(await sends(network(i))).toEqual(ASKED)
      expect(await sends(network(9 + ROW))).toEqual(QUIET.slice(0, 1))
      // Of elements that may be there already nobody knows whether they raise the generation.
      await run(allowForwarding({ from: 'a', to: 'b', netns }))
      expect(await sends(network(10 + ROW))).toEqual(ASKED)
      expect(await sends(network(11 + ROW))).toEqual(QUIET.slice(0, 1))
    }))

  it('a table that was put to sleep is woken, or refuses a chain', () =>
    within(async ({ port, network, name }) => {
      const sleep = () => nftIn(name, 'add table inet netlink-ts { flags dormant; }')
      const flags = () => listed(name, 'table inet netlink-ts').match(/flags \w+/)
      sleep()
      expect(flags()).not.toBeNull()
      await run(port(9))
      expect(flags()).toBeNull()
      sleep()
      await expect(run(network(9))).rejects.toMatchObject({ code: 'EINVAL' })
      await run(port(10))
      await run(network(9))
      expect(flags()).toBeNull()
    }))

  it('a port of another name is refused', () =>
    within(async ({ port }) => {
      await expect(run(port(1, { name: 'other' }))).rejects.toMatchObject({
        code: 'EEXIST',
        advice: expect.stringContaining("it is published as 'tcp/8001'"),
      })
    }))

  it('what another program did meanwhile is seen', () =>
    within(async ({ port, network, name }) => {
      nftIn(name, 'add table inet other')
      expect(await sends(port(9))).toContain('NFT_MSG_GETGEN')
      nftIn(name, 'delete table inet netlink-ts')
      await run(network(9))
      nftIn(name, 'delete table inet netlink-ts')
      await run(port(9))
      expect(portsIn(name)).toEqual(['tcp . 8009'])
      expect(listed(name, 'chain inet netlink-ts publish')).toContain('@ports4')
    }))
})
