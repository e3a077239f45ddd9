/** What nf_tables lists, and what may go wrong on the way. */

import { describe, expect, it } from 'vitest'
import { describe as described } from '../../src/nat/description.js'
import { getHooks } from '../../src/nftables/hook-attributes.js'
import {
  getChain,
  getElements,
  getElementsReset,
  getRule,
  getRuleReset,
  getSet,
  getTable,
  newChain,
  newElements,
  newRule,
  newSet,
  newTable,
} from '../../src/nftables/messages.js'
import { commentRecord, userdataOf } from '../../src/nftables/userdata.js'
import { streamElements } from '../../src/nftables.js'
import { type Answer, dump, failure, PAUSE, reply, success } from '../../src/testing/index.js'
import { FACES, kernelOf } from './nft-support.js'
import { thrown } from './support.js'

describe.each(FACES)('listRuleset, $face', ({ nft }) => {
  const tables = (generations: readonly number[]) =>
    kernelOf(generations, ({ type }) =>
      type === getTable.number
        ? dump(newTable, [{ header: { family: 1 }, attributes: { name: 't', handle: 1 } }])
        : undefined,
    )

  it('is read again where the ruleset changed while it was read', async () => {
    const netns = tables([1, 2, 3, 3])
    const ruleset = await nft.listRuleset({ netns })
    expect(ruleset).toMatchObject({ generation: 3, tables: [{ name: 't', chains: [], sets: [] }] })
    expect(netns.requests.filter(({ type }) => type === getTable.number)).toHaveLength(2)
  })

  /** A set that is told of, and whose elements are not there. */
  const withoutElements = (generations: readonly number[], sets: number) => {
    let left = sets
    const header = { family: 1 }
    return kernelOf(generations, ({ type }) => {
      if (type === getTable.number) return dump(newTable, [{ header, attributes: { name: 't', handle: 1 } }])
      if (type === getElements.number) return failure('ENOENT')
      if (type !== getSet.number) return undefined
      const attributes = { table: 't', name: 's', keyType: 13, keyLen: 2, flags: [] }
      return dump(newSet, left-- > 0 ? [{ header, attributes }] : [])
    })
  }

  it('is read again where a set was deleted before its elements were read', async () => {
    // In the same state, too: the tables of a socket that is closed go without a new generation.
    for (const generations of [[1, 2, 2], [1]])
      expect(await nft.listRuleset({ netns: withoutElements(generations, 1) })).toMatchObject({
        generation: generations.at(-1),
        tables: [{ name: 't', sets: [] }],
      })
  })

  it('tells that something is not there where nothing was changed, or gives up where it changes each time', async () => {
    const list = (generations: readonly number[]) => async () =>
      nft.listRuleset({ netns: withoutElements(generations, 999) })
    await expect(list([1])).rejects.toMatchObject({ code: 'ENOENT', operation: 'NFT_MSG_GETSETELEM' })
    const all = Array.from({ length: 240 }, (_, i) => i + 1)
    await expect(list(all)).rejects.toMatchObject({ code: 'EINTR', values: [] })
  })

  it('reads the elements of a set of a rule once, and again where another set has its name', async () => {
    const header = { family: 1 }
    const handles = [5, 5, 6]
    const netns = kernelOf([1, 2, 3, 4, 5, 5], ({ type }) => {
      if (type === getTable.number) return dump(newTable, [{ header, attributes: { name: 't', handle: 1 } }])
      if (type === getElements.number) return dump(newElements, [])
      if (type !== getSet.number) return undefined
      const set = { table: 't', keyType: 13, keyLen: 2 }
      const flags = ['anonymous', 'constant'] as const
      return dump(newSet, [
        { header, attributes: { ...set, name: '__set0', handle: handles.shift()!, flags } },
        { header, attributes: { ...set, name: 's', handle: 9, flags: [] } },
      ])
    })
    await nft.listRuleset({ netns })
    const asked = netns.requests.map(({ type }) => type)
    const sets = asked.map((type) => (type === getElements.number ? 'e' : type === getSet.number ? 's' : ''))
    expect(sets.join('')).toBe('seesesee')
  })

  it('is read again at once where a dump is interrupted', async () => {
    const header = { family: 1 }
    let interrupted = true
    const netns = kernelOf([1, 2, 2], ({ type }) => {
      if (type === getTable.number) return dump(newTable, [{ header, attributes: { name: 't', handle: 1 } }])
      if (type !== getRule.number) return undefined
      const rule = { header, attributes: { table: 't', chain: 'c', handle: 4 } }
      const answer = dump(newRule, [rule], { interrupted })
      interrupted = false
      return answer
    })
    expect(await nft.listRuleset({ netns })).toMatchObject({ generation: 2 })
    expect(netns.requests.filter(({ type }) => type === getRule.number)).toHaveLength(2)
    expect(netns.requests.filter(({ type }) => type === getSet.number)).toHaveLength(1)
  })

  it('is read again where a dump is interrupted though no generation tells of it, and then has what was read last', async () => {
    const header = { family: 1 }
    const list = (whole: number) => {
      let left = whole
      const generations = Array.from({ length: 2 * whole }, (_, i) => i + 1)
      const netns = kernelOf([...generations, 900], ({ type }) => {
        if (type === getTable.number)
          return dump(newTable, [{ header, attributes: { name: 't', handle: 1 } }])
        if (type !== getRule.number) return undefined
        const rule = { header, attributes: { table: 't', chain: 'c', handle: 4 } }
        return dump(newRule, [rule], { interrupted: left-- <= 0 })
      })
      return async () => nft.listRuleset({ netns })
    }
    await expect(list(0)).rejects.toMatchObject({ code: 'EINTR', operation: 'NFT_MSG_GETRULE', values: [] })
    const values = [{ name: 't', handle: 1, chains: [], sets: [] }]
    await expect(list(2)).rejects.toMatchObject({ code: 'EINTR', values })
  })

  it('gives up where it changes each time', async () => {
    const netns = tables(Array.from({ length: 240 }, (_, i) => i + 1))
    await expect(async () => nft.listRuleset({ netns })).rejects.toMatchObject({ code: 'EINTR' })
  })
})

