/** What is said of devices that are not there: Linux 6.4 to 6.15 point at one, older ones at nothing, and newer ones wait for it. */

import { expect, it } from 'vitest'
import { missingDevice } from '../../src/nftables/devices.js'

const TWO = { devs: { name: ['lo', 'none0'] } }

it.each([
  ['the only one of a chain', 'hook.dev', { dev: 'none0' }, "there is no interface 'none0'"],
  ['one of several', 'hook.devs.name[1]', TWO, "there is no interface 'none0'"],
  ['the first of several', 'hook.devs.name[0]', TWO, "there is no interface 'lo'"],
  [
    'the only one of a list',
    'hook.devs.name',
    { devs: { name: ['none0'] } },
    "there is no interface 'none0'",
  ],
  ['the only one, unsaid', null, { dev: 'none0' }, "there is no interface 'none0'"],
  ['one of several, unsaid', null, TWO, 'one of the devices is not there'],
  ['something else', 'table', TWO, undefined],
  ['nothing, where there are none', null, {}, undefined],
  ['nothing, where names begin so', null, { devs: { prefix: ['eth'] } }, undefined],
])('%s', (_, path, hook, advice) => expect(missingDevice('ENOENT', path, hook)).toBe(advice))

it('nothing of another error', () => expect(missingDevice('EBUSY', 'hook.devs.name[1]', TWO)).toBe(undefined))
