/** Labels of IPv6 addresses: requests against those of iproute2, and what is refused. */

import { describe, expect, it } from 'vitest'
import type { Operation } from '../../src/netlink/operation.js'
import {
  addAddressLabel,
  deleteAddressLabel,
  flushAddressLabels,
  listAddressLabels,
} from '../../src/rtnetlink/address-label/operations.js'
import { loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'
import { refusal } from './refusal.js'
import { sentBy } from './sent-by.js'

const ONE = { prefix: '2001:db8::/32', label: 77 }

const cases: GoldenCase[] = [
  { name: 'addrlabel-add', operation: () => addAddressLabel(ONE) },
  { name: 'addrlabel-add-dev', operation: () => addAddressLabel({ ...ONE, dev: 'eth0' }) },
  { name: 'addrlabel-delete', operation: () => deleteAddressLabel(ONE) },
  { name: 'addrlabel-show', operation: () => listAddressLabels() },
]

describe('labels of addresses', () => {
  it.each(cases)('$name', (it) => {
    expectGolden('address-label', it)
  })

  it('cover every fixture', () => {
    expect(cases.map(({ name }) => name)).toEqual(loadGolden('address-label').map(({ name }) => name))
  })

  it('are deleted as they are listed, by the interface that they are for', () => {
    const listed = { ...ONE, dev: null, ifindex: 10 }
    expect(sentBy(deleteAddressLabel(listed))).toEqual(sentBy(deleteAddressLabel({ ...ONE, dev: 'eth0' })))
    const [, ...flushed] = sentBy(flushAddressLabels({ all: true }), [[listed, ONE]])
    expect(flushed).toEqual([...sentBy(deleteAddressLabel(listed)), ...sentBy(deleteAddressLabel(ONE))])
  })

  it.each<[() => Operation<unknown>, RegExp]>([
    [() => addAddressLabel({ prefix: '10.0.0.0/8', label: 1 }), /prefix: '10.0.0.0\/8' is not IPv6/],
    [() => addAddressLabel({ prefix: '2001:db8::1/32', label: 1 }), /prefix: '2001:db8::1\/32' has bits/],
    [() => addAddressLabel({ prefix: '2001:db8::/32' } as never), /label: undefined is not/],
    [() => addAddressLabel({ ...ONE, label: 0xffffffff }), /label: 4294967295 is not/],
    [() => addAddressLabel({ ...ONE, dev: '' }), /dev: an interface name cannot be empty/],
    [() => addAddressLabel({ ...ONE, name: 1 } as never), /addAddressLabel: unknown option 'name'/],
    [() => deleteAddressLabel({ label: 1 } as never), /prefix: undefined is not/],
    [() => listAddressLabels({ label: -1 }), /label: -1 is not/],
    [() => flushAddressLabels({}), /which labels\? Give at least one of dev, label, or all: true/],
    [() => flushAddressLabels({ all: true, label: 1 }), /not those by label: give one or the other/],
    [() => flushAddressLabels({ all: false as never }), /all: false is not true/],
  ])('are refused: %#', (call, message) => {
    expect(refusal(call).message).toMatch(message)
  })
})
