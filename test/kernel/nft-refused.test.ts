/** nfnetlink answers of a sendmsg that may not change anything the first message alone: requests that left together all hear of it. */

import { expect, it } from 'vitest'
import type { Transaction } from '../../src/nftables.js'
import { expectRefused, since } from './needs.js'
import { NFT_FACES } from './nft-support.js'
import { library, lines, program } from './program.js'
import { withNetns } from './support.js'

it('calls that leave in one sendmsg each say what may not be done', async () => {
  const source = `
    const nft = await import(${library('nftables')})
    const nftSync = await import(${library('nftables-sync')})
    const { listConntrack } = await import(${library('conntrack')})
    const calls = [nft.listTables(), nft.listChains(), listConntrack(), nft.publishPort({ hostPort: 80, to: '192.0.2.1:80', dev: 'lo' })]
    print(await Promise.all(calls.map((one) => caught(() => one))))
    print(await caught(() => nftSync.publishPort({ hostPort: 80, to: '192.0.2.1:80', dev: 'lo' })))`
  const wrapper = ['setpriv', '--bounding-set=-all', '--inh-caps=-all']
  const answers = await lines(program(source, { wrapper }))
  const refused = (name: string) => ({
    code: 'EPERM',
    message: expect.stringMatching(`^${name}: EPERM .*CAP_NET_ADMIN`),
  })
  expect(answers).toEqual([
    ['NFT_MSG_GETTABLE', 'NFT_MSG_GETCHAIN', 'IPCTNL_MSG_CT_GET', 'NFT_MSG_GETGEN'].map(refused),
    refused('NFT_MSG_GETGEN'),
  ])
})

it.each(NFT_FACES)('what an older kernel does not know is told ($face)', ({ nft }) =>
  withNetns(async (netns) => {
    const table = { family: 'bridge', name: 't' } as const
    const ofSet = { family: 'bridge', table: 't', set: 's' } as const
    const destroys: ((tx: Transaction) => void)[] = [
      (tx) => tx.destroyElements({ ...ofSet, elements: [{ key: '10.0.0.1' }] }),
      (tx) => tx.destroyTable(table),
    ]
    await nft.transaction(
      (tx) => {
        tx.addTable(table)
        tx.addSet({ family: 'bridge', table: 't', name: 's', type: 'ipv4_addr' })
      },
      { netns },
    )
    const refusal = { code: 'EINVAL', advice: 'before Linux 6.3 the kernel knows no destroy' }
    for (const destroy of destroys) {
      const call = async () => nft.transaction(destroy, { netns })
      if (since(6, 3)) await call()
      else await expectRefused(call, refusal)
    }
  }),
)
