/** Transactions of nf_tables against a scripted kernel: commits in between, lost answers, what is sent and what is not. */

import { describe, expect, it } from 'vitest'
import { NLM_F_ACK } from '../../src/netlink/constants.js'
import {
  batchBegin,
  delElements,
  getChain,
  getGen,
  newElements,
  newRule,
  newSet,
  newTable,
} from '../../src/nftables/messages.js'
import * as promises from '../../src/nftables.js'
import type * as sync from '../../src/nftables-sync.js'
import { type Answer, type FakeKernel, failure, fakeKernel, reply, success } from '../../src/testing/index.js'
import { FACES, kernelOf } from './nft-support.js'

const TABLE = { family: 'inet', name: 't' } as const
const C = { family: 'netdev', table: 't', name: 'c' } as const

describe.each(FACES)('a transaction, $face', ({ nft }) => {
  it('is one send with the generation in front, and an acknowledgement of its last change alone', async () => {
    const netns = kernelOf([7], () => undefined)
    const result = await nft.transaction(
      (tx) => {
        tx.addTable(TABLE)
        tx.addChain({ family: 'inet', table: 't', name: 'c' })
      },
      { netns },
    )
    expect(result).toEqual({ generation: 8, handles: [null, null] })
    const [asked, begin, ...rest] = netns.requests
    expect(asked!.type).toBe(getGen.number)
    expect(begin!.decode(batchBegin)).toMatchObject({ header: { resId: 10 }, attributes: { genid: 7 } })
    expect(new Set([begin!, ...rest].map(({ send }) => send)).size).toBe(1)
    expect([begin!, ...rest].map(({ flags }) => flags & NLM_F_ACK)).toEqual([0, 0, NLM_F_ACK, 0])
  })

  it('takes no call that would be lost: from a function that returns a promise, or after it has left', async () => {
    const netns = kernelOf([7], () => undefined)
    let kept: { addTable(table: typeof TABLE): void } | undefined
    const late = async () => {
      await nft.transaction(
        (tx) => {
          kept = tx
          tx.addTable(TABLE)
        },
        { netns },
      )
      kept!.addTable(TABLE)
    }
    await expect(late).rejects.toThrow('transaction: addTable() comes after the transaction has left')
    const sent = netns.requests.length
    const promised = async () => nft.transaction((async () => {}) as never, { netns })
    await expect(promised).rejects.toThrow('must make its calls at once; it returned a promise')
    expect(netns.requests).toHaveLength(sent)
  })

  it('is read by the names of its messages, in a kernel that has nothing to say', async () => {
    const netns = fakeKernel(({ name, body }) =>
      name === 'NFT_MSG_NEWCHAIN' && body?.attributes['name'] === 'no' ? failure('EOPNOTSUPP') : undefined,
    )
    const add = (name: string) =>
      nft.transaction(
        (tx) => {
          tx.addTable(TABLE)
          tx.addChain({ family: 'inet', table: 't', name })
        },
        { netns },
      )
    expect(await add('yes')).toEqual({ generation: 2, handles: [null, null] })
    expect(netns.requests.map(({ name }) => name)).toEqual([
      ...[
        'NFT_MSG_GETGEN',
        'NFNL_MSG_BATCH_BEGIN',
        'NFT_MSG_NEWTABLE',
        'NFT_MSG_NEWCHAIN',
        'NFNL_MSG_BATCH_END',
      ],
    ])
    await expect(async () => add('no')).rejects.toMatchObject({
      code: 'EOPNOTSUPP',
      operation: 'NFT_MSG_NEWCHAIN',
    })
    expect(await nft.listRules({ netns })).toEqual([])
    expect(netns.requests.at(-1)).toMatchObject({ name: 'NFT_MSG_GETRULE', isGet: true, isDump: true })
  })

  it('asks once for each set that its rules look up and it does not make, and sends them where there is none', async () => {
    const netns = fakeKernel(({ name, body }) => {
      if (name !== 'NFT_MSG_GETSET') return undefined
      const attributes = { table: 't', name: 'ports', keyType: 13, keyLen: 2, flags: [] }
      const isThere = body?.attributes['name'] === 'ports'
      return isThere ? reply(newSet, { header: { family: 1 }, attributes }) : failure('ENOENT')
    })
    const { ip, rule, set, tcp } = nft
    const inC = { family: 'inet', table: 't', chain: 'c' } as const
    await nft.transaction(
      (tx) => {
        tx.addSet({ family: 'inet', table: 't', name: 'made', type: 'ipv4_addr' })
        for (let i = 0; i < 3; i++) {
          tx.addRule({ ...inC, rule: rule(ip.saddr(set('made')), tcp.dport(set('ports'))) })
          tx.addRule({ ...inC, rule: rule(ip.saddr(set('none'))) })
        }
      },
      { netns },
    )
    const count = (wanted: string) => netns.requests.filter(({ name }) => name === wanted).length
    expect([count('NFT_MSG_GETSET'), count('NFT_MSG_NEWRULE')]).toEqual([2, 6])
    const asked = netns.requests.filter(({ name }) => name === 'NFT_MSG_GETSET')
    expect(new Set(asked.map(({ send }) => send)).size).toBe(1)
    await expect(async () =>
      nft.transaction((tx) => tx.addRule({ ...inC, rule: rule(ip.saddr(set('ports'))) }), { netns }),
    ).rejects.toThrow("ip saddr: it is of type ipv4_addr, and set 'ports' has keys of type inet_service")
    const absent = async () =>
      nft.transaction(
        (tx) => {
          tx.addRule({ ...inC, rule: rule(tcp.dport(set('none'))) })
          tx.addElements({ family: 'inet', table: 't', set: 'none', elements: [80] })
        },
        { netns },
      )
    await expect(absent).rejects.toMatchObject({ code: 'ENOENT', subject: "set 'none' of table 't'" })
    expect(count('NFNL_MSG_BATCH_BEGIN')).toBe(1)
  })

  it('asks again for the sets that its rules look up when another program has committed meanwhile', async () => {
    const types = [
      { keyType: 13, keyLen: 2 },
      { keyType: 7, keyLen: 4 },
    ]
    const netns = fakeKernel(({ name }) => {
      if (name === 'NFNL_MSG_BATCH_BEGIN') return failure('ERESTART')
      if (name !== 'NFT_MSG_GETSET') return undefined
      const attributes = { table: 't', name: 'ports', flags: [], ...types.shift()! }
      return reply(newSet, { header: { family: 1 }, attributes })
    })
    const { rule, set, tcp } = nft
    const body = rule(tcp.dport(set('ports')))
    await expect(async () =>
      nft.transaction((tx) => tx.addRule({ family: 'inet', table: 't', chain: 'c', rule: body }), { netns }),
    ).rejects.toThrow("tcp dport: it is of type inet_service, and set 'ports' has keys of type ipv4_addr")
    const sent = netns.requests.map(({ name }) => name).filter((name) => /GETSET|BEGIN/.test(name ?? ''))
    expect(sent).toEqual(['NFT_MSG_GETSET', 'NFNL_MSG_BATCH_BEGIN', 'NFT_MSG_GETSET'])
  })

  it('asks for the state behind it only where its calls may have changed nothing', async () => {
    const asked = async (record: (tx: promises.Transaction & sync.Transaction) => void) => {
      const netns = kernelOf([7, 7], () => undefined)
      const { generation } = await nft.transaction(record, { netns })
      return [generation, netns.requests.filter(({ type }) => type === getGen.number).length]
    }
    expect(await asked((tx) => tx.addTable(TABLE))).toEqual([7, 2])
    expect(await asked((tx) => tx.flushTable(TABLE))).toEqual([7, 2])
    expect(await asked((tx) => tx.createTable(TABLE))).toEqual([8, 1])
    expect(await asked((tx) => tx.deleteTable(TABLE))).toEqual([8, 1])
    expect(await asked((tx) => [tx.addTable(TABLE), tx.addChain(C)])).toEqual([8, 1])
  })

  it('is sent again when another program has committed meanwhile', async () => {
    let refusals = 2
    const netns = kernelOf([7, 8, 9, 10], ({ type }) =>
      type === batchBegin.number && refusals-- > 0 ? failure('ERESTART') : undefined,
    )
    const result = await nft.transaction((tx) => tx.addTable(TABLE), { netns })
    expect(result.generation).toBe(10)
    const sent = netns.requests.filter(({ type }) => type === batchBegin.number)
    expect(sent.map((it) => it.decode(batchBegin).attributes.genid)).toEqual([7, 8, 9])
  })

  it('gives up after a hundred commits of others, and at once where its generation was given', async () => {
    const netns = kernelOf([7], ({ type }) => (type === batchBegin.number ? failure('ERESTART') : undefined))
    const begun = () => netns.requests.filter(({ type }) => type === batchBegin.number).length
    await expect(async () => nft.transaction((tx) => tx.addTable(TABLE), { netns })).rejects.toMatchObject({
      code: 'ERESTART',
    })
    expect(begun()).toBe(100)
    await expect(async () =>
      nft.transaction((tx) => tx.addTable(TABLE), { netns, generation: 3 }),
    ).rejects.toMatchObject({ code: 'ERESTART' })
    expect(begun()).toBe(101)
    expect(netns.requests.at(-3)!.decode(batchBegin).attributes.genid).toBe(3)
  })

  it('names the call that was refused, also where later ones were refused because of it', async () => {
    const netns = kernelOf([7], ({ type }) =>
      type === newTable.number ? failure('EPERM') : type === newRule.number ? failure('ENOENT') : undefined,
    )
    await expect(async () =>
      nft.transaction(
        (tx) => {
          tx.addChain({ family: 'ip', table: 'other', name: 'c' })
          tx.addTable(TABLE)
          tx.addRule({ family: 'inet', table: 't', chain: 'c', expressions: [] })
        },
        { netns },
      ),
    ).rejects.toMatchObject({
      code: 'EPERM',
      operation: 'NFT_MSG_NEWTABLE',
      subject: "table inet 't' (call 2 of 3 of the transaction)",
    })
  })

  it('that told of a handle is no error where the rest of the answers was lost', async () => {
    const told = reply(newTable, { header: { family: 1 }, attributes: { handle: 3 } })
    const netns = kernelOf([7, 9], ({ type, flags }) => {
      if (type !== newTable.number) return undefined
      return flags & NLM_F_ACK ? { error: 'ENOBUFS' } : told
    })
    const record = (tx: sync.Transaction) => {
      tx.addTable(TABLE)
      tx.addTable({ ...TABLE, name: 'u' })
    }
    expect(await nft.transaction(record, { netns, echo: true })).toEqual({
      generation: 8,
      handles: [3, null],
    })
  })

  it('of which nothing is known where all answers were lost and the ruleset has changed says so', async () => {
    const netns = kernelOf([7, 8], ({ type }) =>
      type === newTable.number ? { error: 'ENOBUFS' } : undefined,
    )
    await expect(async () => nft.transaction((tx) => tx.addTable(TABLE), { netns })).rejects.toMatchObject({
      code: 'ENOBUFS',
      advice: expect.stringContaining('whether by this transaction or by another program is unknown'),
    })
  })

  /** The last message of what masquerade() and allowForwarding() make, and of its withdrawal. */
  const LAST = [newRule.number, newElements.number, delElements.number]

  it('of a verb is sent again where its answers were lost', async () => {
    let lost = 0
    const netns = kernelOf([7], ({ type, flags }) => {
      if (type === getChain.number) return failure('ENOENT')
      const isLast = flags & NLM_F_ACK && LAST.includes(type)
      return isLast && lost++ % 2 === 0 ? { error: 'ENOBUFS' } : undefined
    })
    const batches = () => netns.requests.filter(({ type }) => type === batchBegin.number)
    await nft.masquerade({ source: '10.0.0.0/8', netns })
    expect(batches()).toHaveLength(2)
    const made = await nft.allowForwarding({ from: 'br0', netns })
    expect(batches()).toHaveLength(4)
    await made.withdraw()
    expect(batches()).toHaveLength(6)
  })

  it('that the kernel did not take is an error where the answers were lost', async () => {
    const netns = kernelOf([7, 7], ({ type }) =>
      type === newTable.number ? { error: 'ENOBUFS' } : undefined,
    )
    await expect(async () => nft.transaction((tx) => tx.addTable(TABLE), { netns })).rejects.toMatchObject({
      code: 'ENOBUFS',
      advice: expect.stringContaining('nothing was changed'),
    })
  })

  it('keeps the first error where the answers behind it were lost', async () => {
    const netns = kernelOf([7], ({ type, flags }) => {
      if (type !== newTable.number) return undefined
      return flags & NLM_F_ACK ? { error: 'ENOBUFS' } : failure('EEXIST')
    })
    await expect(async () =>
      nft.transaction(
        (tx) => {
          tx.createTable(TABLE)
          tx.createTable({ ...TABLE, name: 'u' })
        },
        { netns },
      ),
    ).rejects.toMatchObject({ code: 'EEXIST', subject: "table inet 't' (call 1 of 2 of the transaction)" })
  })

  it('says of devices by the beginning of their names what is missing, also where they are taken out', async () => {
    const netns = kernelOf([7], ({ type }) => (type === batchBegin.number ? undefined : failure('EINVAL')))
    const advice = 'devices by the beginning of their names need Linux 6.16'
    const devices = ['eth*']
    const take = [
      async () => nft.transaction((tx) => tx.deleteChain({ ...C, devices }), { netns }),
      async () => nft.transaction((tx) => tx.deleteFlowtable({ ...C, devices }), { netns }),
    ]
    for (const call of take) await expect(call).rejects.toMatchObject({ code: 'EINVAL', advice })
  })

  it('sends nothing where a call has bad input, or none was made', async () => {
    const netns = kernelOf([7], () => undefined)
    await expect(async () =>
      nft.transaction(
        (tx) => {
          tx.addTable(TABLE)
          tx.addTable({ family: 'inet', name: '' })
        },
        { netns },
      ),
    ).rejects.toThrow('name: it cannot be empty')
    await expect(async () =>
      nft.transaction(
        (tx) => {
          tx.addTable(TABLE)
          tx.addRule({
            family: 'inet',
            table: 't',
            chain: 'c',
            expressions: [{ name: 'queue', data: { num: 70000 } }],
          })
        },
        { netns },
      ),
    ).rejects.toThrow('NFT_MSG_NEWRULE: expressions.elem[0].data.num: 70000 is not')
    expect(await nft.transaction(() => {}, { netns })).toEqual({ generation: 7, handles: [] })
    expect(netns.requests.filter(({ type }) => type !== getGen.number)).toEqual([])
  })

  it('tells the handles of what it made, where they are asked for', async () => {
    const netns = kernelOf([7], ({ type, flags }) =>
      type === newRule.number
        ? [
            reply(newRule, { header: { family: 1 }, attributes: { handle: 5 } }),
            ...(flags & NLM_F_ACK ? [success()] : []),
          ]
        : undefined,
    )
    const record = (tx: sync.Transaction) => {
      tx.addTable(TABLE)
      tx.addRule({ family: 'inet', table: 't', chain: 'c', expressions: [] })
    }
    expect((await nft.transaction(record, { netns, echo: true })).handles).toEqual([null, 5])
  })
})

it('of which answers were lost is settled though another call could not be sent meanwhile', async () => {
  let other: Promise<unknown> | undefined
  const netns: FakeKernel = kernelOf([7], ({ type }): Answer | undefined => {
    if (type !== newTable.number) return undefined
    netns.failSend('EMSGSIZE')
    other = promises.getGeneration({ netns }).catch((error: unknown) => error)
    return [{ error: 'ENOBUFS' }, reply(newTable, { header: { family: 1 }, attributes: { handle: 3 } })]
  })
  const made = await promises.transaction((tx) => tx.addTable(TABLE), { netns, echo: true })
  expect(made).toEqual({ generation: 8, handles: [3] })
  expect(await other).toMatchObject({ code: 'EMSGSIZE' })
})
