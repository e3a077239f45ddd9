import { describe, expect, it } from 'vitest'
import { type Attribute, dissect, splitDatagram } from '../golden/dissect.js'
import {
  describeMessage,
  differenceFrom,
  findGolden,
  fromHex,
  goldenAreas,
  loadGolden,
  readGoldenFile,
  toHex,
} from '../golden/golden.js'
import { findVarying, isLookup, isProbe } from '../golden/sift.js'
import { parseTrace } from '../golden/strace.js'

/** The fewest messages that each area must hold. */
const FEWEST: Record<string, number> = {
  address: 34,
  bridge: 26,
  'address-label': 4,
  'bridge-tool': 60,
  conntrack: 30,
  dump: 50,
  encap: 50,
  kinds: 66,
  link: 47,
  'more-kinds': 39,
  'more-tables': 29,
  neighbour: 35,
  netns: 9,
  nexthop: 20,
  'nft-combined': 400,
  'nft-corner': 92,
  'nft-field': 700,
  'nft-hook': 5,
  'nft-object': 330,
  'nft-rule': 650,
  'nft-uncommon': 320,
  route: 97,
  rule: 35,
  veth: 16,
  'vxlan-vni': 10,
  stats: 2,
}

const NLM_F_REQUEST = 1
const RTA_MULTIPATH_NEXTHOP = /#\d+$/

/** Puts a dissected message together again from what the dissection says of it. */
function assemble(bytes: Uint8Array): string {
  const { body, attributes } = dissect(bytes)
  const attribute = ({ path, length, rawType, payload, padding, children }: Attribute): string => {
    const head = RTA_MULTIPATH_NEXTHOP.test(path) ? u16(length) : u16(length) + u16(rawType)
    return head + toHex(payload) + children.map(attribute).join('') + toHex(padding)
  }
  return toHex(bytes.subarray(0, 16)) + toHex(body) + attributes.map(attribute).join('')
}

function u16(value: number): string {
  return toHex(Uint8Array.of(value & 0xff, value >> 8))
}

describe('golden fixtures', () => {
  it('cover every area', () => {
    expect(goldenAreas()).toEqual(Object.keys(FEWEST).sort())
    for (const [area, fewest] of Object.entries(FEWEST)) {
      const count = loadGolden(area).flatMap(({ messages }) => messages).length
      expect(count, area).toBeGreaterThanOrEqual(fewest)
    }
  })

  it('have names that are unique and kebab-case', () => {
    const names = goldenAreas().flatMap((area) => loadGolden(area).map(({ name }) => name))
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([])
  })

  it.each(goldenAreas())('%s says what made it', (area) => {
    const { iproute2, kernel, strace } = readGoldenFile(area)
    expect(iproute2).toMatch(/iproute2-\d/)
    expect(kernel).toMatch(/^\d+\.\d+/)
    expect(strace).toMatch(/version \d/)
  })

  it.each(goldenAreas())('%s holds well-formed requests whose lengths add up', (area) => {
    for (const { name, messages, lookups } of loadGolden(area)) {
      expect(messages.length, name).toBeGreaterThan(0)
      for (const { bytes } of [...messages, ...lookups]) {
        const { flags, seq, portid } = dissect(bytes)
        expect(assemble(bytes), name).toBe(toHex(bytes))
        expect(flags & NLM_F_REQUEST, name).toBe(NLM_F_REQUEST)
        // `ip netconf show dev` and the beginning of nft's batches alone leave it 0.
        if (name !== 'netconf-show-dev' && !name.startsWith('nft-')) expect(seq, name).toBeGreaterThan(0)
        expect(portid, name).toBe(0)
      }
    }
  })

  it.each(goldenAreas())('%s tells failures, ifindexes and varying bytes', (area) => {
    for (const { name, command, exit, error, messages, ifindexes } of loadGolden(area)) {
      expect(error !== undefined, name).toBe(exit !== 0)
      expect(command, name).toMatch(/^(ip|bridge|conntrack|nft) /)
      // No such route reaches a kernel: see scenarios/encap.ts.
      if (area !== 'encap') expect(command, name).not.toMatch(/\b(route|nexthop)\b.*\bencap\b/)
      for (const ifindex of Object.values(ifindexes)) expect(ifindex, name).toBeGreaterThan(0)
      messages.forEach(({ bytes, varying }, index) => {
        expect(findVarying(bytes, index), name).toEqual(varying)
        for (const { offset, length } of varying) {
          expect(offset, name).toBeGreaterThanOrEqual(16)
          expect(offset + length, name).toBeLessThanOrEqual(bytes.length)
        }
      })
    }
  })

  it('hold no probe, and lookups only apart', () => {
    for (const area of goldenAreas()) {
      for (const { name, command, messages, lookups } of loadGolden(area)) {
        for (const { bytes } of [...messages, ...lookups]) expect(isProbe(bytes), name).toBe(false)
        for (const { bytes } of messages)
          expect(isLookup(bytes, { firstSocket: true, command }), name).toBe(false)
      }
    }
  })
})

