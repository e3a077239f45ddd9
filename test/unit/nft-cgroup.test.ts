/** Paths that are no control groups: nothing but a group of version 2 has a number. */

import { describe, expect, it } from 'vitest'
import * as promises from '../../src/nftables.js'
import * as sync from '../../src/nftables-sync.js'

describe.each([
  { face: 'promises', nft: promises },
  { face: 'sync', nft: sync },
])('getCgroupId ($face)', ({ nft }) => {
  it.each<[unknown, new () => Error, string]>([
    ['', RangeError, 'path: it cannot be empty'],
    [5, TypeError, 'path: 5 is not a string'],
    ['../../..', RangeError, "path: '../../..' leads out of where it begins"],
    ['user.slice/../..', RangeError, 'leads out of where it begins'],
  ])('%j is no path of a group', async (path, type, message) => {
    const refused = expect(async () => nft.getCgroupId(path as string)).rejects
    await refused.toThrow(type)
    await expect(async () => nft.getCgroupId(path as string)).rejects.toThrow(message)
  })

  it('a directory that is none', async () => {
    await expect(async () => nft.getCgroupId('/etc')).rejects.toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining('/etc/cgroup.controllers'),
    })
  })
})
