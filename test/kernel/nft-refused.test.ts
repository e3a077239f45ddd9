/** nfnetlink answers of a sendmsg that may not change anything the first message alone: requests that left together all hear of it. */

import { expect, it } from 'vitest'
import { needNftables } from './needs.js'
import { library, lines, program } from './program.js'

needNftables()

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
