/** Names that are derived: whatever else options say, each has its own. */

import { expect, it } from 'vitest'
import { derivedName } from '../../src/nat/check.js'

it('is what it is about, in letters that nft(8) has in names', () => {
  expect(derivedName(['10.0.0.0/8'])).toBe('10.0.0.0/8')
  expect(derivedName(['v-net-0', 'eth*', 'ü'])).toBe('v-net-0//eth/2a///c3/bc')
  expect(derivedName(['2001:db8::/64', 'eth0'])).toBe('2001/3adb8/3a/3a/64//eth0')
})

it('is another for other interfaces, whichever letters they have', () => {
  // Of what separates and stands for letters, too; the kernel has no name with a slash.
  const letters = ['a', '-', '2', 'd', '*', '@', '_', '.a']
  const names = letters.flatMap((one) => letters.map((other) => one + other))
  const lists = [...names.map((one) => [one]), ...names.flatMap((one) => names.map((other) => [one, other]))]
  expect(new Set(lists.map(derivedName)).size).toBe(lists.length)
})
