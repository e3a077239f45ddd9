/** Rules of kernels that do not have them all. */

import { describe, expect, test } from 'vitest'
import { done, failure, fakeKernel, messages, reply, success } from '../../src/testing/index.js'
import { FACES, thrown } from './support.js'

/** Makes rules of what it knows, and says what it made where it is asked to. */
function kernelOf(known: object) {
  const rule = {
    header: { family: 2, action: 'lookup', table: 100 },
    attributes: { priority: 7, ...known },
  } as const
  return fakeKernel(({ name }) => {
    if (name === 'RTM_GETRULE') return undefined
    return name === 'RTM_NEWRULE' ? [reply(messages.RTM_NEWRULE, rule), success()] : success()
  })
}

const asked = { family: 'ipv4', priority: 7, table: 100, dscp: 3, dscpMask: 0x33 } as const

describe.each(FACES)('rules of recent kernels ($face)', ({ nl }) => {
  test('what the kernel passed over is an error, and the rule that it made is taken back', async () => {
    const kernel = kernelOf({ dscp: 3 })
    expect(await thrown(() => nl.addRule({ ...asked, netns: kernel }))).toMatchObject({
      code: 'EOPNOTSUPP',
      operation: 'RTM_NEWRULE',
      subject: 'rule 7',
      advice: 'this kernel has no dscpMask in rules, Linux 6.15 has',
    })
    expect(kernel.requests.map(({ name }) => name)).toEqual(['RTM_NEWRULE', 'RTM_DELRULE'])
    const { attributes } = kernel.requests[1]!.decode(messages.RTM_DELRULE)
    expect(attributes).toMatchObject({ priority: 7, dscp: 3 })
    expect(attributes.dscpMask).toBeUndefined()
  })

  test('in a batch, too, whose other calls go on', async () => {
    const kernel = kernelOf({})
    const results = await nl.batch(
      (b) => {
        b.addRule(asked)
        b.addRule({ family: 'ipv4', priority: 8, table: 100 })
      },
      { netns: kernel },
    )
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'EOPNOTSUPP' } },
      { status: 'fulfilled' },
    ])
    expect(kernel.requests.map(({ name }) => name)).toEqual(['RTM_NEWRULE', 'RTM_DELRULE', 'RTM_NEWRULE'])
  })

  test('nothing is deleted where no rule has the selector', async () => {
    const kernel = kernelOf({})
    expect(await thrown(() => nl.deleteRule({ ...asked, netns: kernel }))).toMatchObject({
      code: 'ENOENT',
      advice: 'there is no such rule; those with dscp need Linux 6.13',
    })
    expect(kernel.requests.map(({ name }) => name)).toEqual(['RTM_GETRULE'])
  })

  test('nor where one of the other family has it', async () => {
    const rule = {
      header: { family: 10, action: 'lookup', table: 100 },
      attributes: { dscp: 3, dscpMask: 0x33 },
    } as const
    const kernel = fakeKernel(({ name }) =>
      name === 'RTM_GETRULE' ? [reply(messages.RTM_NEWRULE, rule), done()] : success(),
    )
    expect(await thrown(() => nl.deleteRule({ ...asked, netns: kernel }))).toMatchObject({ code: 'ENOENT' })
    expect(kernel.requests.map(({ name }) => name)).toEqual(['RTM_GETRULE'])
    expect(kernel.requests[0]!.decode(messages.RTM_GETRULE).header.family).toBe(2)
  })

  test('there are none of a family that the kernel does not have', async () => {
    const kernel = fakeKernel(() => failure('EAFNOSUPPORT'))
    const mrules = { family: 'ipv4', multicast: true, netns: kernel } as const
    expect(await nl.listRules(mrules)).toEqual([])
    expect(await nl.flushRules(mrules)).toBe(0)
    expect(await thrown(() => nl.addRule({ ...mrules, table: 100 }))).toMatchObject({ code: 'EAFNOSUPPORT' })
  })
})
