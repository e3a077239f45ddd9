/**
 * Kernels before 6.12 do not flush by tuples, zone and status: they turn away what test/kernel/conntrack.test.ts sees work. The twin is
 * that test under Linux 6.1 (test/kernels/uml.sh).
 */

import { describe, expect, it } from 'vitest'
import { delConntrack, getConntrackMessage, newConntrack } from '../../src/conntrack/table.js'
import * as promises from '../../src/conntrack.js'
import * as sync from '../../src/conntrack-sync.js'
import { type Answer, dump, failure, fakeKernel, success } from '../../src/testing/index.js'

const FACES = [
  { face: 'promises', nl: promises },
  { face: 'sync', nl: sync },
] as const

const tuple = (src: string, sport: number, dst: string, dport: number) => ({
  tupleIp: { ipV4Src: src, ipV4Dst: dst },
  tupleProto: { protoNum: 17, protoSrcPort: sport, protoDstPort: dport },
})
const body = (sport: number, dport: number, id: number) => ({
  header: { family: 2 },
  attributes: {
    tupleOrig: tuple('10.0.0.7', sport, '10.0.0.1', dport),
    tupleReply: tuple('172.17.0.2', 53, '10.0.0.7', sport),
    id,
  },
})

describe.each(FACES)('a kernel that does not flush by tuples ($face)', ({ nl }) => {
  const kernelOf = (refusal: string, gone: readonly number[] = [], why = 'ENOENT') =>
    fakeKernel((request): Answer => {
      if (request.type === getConntrackMessage.number)
        return dump(newConntrack, [body(1, 5353, 11), body(2, 53, 12), body(3, 5353, 13)])
      const { attributes } = request.decode(delConntrack)
      if (attributes.filter !== undefined) return failure(refusal)
      return gone.includes(attributes.id!) ? failure(why) : success()
    })
  const deletedBy = (kernel: ReturnType<typeof kernelOf>) =>
    kernel.requests
      .filter(({ type }) => type === delConntrack.number)
      .map((request) => request.decode(delConntrack).attributes)
      .filter(({ filter }) => filter === undefined)
      .map(({ id, tupleOrig }) => [id, tupleOrig?.tupleProto?.protoSrcPort])
  const port = { port: 5353, address: '10.0.0.1', protocol: 'udp' } as const

  it.each(['EINVAL', 'EOPNOTSUPP'])('has its entries listed and deleted one by one (%s)', async (code) => {
    const kernel = kernelOf(code)
    expect(await nl.flushConntrackPort({ ...port, netns: kernel })).toBe(2)
    expect(deletedBy(kernel)).toEqual([
      [11, 1],
      [13, 3],
    ])
  })

  it('passes over an entry that went away meanwhile', async () => {
    const kernel = kernelOf('EINVAL', [11])
    expect(await nl.flushConntrackPort({ ...port, netns: kernel })).toBe(1)
    expect(deletedBy(kernel)).toHaveLength(2)
  })

  it('says why it does not delete one that is there', async () => {
    const kernel = kernelOf('EINVAL', [11], 'EBUSY')
    const call = async () => await nl.flushConntrackPort({ ...port, netns: kernel })
    await expect(call()).rejects.toMatchObject({ code: 'EBUSY', subject: expect.stringContaining(':5353') })
  })

  it('says what else is wrong', async () => {
    const kernel = kernelOf('EPERM')
    const call = async () => await nl.flushConntrackPort({ ...port, netns: kernel })
    await expect(call()).rejects.toMatchObject({ code: 'EPERM', operation: 'IPCTNL_MSG_CT_DELETE' })
    expect(kernel.requests).toHaveLength(1)
  })

  it.each([{ zone: 5 }, { status: ['assured'] }] as const)(
    'is never asked for %j in a way that it would take for everything',
    async (filter) => {
      const kernel = kernelOf('EINVAL')
      await nl.flushConntrack({ ...filter, netns: kernel })
      const { attributes } = kernel.requests[0]!.decode(delConntrack)
      // An empty tuple: ctnetlink_parse_tuple() of such a kernel wants addresses.
      expect(attributes).toMatchObject({ tupleOrig: {}, filter: {} })
      expect(deletedBy(kernel)).toEqual([])
    },
  )
})
