import { expectTypeOf, test } from 'vitest'
import { attributes, message, struct, u8, u32 } from '../../src/codec/index.js'
import {
  type Address,
  type FdbEntry,
  type Link,
  type Loss,
  type Monitor,
  monitor,
  monitorAllNetns,
  type Netns,
  openNetlinkSocket,
  type ResyncEvent,
  type Route,
  streamRoutes,
  waitUntil,
  watchNetns,
} from '../../src/index.js'

test('a monitor tells events of the groups asked for, and resync', async () => {
  const events = await monitor(['link', 'address'])
  expectTypeOf(events).toEqualTypeOf<Monitor<'link' | 'address'>>()
  for await (const event of events) {
    expectTypeOf(event.type).toEqualTypeOf<'link' | 'address' | 'resync'>()
    if (event.type === 'link') expectTypeOf(event.link).toEqualTypeOf<Link>()
    else if (event.type === 'address') expectTypeOf(event.address).toEqualTypeOf<Address>()
    else {
      expectTypeOf(event).toEqualTypeOf<ResyncEvent>()
      expectTypeOf(event.reason).toEqualTypeOf<Loss>()
    }
  }
  for await (const event of await monitor(['fdb']))
    if (event.type === 'fdb') expectTypeOf(event.entry).toEqualTypeOf<FdbEntry>()
  // @ts-expect-error no such group
  await monitor(['links'])
})

test('a monitor of all namespaces says which one an event of the groups asked for came from', async () => {
  for await (const { nsid, event } of await monitorAllNetns(['netconf', 'prefix'])) {
    expectTypeOf(nsid).toEqualTypeOf<number | null>()
    expectTypeOf(event.type).toEqualTypeOf<'netconf' | 'prefix' | 'resync'>()
  }
  // @ts-expect-error no such group
  await monitorAllNetns(['prefixes'])
})

test('names and ids of namespaces are told apart', async () => {
  for await (const event of await watchNetns()) {
    expectTypeOf(event.type).toEqualTypeOf<'name' | 'nsid' | 'resync'>()
    if (event.type === 'name') expectTypeOf(event.name).toEqualTypeOf<string>()
    else if (event.type === 'nsid') expectTypeOf(event.nsid).toEqualTypeOf<number>()
  }
})

test('what is waited for is what is returned', async () => {
  const link = await waitUntil(['link'], async (): Promise<Link | undefined> => undefined)
  expectTypeOf(link).toEqualTypeOf<Link>()
  expectTypeOf(await waitUntil(['address'], (): boolean => true)).toEqualTypeOf<true>()
})

test('methods of a handle have the same types', () => {
  expectTypeOf<Netns['monitor']>().toEqualTypeOf<typeof monitor>()
  expectTypeOf<Netns['monitorAllNetns']>().toEqualTypeOf<typeof monitorAllNetns>()
  expectTypeOf<Netns['streamRoutes']>().toEqualTypeOf<typeof streamRoutes>()
})

test('a stream gives what the list has', async () => {
  for await (const route of streamRoutes({ table: 254 })) expectTypeOf(route).toEqualTypeOf<Route>()
})

test('raw answers have the types of their tables', async () => {
  const ask = message('ASK', 16, struct({ cmd: u8 }), attributes('A', { id: [1, u32] }))
  const other = message('OTHER', 17, struct({ cmd: u8, version: u8 }), attributes('B', { name: [1, u8] }))
  await using socket = await openNetlinkSocket(16)
  const [answer] = await socket.request(ask, { header: { cmd: 1 }, attributes: { id: 5 } })
  expectTypeOf(answer!.attributes.id).toEqualTypeOf<number | undefined>()
  const [reply] = await socket.dump(ask, { header: {}, attributes: {} }, { reply: other })
  expectTypeOf(reply!.header).toEqualTypeOf<{ cmd: number; version: number }>()
  // @ts-expect-error no such attribute
  await socket.request(ask, { header: {}, attributes: { name: 1 } })
})
