/** What a verb's chain was made of, kept in its comment or in those of rules behind its own. */

import { expect, describe as group, it } from 'vitest'
import { chainName, describe, descriptionOf } from '../../src/nat/description.js'

group('what fits into the comment of the chain', () => {
  const made = { verb: 'isolate', name: 'br0', dev: 'br0', from: ['a', 'b'] }

  it('is there, without verb and name, which the name of the chain has', () => {
    expect(describe(made)).toEqual({ chain: "{'dev':'br0','from':['a','b']}", rules: [] })
  })

  it.each(['eth0', 'it"s', "it's", '\\', '\\"', '\\\\"\'', 'größe', '\u{1f600}', '\x7f\x01'])(
    'with %j',
    (dev) => {
      const one = { ...made, dev }
      const { chain, rules } = describe(one)
      expect(rules).toEqual([])
      expect(chain).toMatch(/^[\x20\x21\x23-\x7e]+$/)
      expect(descriptionOf({ name: chainName(one), comment: chain }, [])).toEqual(one)
    },
  )

  it.each([
    ['masquerade-x', null],
    ['masquerade-x', 'mine'],
    ['masquerade-x', '5'],
    ['masquerade-x', 'null'],
    ['publish', '{}'],
    ['masquerade', '{}'],
    ['masquerade-x', '{}'],
    ['masquerade-x', '[]'],
    ['masquerade-x', "{'verb':'isolate','name':'y'}"],
    ['masquerade-x', "{'dev':'a','from':[]}"],
    ['masquerade-x', "{'source':7,'outgoing':[],'except':[]}"],
    ['masquerade-x', "{'source':'10.0.0.0/8','outgoing':'a','except':[]}"],
    ['masquerade-x', "{'source':'10.0.0.0/8','outgoing':[],'except':[null]}"],
    ['isolate-x', "{'from':[]}"],
    ['isolate-x', "{'dev':'a','from':'b'}"],
    ['blockPort-x', "{'protocol':'tcp','port':22}"],
    ['blockPort-x', "{'protocol':'tcp','port':null,'address':null,'source':null,'incoming':null}"],
    ['blockPort-x', "{'protocol':'tcp','port':22,'address':null,'source':4,'incoming':null}"],
    ['toString-x', '{}'],
  ])('is none of a chain %s with the comment %j', (name, comment) => {
    expect(descriptionOf({ name, comment }, [])).toBeNull()
  })
})

it('is of the verb and the name that the chain has, whatever a comment says', () => {
  const rest = { source: '10.0.0.0/8', outgoing: [], except: [], later: 1 }
  const comment = JSON.stringify({ verb: 'isolate', name: 'y', ...rest }).replaceAll('"', "'")
  const made = { verb: 'masquerade', name: 'x', ...rest }
  expect(descriptionOf({ name: 'masquerade-x', comment }, [])).toEqual(made)
})

it.each([22, '8000-8010'])('of a blocked port %j', (port) => {
  const given = { protocol: 'tcp', port, address: null, source: '10.0.0.0/8', incoming: null }
  const made = { verb: 'blockPort', name: 'x', ...given }
  expect(descriptionOf({ name: chainName(made), comment: describe(made).chain }, [])).toEqual(made)
})

group('what does not', () => {
  const made = {
    ...{ verb: 'masquerade', name: 'x', source: '10.0.0.0/8', outgoing: [] },
    except: ['x'.repeat(1000)],
  }
  const { chain: comment, rules } = describe(made)
  const chain = { name: chainName(made), comment }
  const kept = rules.map((one) => ({ comment: one }))

  it('has comments of at most 127 bytes', () => {
    expect(kept.length).toBeGreaterThan(2)
    for (const one of [comment, ...rules]) expect(one.length).toBeLessThanOrEqual(127)
  })

  it('is whole with all parts, also between rules of others', () => {
    expect(descriptionOf(chain, kept)).toEqual(made)
    expect(
      descriptionOf(
        chain,
        kept.flatMap((one) => [{ comment: 'mine' }, one, { comment: null }]),
      ),
    ).toEqual(made)
  })

  it.each(kept.map((_, i) => i))('is none without part %i', (missing) => {
    // Without one from the middle it is JSON still, of a shorter text.
    const others = kept.filter((_, i) => i !== missing)
    expect(descriptionOf(chain, others)).toBeNull()
  })
})