describe.each(FACES)('listNat, $face', ({ nft }) => {
  it('has the chain that was replaced between the dumps', async () => {
    const except = Array.from({ length: 40 }, (_, i) => `10.${i}.2.0/24`)
    const made = { verb: 'masquerade', name: 'many', source: '10.0.0.0/8', outgoing: [], except }
    const { chain: comment, rules } = described(made)
    const kept = (text: string) => userdataOf([commentRecord(text)])
    const header = { family: 1 }
    const [table, chain] = ['netlink-ts', 'masquerade-many']
    const parts = rules.map((one) => ({ header, attributes: { table, chain, userdata: kept(one) } }))
    const answers = new Map([
      [
        getChain.number,
        [dump(newChain, [{ header, attributes: { table, name: chain, userdata: kept(comment) } }])],
      ],
      [getRule.number, [dump(newRule, []), dump(newRule, parts)]],
    ])
    const netns = kernelOf([1, 2, 2], ({ type, isDump }) => {
      const left = answers.get(type)
      if (left === undefined) return isDump ? dump(newSet, []) : undefined
      return left.length > 1 ? left.shift() : left[0]
    })
    expect(await nft.listNat({ netns })).toMatchObject([made])
    expect(netns.requests.filter(({ type }) => type === getRule.number)).toHaveLength(2)
  })
})

