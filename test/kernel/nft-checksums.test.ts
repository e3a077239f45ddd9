/** Checksums of packets that rules write into, as those who get them see: they are right, and where there was none there is none. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { rule, transaction, udp } from '../../src/nftables.js'
import { FAMILIES, serve, withNetwork } from './nat-network.js'
import { needNftables } from './needs.js'
import { seconds } from './patience.js'
import { hasTool } from './support.js'

needNftables()

const [v4] = FAMILIES
const inT = { family: 'inet', table: 't' } as const

const ASK = `
import socket, sys
address, port, no_check, patience = sys.argv[1], *map(int, sys.argv[2:])
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
# SO_NO_CHECK
asking.setsockopt(socket.SOL_SOCKET, 11, no_check)
asking.settimeout(patience)
asking.sendto(b'who?', (address, port))
print(asking.recv(100).decode(), end='')
`

it.skipIf(!hasTool('python3')).each([
  ['with a checksum', 0],
  ['without a checksum, as VXLAN has it', 1],
])('a datagram %s arrives at the port that a rule writes', (_, noCheck) =>
  withNetwork(async ({ router, red, green }) => {
    using _ = await serve(red, 'red', 80)
    await transaction(
      (tx) => {
        tx.addTable({ family: 'inet', name: 't' })
        tx.addChain({ ...inT, name: 'c', type: 'filter', hook: 'prerouting', priority: 'raw' })
        tx.addRule({ ...inT, chain: 'c', rule: rule(udp.dport(81), udp.dport.set(80)) })
      },
      { netns: router },
    )
    const options = ['netns', 'exec', green, 'python3', '-c', ASK, v4.red, '81', `${noCheck}`, seconds(5)]
    const { stdout } = await promisify(execFile)('ip', options)
    expect(stdout).toBe(`red sees ${v4.green}`)
  }),
)
