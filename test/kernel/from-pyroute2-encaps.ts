/** Rows of docs/from-pyroute2.md about encapsulations, which are sent to no kernel: what both would send is the same. */

import { expect } from 'vitest'
import { decodeBody } from '../../src/codec/index.js'
import { addRoute, type RouteEncapInput } from '../../src/index.js'
import { fakeKernel, messages } from '../../src/testing/index.js'
import type { Row } from './document-rows.js'
import { python } from './pyroute2.js'

/** struct nlmsghdr */
const HEADER = 16

/** The same attributes of a message that pyroute2 makes. */
async function compiled(encap: unknown): Promise<object> {
  const [route, given] = ["'add', dst='2001:db8:1::/64', oif=2", JSON.stringify(JSON.stringify(encap))]
  const line = `ipb = IPBatch(); ipb.route(${route}, encap=json.loads(${given})); ipb.batch.hex()`
  const bytes = Buffer.from((await python(line)) as string, 'hex')
  return decodeBody(messages.RTM_NEWROUTE, bytes, HEADER, bytes.length).attributes
}

const row: Row = {
  check: async (encap: RouteEncapInput, theirs: unknown) => {
    const kernel = fakeKernel(() => undefined, { interfaces: { eth0: 2 } })
    await addRoute({ to: '2001:db8:1::/64', dev: 'eth0', encap, netns: kernel })
    const { attributes } = kernel.requests.at(-1)!.decode(messages.RTM_NEWROUTE)
    expect(attributes.encap).toBeTruthy()
    const { encap: data, encapType } = attributes
    expect(await compiled(theirs)).toMatchObject({ encap: data, encapType })
  },
}

export const ENCAP_ROWS: Record<string, Row> = {
  "{'type': 'mpls', 'labels': '200/300'}": row,
  "{'type': 'seg6', 'mode': 'encap', 'segs': '2001:db8::5,2001:db8::6'}": row,
  "{'type': 'seg6local', 'action': 'End.DX6', 'nh6': '2001:db8::5'}": row,
  "{'type': 'seg6local', 'action': 'End.DT4', 'vrf_table': 10}": row,
  "{'type': 'seg6local', 'action': 'End.B6.Encaps', 'srh': {'segs': '2001:db8::6'}}": row,
  "{'type': 'bpf', 'in': {'fd': 4, 'name': 'prog'}}": row,
}