describe.each(FACES)('lists, $face', ({ nft }) => {
  it('ask for one thing where it is named, and for all where it is not', async () => {
    const netns = kernelOf([1], ({ isDump }) => (isDump ? dump(newTable, []) : failure('ENOENT')))
    const t = { family: 'inet', table: 't', netns } as const
    for (const name of ['c', undefined]) {
      await nft.listChains({ ...t, name })
      await nft.listSets({ ...t, name })
      await nft.listObjects({ ...t, name, type: 'counter' })
      await nft.listFlowtables({ ...t, name })
      await nft.listRules({ ...t, chain: 'c', handle: name === undefined ? undefined : 5 })
      await nft.listTables({ family: 'inet', name, netns })
    }
    expect(netns.requests.map(({ isDump }) => isDump)).toEqual([
      ...Array(6).fill(false),
      ...Array(6).fill(true),
    ])
  })

  it('tell what is called at a hook and what it is for, also on newer kernels, and of a hook that the kernel lacks nothing', async () => {
    const at = (priority: number, chainInfo: object | undefined) => ({
      header: { family: 5 },
      attributes: {
        hooknum: 0,
        priority,
        functionName: 'f',
        ...(chainInfo && { moduleName: 'm', chainInfo }),
      },
    })
    const desc = { table: 't', family: 1, name: 'x' }
    const netns = kernelOf([1], ({ body }) =>
      body?.attributes['hooknum'] === 1
        ? failure('EPROTONOSUPPORT')
        : dump(getHooks, [
            at(-2147483648, undefined),
            at(-1, { type: 'chain', desc }),
            at(0, { type: 'flowtable', desc }),
            at(1, { type: 'bpf', desc: { id: 9 } }),
            at(2, { type: 77, desc: Uint8Array.of(8, 0, 1, 0, 1, 2, 3, 4) }),
            at(3, { type: 'chain' }),
          ]),
    )
    const place = { family: 'inet', table: 't', name: 'x' }
    const one = { family: 'netdev', hook: 'ingress', device: 'eth0', function: 'f', module: 'm' }
    const nothing = { chain: null, flowtable: null, bpf: null }
    expect(await nft.listHooks({ device: 'eth0', netns })).toEqual([
      { ...one, ...nothing, priority: -2147483648, module: null },
      { ...one, ...nothing, priority: -1, chain: place },
      { ...one, ...nothing, priority: 0, flowtable: place },
      { ...one, ...nothing, priority: 1, bpf: 9 },
      { ...one, ...nothing, priority: 2 },
      { ...one, ...nothing, priority: 3, chain: { family: 0, table: '', name: '' } },
    ])
    expect(netns.requests.map(({ type }) => type)).toEqual([getHooks.number, getHooks.number])
  })

  it('tell what they set back though it was interrupted, and never ask twice', async () => {
    const rule = { header: { family: 1 }, attributes: { table: 't', chain: 'c', handle: 4 } }
    const netns = kernelOf([1], ({ isDump }) =>
      isDump ? dump(newRule, [rule], { interrupted: true }) : undefined,
    )
    expect(await nft.listRules({ reset: true, netns })).toMatchObject([{ handle: 4 }])
    expect(netns.requests.map(({ type }) => type)).toEqual([getRuleReset.number])
  })

  it('name what the kernel lacks that cannot set back', async () => {
    const netns = kernelOf([1], () => failure('EINVAL'))
    await expect(async () => nft.listRules({ reset: true, netns })).rejects.toMatchObject({
      code: 'EINVAL',
      advice: 'the kernel sets rules back as they are read from Linux 6.2 on',
    })
  })

  /** A set of plain intervals of ports, whose elements are answered by `answer`. */
  const intervals = (answer: (type: number) => Answer) =>
    kernelOf([1], ({ type }) =>
      type === getSet.number
        ? reply(newSet, {
            header: { family: 1 },
            attributes: { table: 't', name: 's', keyType: 13, keyLen: 2, flags: ['interval'] },
          })
        : answer(type),
    )
  const S = { family: 'inet', table: 't', set: 's' } as const

  it('tell of the interval that was set back, where it is another than was found', async () => {
    const ports = [10, 21, 14, 17]
    const netns = intervals(() => {
      const port = ports.shift()!
      const flags = ports.length % 2 === 0 ? (['interval-end'] as const) : []
      const element = { key: { value: Uint8Array.of(0, port) }, flags }
      return [reply(newElements, { header: { family: 1 }, attributes: { elements: [element] } }), success()]
    })
    expect(await nft.getElement({ ...S, key: 15, reset: true, netns })).toMatchObject({ key: '14-16' })
    const asked = netns.requests.map(({ type }) => type)
    expect(asked.filter((type) => type === getElementsReset.number)).toHaveLength(1)
  })

  it('have elements of one state, and give up where they change each time', async () => {
    const keys = [80, 443]
    let added = 0
    /** Each dump has so many elements more. */
    const list = (generations: readonly number[], more = 0) =>
      kernelOf(generations, ({ type }) => {
        const header = { family: 1 }
        const attributes = { table: 't', name: 's', keyType: 13, keyLen: 2, flags: [] }
        if (type === getSet.number) return reply(newSet, { header, attributes })
        added += more
        const ports = [...keys, ...Array.from({ length: added }, (_, i) => 1000 + i)]
        const elements = ports.map((port) => ({ key: { value: Uint8Array.of(port >> 8, port & 255) } }))
        return dump(newElements, [{ header, attributes: { table: 't', set: 's', elements } }])
      })
    const netns = list([1, 2, 3, 3])
    expect((await nft.listElements({ ...S, netns })).map(({ key }) => key)).toEqual(keys)
    expect(netns.requests.filter(({ type }) => type === getElements.number)).toHaveLength(2)
    const each = Array.from({ length: 40 }, (_, i) => i + 1)
    // Others change something else each time.
    const busy = list(each)
    expect((await nft.listElements({ ...S, netns: busy })).map(({ key }) => key)).toEqual(keys)
    expect(busy.requests.filter(({ type }) => type === getElements.number)).toHaveLength(2)
    const changing = list(each, 1)
    await expect(async () => nft.listElements({ ...S, netns: changing })).rejects.toMatchObject({
      ...{ code: 'EINTR', operation: 'NFT_MSG_GETSETELEM' },
      message: expect.stringContaining('each of 20 dumps'),
      values: expect.objectContaining({ length: keys.length + 20 }),
    })
    added = 0
    // What was set back is told.
    expect(await nft.listElements({ ...S, reset: true, netns: list([1, 2]) })).toHaveLength(2)
  })

  it('say of elements that are refused that a table may have an owner', async () => {
    const netns = intervals((type) => failure(type === getElements.number ? 'EPERM' : 'EINVAL'))
    const refused = { code: 'EPERM', advice: expect.stringContaining('a table with an owner') }
    await expect(async () => nft.listElements({ ...S, netns })).rejects.toMatchObject(refused)
    await expect(async () => nft.getElement({ ...S, key: 15, netns })).rejects.toMatchObject(refused)
  })
})