describe('the rules that sift what a command sends', () => {
  const probe = `2000000010000500${'00'.repeat(24)}`
  const nsidOf = (fd: string) => fromHex(`1c0000005a000100010000000000000000000000${'08000300'}${fd}`)
  const getLink = findGolden('dump', 'get-link').messages[0]!.bytes
  const names = findGolden('neighbour', 'neighbour-v4').lookups[0]!.bytes

  it('drop what only asks for abilities of the kernel', () => {
    expect(isProbe(fromHex(probe))).toBe(true)
    expect(isProbe(fromHex(probe.replace('0500', '0506')))).toBe(false)
    expect(isProbe(fromHex(probe.replace(/00$/, '01')))).toBe(false)
    expect(isProbe(nsidOf('ffffffff'))).toBe(true)
    expect(isProbe(nsidOf('06000000'))).toBe(false)
  })

  it('set aside what only serves another message', () => {
    const command = 'ip link show dev eth0'
    expect(isLookup(getLink, { firstSocket: false, command })).toBe(true)
    expect(isLookup(getLink, { firstSocket: true, command })).toBe(false)
    const addressLength = findGolden('link', 'link-address').lookups.at(-1)!.bytes
    expect(isLookup(addressLength, { firstSocket: true, command: 'ip link set eth0 address …' })).toBe(true)
    expect(isLookup(names, { firstSocket: true, command: 'ip neigh add …' })).toBe(true)
    expect(isLookup(names, { firstSocket: true, command: 'ip -6 neigh show' })).toBe(true)
    expect(isLookup(names, { firstSocket: true, command: 'bridge link show' })).toBe(true)
    expect(isLookup(names, { firstSocket: true, command: 'ip addr show' })).toBe(false)
    expect(isLookup(nsidOf('06000000'), { firstSocket: false, command: 'ip netns list-id' })).toBe(true)
    expect(isLookup(nsidOf('06000000'), { firstSocket: false, command: 'ip netns list' })).toBe(false)
  })
})

describe('differenceFrom', () => {
  const golden = findGolden('veth', 'veth-peer-in-netns').messages[0]!
  const changed = (offset: number) => {
    const bytes = golden.bytes.slice()
    bytes[offset]! ^= 0xff
    return bytes
  }

  it('finds a message the same as itself', () => {
    expect(differenceFrom(golden, golden.bytes)).toBeNull()
  })

  it('reports a change of any byte but those that are masked', () => {
    const fd = golden.varying[0]!.offset
    const masked = [8, 9, 10, 11, fd, fd + 1, fd + 2, fd + 3]
    const silent = [...golden.bytes.keys()].filter(
      (offset) => differenceFrom(golden, changed(offset)) === null,
    )
    expect(silent).toEqual(masked)
  })

  it('shows where a payload differs, inside nested attributes', () => {
    const { bytes } = findGolden('veth', 'veth-named-peer').messages[0]!
    const planted = bytes.slice()
    planted[planted.length - 4]! = 'f'.charCodeAt(0)
    expect(differenceFrom({ bytes, varying: [] }, planted)?.split('\n')).toEqual([
      '  header  length 100, type 16, flags 0x605, portid 0',
      '  body    00000000000000000000000000000000',
      '  3 (13) 766574682d72656400',
      '  18 (52)',
      '    18.1 (8) 76657468',
      '    18.2 (40)',
      '      18.2.1 (36) 00000000000000000000000000000000',
      '-       18.2.1.3 (14) 766574682d626c756500',
      '+       18.2.1.3 (14) 766574682d626c756600',
    ])
  })

  it('shows attributes that changed places', () => {
    const { bytes } = findGolden('address', 'address-v4-label').messages[0]!
    const moved = Uint8Array.from([
      ...bytes.subarray(0, 24),
      ...bytes.subarray(32, 44),
      ...bytes.subarray(24, 32),
      ...bytes.subarray(44),
    ])
    expect(differenceFrom({ bytes, varying: [] }, moved)?.split('\n').slice(2)).toEqual([
      '- 2 (8) c0000201',
      '  3 (11) 657468303a3100',
      '+ 2 (8) c0000201',
      '  1 (8) c0000201',
    ])
  })

  it('shows a message that is malformed', () => {
    const difference = differenceFrom(golden, golden.bytes.subarray(0, golden.bytes.length - 1))
    expect(difference).toContain('+ malformed: nlmsg_len is 108, the message has 107 bytes')
  })
})

