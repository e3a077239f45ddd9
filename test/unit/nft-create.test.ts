/** create… sends what add… does, and that it must not be there. */

import { expect, it } from 'vitest'
import { NLM_F_EXCL } from '../../src/netlink/constants.js'
import type { Transaction } from '../../src/nftables/recorder.js'
import { sentByCalls } from './nft-sent.js'

const inT = { family: 'inet', table: 't' } as const
const FLOWTABLE = { ...inT, name: 'f', priority: 0, devices: ['eth0'] } as const
const KINDS: readonly [kind: string, add: (tx: Transaction) => void, create: (tx: Transaction) => void][] = [
  [
    'table',
    (tx) => tx.addTable({ family: 'inet', name: 't' }),
    (tx) => tx.createTable({ family: 'inet', name: 't' }),
  ],
  ['chain', (tx) => tx.addChain({ ...inT, name: 'c' }), (tx) => tx.createChain({ ...inT, name: 'c' })],
  [
    'set',
    (tx) => tx.addSet({ ...inT, name: 's', type: 'mark' }, [1]),
    (tx) => tx.createSet({ ...inT, name: 's', type: 'mark' }, [1]),
  ],
  [
    'counter',
    (tx) => tx.addObject({ ...inT, name: 'n', type: 'counter' }),
    (tx) => tx.createObject({ ...inT, name: 'n', type: 'counter' }),
  ],
  ['flowtable', (tx) => tx.addFlowtable(FLOWTABLE), (tx) => tx.createFlowtable(FLOWTABLE)],
]
/** Of struct nlmsghdr. */
const FLAGS = 6

it.each(KINDS)('a %s', (_, add, create) => {
  const withExcl = sentByCalls(add).map((message) => {
    const view = new DataView(message.buffer, message.byteOffset)
    view.setUint16(FLAGS, view.getUint16(FLAGS, true) | NLM_F_EXCL, true)
    return message
  })
  expect(sentByCalls(create)).toEqual(withExcl)
})