describe('a stream of elements', () => {
  const S = { family: 'inet', table: 't', set: 's' } as const
  type Part = readonly (readonly [port: number, end?: 'end'])[]

  /** A set of intervals of ports, whose elements come in these parts. */
  const read = async (parts: readonly Part[], generations: readonly number[] = [1]) => {
    const header = { family: 1 }
    const netns = kernelOf(generations, ({ type }) => {
      const attributes = { table: 't', name: 's', keyType: 13, keyLen: 2, flags: ['interval'] as const }
      if (type === getSet.number) return reply(newSet, { header, attributes })
      const bodies = parts.map((part) => ({
        header,
        attributes: {
          elements: part.map(([port, end]) => ({
            key: { value: Uint8Array.of(port >> 8, port & 255) },
            flags: end ? (['interval-end'] as const) : [],
          })),
        },
      }))
      return dump(newElements, bodies).flatMap((part) => [part, PAUSE])
    })
    const keys: unknown[] = []
    const error = await thrown(async () => {
      for await (const { key } of streamElements({ ...S, netns })) keys.push(key)
    }).catch(() => null)
    expect(netns.sockets).toBe(0)
    return { keys, error }
  }

  it('puts intervals together whose ends came in another part', async () => {
    expect(
      await read([[[65000], [500, 'end']], [[400]], [[400, 'end']], [[300], [20, 'end'], [20], [10]]]),
    ).toEqual({
      keys: ['65000-65535', '400-499', '300-399', '20-299', '10-19'],
      error: null,
    })
  })

  it('ends where the kernel goes back to what was there before, and where the ruleset has changed', async () => {
    const changed = { code: 'EINTR', operation: 'NFT_MSG_GETSETELEM' }
    expect(
      await read([
        [[500, 'end'], [400]],
        [[500, 'end'], [400]],
      ]),
    ).toMatchObject({ keys: ['400-499'], error: changed })
    expect(await read([[[500, 'end'], [400]]], [1, 2])).toMatchObject({ keys: ['400-499'], error: changed })
  })

  it('refuses at once what the list refuses, and to set back', () => {
    const netns = kernelOf([1], () => undefined)
    const wrong: readonly [object | null, string][] = [
      [{ ...S, netns, family: 'ipx' }, "family: 'ipx' is not"],
      [{ ...S, netns, set: '' }, 'set: it cannot be empty'],
      [{ ...S, netns, reset: true }, "unknown option 'reset' (known: "],
      [{ ...S, netns, signal: 5 }, 'signal: 5 is not'],
      [null, 'null is not an options object'],
    ]
    for (const [options, why] of wrong) expect(() => streamElements(options as never)).toThrow(why)
    streamElements({ ...S, netns })
    expect([netns.sockets, netns.requests]).toEqual([0, []])
  })
})
