/** The work of bench/limit done by npm's netlink: `npm-netlink.js WORK --count N [--repeat N] [--mode M]`. */

import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'

const DEVICE = 'veth-routes'
const GATEWAY = Buffer.from([10, 200, 0, 2])
const FIRST_OCTET = 44
const AF_INET = 2
const RT_TABLE_MAIN = 254
const SKIP_STATS = Buffer.from(Uint32Array.of(8).buffer)
const TOGETHER = 64
const WARM_UP = 10_000

/** What is used of the package, which is not installed where these types are checked. */
interface Link {
  data: { index: number; flags: { broadcast?: boolean } }
  attrs: { ifname: string; mtu: number; address?: Buffer; link?: Buffer; linkinfo?: Buffer }
}
interface Route {
  data: { dstLen: number; protocol: string }
  attrs: { dst: Buffer; gateway?: Buffer; oif: number }
}
interface Socket {
  getLink(data: object, attrs: object): Promise<Link[]>
  getLinks(data: object, attrs: object): Promise<Link[]>
  getRoutes(data: object): Promise<Route[]>
  newRoute(data: object, attrs: object, options: object): Promise<unknown>
}
interface Netlink {
  createRtNetlink(): Socket
  FlagsNew: { CREATE: number; EXCL: number }
}

const { createRtNetlink, FlagsNew }: Netlink = createRequire(import.meta.url)('netlink')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mode: { type: 'string', default: 'together' },
    count: { type: 'string', default: '100' },
    repeat: { type: 'string', default: '10' },
    hold: { type: 'boolean', default: false },
  },
})
const count = Number(values.count)
const repeat = Number(values.repeat)

/** Awaits work(0), work(1) … and writes how long all and each of it took. */
async function measure(times: number, work: (number: number) => Promise<void>): Promise<void> {
  const eachNs: number[] = []
  const start = performance.now()
  for (let number = 0; number < times; number++) {
    const begun = performance.now()
    await work(number)
    eachNs.push(Math.round((performance.now() - begun) * 1e6))
  }
  const total = Math.round((performance.now() - start) * 1e6)
  console.log(JSON.stringify({ total_ns: total, each_ns: eachNs }))
}

async function linkByName(socket: Socket, ifname: string): Promise<Link> {
  const [link] = await socket.getLink({}, { ifname, extMask: SKIP_STATS })
  if (link?.attrs.ifname !== ifname) throw new Error(`asked for ${ifname}, got ${link?.attrs.ifname}`)
  return link
}

/** Without `type` the kernel refuses a route; `--mode one-by-one`, or so many before the first answer is awaited. */
async function routes(): Promise<void> {
  const socket = createRtNetlink()
  const oif = (await linkByName(socket, DEVICE)).data.index
  const together = values.mode === 'one-by-one' ? 1 : TOGETHER
  const header = { family: AF_INET, dstLen: 32, table: RT_TABLE_MAIN, protocol: 'BOOT', type: 'UNICAST' }
  const options = { flags: FlagsNew.CREATE | FlagsNew.EXCL }
  const add = (number: number) => {
    const dst = Buffer.from([FIRST_OCTET, number >> 16, number >> 8, number])
    return socket.newRoute(header, { dst, gateway: GATEWAY, oif }, options)
  }
  await measure(Math.ceil(count / together), async (part) => {
    const first = part * together
    const length = Math.min(together, count - first)
    await Promise.all(Array.from({ length }, (_, at) => add(first + at)))
  })
}

async function dump(): Promise<void> {
  const socket = createRtNetlink()
  const oif = (await linkByName(socket, DEVICE)).data.index
  const isAdded = ({ data, attrs }: Route) =>
    data.dstLen === 32 && data.protocol === 'BOOT' && attrs.oif === oif && attrs.gateway?.equals(GATEWAY)
  await measure(repeat, async () => {
    const found = (await socket.getRoutes({ family: AF_INET, table: RT_TABLE_MAIN })).filter(isAdded)
    const sum = found.reduce((sum, { attrs }) => sum + (attrs.dst.readUInt32BE() & 0xffffff), 0)
    if (found.length !== count || sum !== (count * (count - 1)) / 2)
      throw new Error(`${found.length} of ${count} routes, or wrong ones`)
  })
}

/** The package leaves the peer and the kind as bytes. */
function checkVeth({ data, attrs }: Link): void {
  const { ifname, mtu, address, link, linkinfo } = attrs
  const right = ifname.startsWith('v') && linkinfo?.includes('veth\0') && link?.readUInt32LE() !== 0
  if (!right || mtu !== 1500 || address?.length !== 6 || !data.flags.broadcast)
    throw new Error(`${ifname} is not one of the links that were made`)
}

async function links(): Promise<void> {
  const socket = createRtNetlink()
  await measure(repeat, async () => {
    const all = await socket.getLinks({}, { extMask: SKIP_STATS })
    const found = all.filter(({ attrs }) => attrs.linkinfo?.includes('veth\0'))
    if (found.length !== count) throw new Error(`${found.length} of ${count} links`)
    found.forEach(checkVeth)
  })
}

async function getLink(): Promise<void> {
  const socket = createRtNetlink()
  const ask = async (number: number) => checkVeth(await linkByName(socket, `va${number % (count / 2)}`))
  for (let number = 0; number < WARM_UP; number++) await ask(number)
  await measure(repeat, ask)
}

const WORKS: Record<string, () => Promise<void>> = { routes, dump, links, 'get-link': getLink }

await WORKS[positionals[0]!]!()
