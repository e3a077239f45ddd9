/** How IPv6 makes addresses, as Linux 5.10 tells it of a link whose counters nobody asked for: among the settings alone. */

import { expect, it } from 'vitest'
import { linkReader } from '../../src/rtnetlink/link/link.js'
import { attribute, u32 } from './attribute-bytes.js'

const [AF_INET6, IFLA_AF_SPEC] = [10, 26]
const SETTINGS = 51
/** DEVCONF_ADDR_GEN_MODE of linux/ipv6.h */
const MODE = 47

const settings = (mode: number) =>
  attribute(2, u32(...Array.from({ length: SETTINGS }, (_, n) => (n === MODE ? mode : 0))))

function read(...inet6: number[]) {
  const bytes = Uint8Array.from([
    ...[0, 0, 1, 0],
    ...u32(7, 0, 0),
    ...attribute(IFLA_AF_SPEC, attribute(AF_INET6, inet6)),
  ])
  return linkReader(['afSpec'], false)(bytes, 0, bytes.length).afSpec!.inet6!
}

it.each([
  [0, 'eui64'],
  [1, 'none'],
  [3, 'random'],
] as const)('%d is %s', (mode, name) => {
  const inet6 = read(...settings(mode))
  expect(inet6.addrGenMode).toBe(name)
  expect(inet6.conf).toMatchObject({ addr_gen_mode: mode })
})

it('is what newer kernels tell besides', () => {
  expect(read(...settings(1), ...attribute(8, [2])).addrGenMode).toBe('stable_secret')
})

it('is not told without settings', () => {
  expect(read(...attribute(1, u32(0)))).not.toHaveProperty('addrGenMode')
})
