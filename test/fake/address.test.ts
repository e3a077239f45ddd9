/** Addresses whose interfaces are listed before them. */

import { describe, expect, test } from 'vitest'
import { dump, fakeKernel, messages } from '../../src/testing/index.js'
import { FACES } from './support.js'

describe.each(FACES)('addresses ($face)', ({ nl }) => {
  test('of a target are all there, one of an interface that came meanwhile without its name', async () => {
    const netns = fakeKernel(({ name }) =>
      name === 'RTM_GETLINK'
        ? dump(messages.RTM_NEWLINK, [{ header: { index: 1 }, attributes: { ifname: 'lo' } }])
        : dump(
            messages.RTM_NEWADDR,
            [1, 2].map((index) => ({
              header: { family: 2, prefixlen: 8, index },
              attributes: { address: `10.0.0.${index}`, local: `10.0.0.${index}` },
            })),
          ),
    )
    const listed = await nl.listAddresses({ target: 10, netns })
    expect(listed.map(({ dev, address }) => [dev, address])).toEqual([
      ['lo', '10.0.0.1/8'],
      [null, '10.0.0.2/8'],
    ])
    expect((await nl.listAddresses({ target: 10, up: false, netns })).map(({ dev }) => dev)).toEqual(['lo'])
  })
})