describe('dissect', () => {
  const { bytes } = findGolden('veth', 'veth-named-peer').messages[0]!
  const header = (length: number, type: number) => `${u16(length)}0000${u16(type)}0500${'00'.repeat(8)}`

  it('refuses attributes that are too short, too long or cut off', () => {
    const link = (attributes: string) =>
      fromHex(header(32 + attributes.length / 2, 16) + '00'.repeat(16) + attributes)
    expect(() => dissect(link('03000100'))).toThrow('message, offset 32: attribute of 3, 4 left')
    expect(() => dissect(link('0900010000000000'))).toThrow('message, offset 32: attribute of 9, 8 left')
    expect(() => dissect(link('0400'))).toThrow('message, offset 32: 2 stray bytes')
    expect(() => dissect(link('0800120005000100'))).toThrow('18, offset 36: attribute of 5, 4 left')
  })

  it('refuses a nexthop that is longer than what holds it', () => {
    const route = fromHex(`${header(40, 24)}${'00'.repeat(12)}0c0009000900000000000000`)
    expect(() => dissect(route)).toThrow('9#0, offset 32: nexthop of 9')
  })

  it('refuses a message type whose structure it does not know', () => {
    expect(() => dissect(fromHex(header(16, 200)))).toThrow('message type 200')
  })

  it('cuts a datagram into messages and drops the zeros behind the last', () => {
    const datagram = Uint8Array.from([...bytes, ...bytes, ...new Array<number>(20).fill(0)])
    expect(splitDatagram(datagram).map(toHex)).toEqual([toHex(bytes), toHex(bytes)])
    expect(() => splitDatagram(Uint8Array.from([...bytes, 1, 2, 3, 4]))).toThrow(
      'bytes after the message at 100',
    )
  })

  it('is printed with flags of the type and padding that is not clear', () => {
    const { bytes: message } = findGolden('link', 'link-altname-add').messages[0]!
    const dirty = message.slice()
    dirty[dirty.length - 1] = 0xaa
    expect(describeMessage(dirty).slice(2)).toEqual([
      '52 |0x8000 (28)',
      '  52.53 (23) 65746865726e65742d746f2d7261636b2d3100 padding aa',
    ])
  })
})

describe('parseTrace', () => {
  const dump = (text: string) => ` | 00000  ${text}   ............\n`
  const trace = [
    '7  socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 3\n',
    '7  socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 5\n',
    '7  sendto(5, "x", 1, 0, NULL, 0)        = 1\n',
    dump('78'),
    '7  socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 4\n',
    '7  sendmsg(4, {msg_iov=[{iov_base=[{nlmsg_len=20}], iov_len=20}], msg_flags=0}, 0) = 20\n',
    ' * 20 bytes in buffer 0\n',
    dump('01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10'),
    ' | 00010  11 12 13 14                                       ....             \n',
    '7  sendto(3, [{nlmsg_len=2}], 2, 0, NULL, 0) = 2\n',
    dump('aa bb'),
    '7  +++ exited with 0 +++\n',
  ]

  it('reads the datagrams of netlink sockets alone', () => {
    const sent = parseTrace(trace.join('')).map(({ firstSocket, bytes }) => [firstSocket, toHex(bytes)])
    expect(sent).toEqual([
      [false, '0102030405060708090a0b0c0d0e0f1011121314'],
      [true, 'aabb'],
    ])
  })

  it('refuses a dump that is cut short and a call that failed', () => {
    expect(() => parseTrace(trace.filter((_, index) => index !== 8).join(''))).toThrow('16 of 20 bytes')
    expect(() =>
      parseTrace('7  sendto(3, [{nlmsg_len=2}], 2, 0, NULL, 0) = -1 EBADF (Bad file descriptor)\n'),
    ).toThrow('call failed')
  })
})
