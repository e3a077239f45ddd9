import { describe, expect, it } from 'vitest'
import { getU16, putU32 } from '../../src/codec/bytes.js'
import { Writer } from '../../src/codec/index.js'
import { NetlinkError } from '../../src/netlink/errors.js'
import { writeRequest } from '../../src/netlink/nlmsg.js'
import type { Outcome } from '../../src/netlink/request.js'
import { type Address, readAddress } from '../../src/rtnetlink/address/address.js'
import { flushAddresses } from '../../src/rtnetlink/address/list.js'
import type { AddressInput } from '../../src/rtnetlink/address/options.js'
import { newAddressRequest } from '../../src/rtnetlink/address/request.js'
import { sentBy } from './sent-by.js'

/** The body of the request as the kernel would echo it: struct ifaddrmsg and attributes. */
function read(input: AddressInput, change?: (bytes: Uint8Array) => void): Address | null {
  const out = new Writer()
  writeRequest(newAddressRequest(10, 'eth0', input, 0), 1, out)
  const bytes = out.take()
  change?.(bytes)
  return readAddress(bytes, 16, bytes.length, () => null)
}

describe('readAddress', () => {
  it('keeps names and numbers that it does not know', () => {
    expect(read({ address: '10.0.0.1/8', scope: 99, protocol: 99, flags: ['home', 0x10000] })).toMatchObject({
      scope: 99,
      protocol: 99,
      flags: ['home', 0x10000],
    })
  })

  it('leaves other families alone', () => {
    expect(
      read({ address: '10.0.0.1/8' }, (bytes) => {
        bytes[16] = 28
      }),
    ).toBeNull()
  })

  it('reads an address without IFA_LOCAL, as the kernel sends most IPv6 ones', () => {
    const blanked = read({ address: 'fe80::1/64' }, (bytes) => {
      expect(getU16(bytes, 26)).toBe(2)
      // An attribute number that no table has.
      bytes[26] = 200
    })
    expect(blanked).toMatchObject({ address: 'fe80::1/64', peer: null })
  })

  it('refuses an address that is missing or of odd length', () => {
    const odd = (length: number) => () =>
      read({ address: '10.0.0.1/8' }, (bytes) => {
        bytes[24] = length
      })
    expect(odd(7)).toThrow('address of 3 bytes')
    expect(odd(0)).toThrow('length 0')
    expect(() =>
      read({ address: '10.0.0.1/8' }, (bytes) => {
        bytes[26] = 200
        bytes[34] = 200
      }),
    ).toThrow('no address')
  })

  it('cuts cacheinfo of newer kernels and takes that of older ones', () => {
    const address = read({ address: '10.0.0.1/8', validLifetime: 9, preferredLifetime: 4 }, (bytes) => {
      putU32(bytes, bytes.length - 8, 1234)
      putU32(bytes, bytes.length - 4, 5678)
    })
    expect(address).toMatchObject({
      validLifetime: 9,
      preferredLifetime: 4,
      created: 12.34,
      updated: 56.78,
    })
  })
})

const listed: Address = {
  family: 'ipv4',
  address: '10.0.0.1/24',
  peer: null,
  broadcast: null,
  label: 'eth0',
  scope: 'global',
  flags: ['permanent'],
  preferredLifetime: 'forever',
  validLifetime: 'forever',
  ifindex: 10,
  dev: null,
  metric: null,
  protocol: null,
  created: 1,
  updated: 2,
}

describe('flushAddresses', () => {
  /** Runs it with one list of addresses and the error of each deletion. */
  function flush(found: readonly Address[], errors: readonly (string | null)[]): unknown {
    const operation = flushAddresses({ dev: 10 })
    let step = operation.next()
    const answers: unknown[] = [
      { where: '', ifindex: () => 10, ifname: () => 'eth0', release: () => {} },
      [{ error: null, values: found }],
      errors.map((code): Outcome => {
        const errno = code === 'EADDRNOTAVAIL' ? 99 : code === 'ENODEV' ? 19 : 1
        return {
          error: code === null ? null : new NetlinkError({ operation: 'RTM_DELADDR', errno }),
          values: [],
        }
      }),
    ]
    for (const answer of answers) {
      if (step.done) break
      step = operation.next(answer)
    }
    expect(step.done).toBe(true)
    return step.value
  }

  it('does not count what went away meanwhile', () => {
    expect(flush([listed, listed, listed], [null, 'EADDRNOTAVAIL', 'ENODEV'])).toBe(1)
  })

  it('throws anything else', () => {
    expect(() => flush([listed, listed], [null, 'EPERM'])).toThrow('EPERM')
  })

  it('sends nothing where there is nothing', () => {
    expect(flush([], [])).toBe(0)
  })

  it('deletes secondary and temporary addresses first', () => {
    const found: Address[] = [
      listed,
      { ...listed, address: '10.0.0.2/24', flags: ['secondary', 'permanent'] },
      { ...listed, address: '10.0.0.3/24' },
      { ...listed, family: 'ipv6', address: 'fd00::4/64', flags: ['temporary'] },
    ]
    const [, ...deletions] = sentBy(flushAddresses({ dev: 'eth0' }), [found])
    const last = deletions.map((bytes) => bytes[getU16(bytes, 24) + 23])
    expect(last).toEqual([2, 4, 1, 3])
  })
})
