/** Encodes and decodes messages without a socket. Bundled with the sources, whose tables are no public exports. */

import { encodeBody, Writer } from '../../src/codec/index.js'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../src/netlink/constants.js'
import { writeRequest } from '../../src/netlink/nlmsg.js'
import { IFF_UP } from '../../src/rtnetlink/link/constants.js'
import { readLink } from '../../src/rtnetlink/link/link.js'
import { newLinkRequest } from '../../src/rtnetlink/link/request.js'
import { newLink } from '../../src/rtnetlink/link/table.js'
import { readRoute } from '../../src/rtnetlink/route/route.js'
import { newRoute } from '../../src/rtnetlink/route/table.js'
import { destination, GATEWAY, readOptions, Stopwatch } from './worker.js'

const WARM_UP = 2
const FLAGS = NLM_F_CREATE | NLM_F_EXCL

const { count, mode, repeat } = readOptions()

function routeBody(number: number) {
  const header = { family: 2, dstLen: 32, table: 254, protocol: 3, scope: 0, type: 1 }
  return { header, attributes: { dst: destination(number), gateway: GATEWAY, oif: 4 } }
}

/** The request that makes a veth pair, as createVethPair() sends it. */
function pairRequest(number: number) {
  const peer = { ifindex: undefined, attributes: { ifname: 'eth0', netNsFd: 20 } }
  return newLinkRequest('', FLAGS, {
    header: { flags: [IFF_UP], change: [IFF_UP] },
    attributes: { ifname: `veth${number}`, master: 2, linkinfo: { kind: 'veth', data: { peer } } },
  })
}

/** What a dump tells of a veth link. */
function linkBody(number: number) {
  const body: Parameters<typeof encodeBody<typeof newLink>>[2] = {
    header: { type: 1, index: number, flags: [IFF_UP | 0x11042] },
    attributes: {
      ifname: `va${number}`,
      txqlen: 1000,
      operstate: 'up',
      linkmode: 'default',
      mtu: 1500,
      minMtu: 68,
      maxMtu: 65535,
      group: 0,
      promiscuity: 0,
      allmulti: 0,
      numTxQueues: 2,
      gsoMaxSegs: 65535,
      gsoMaxSize: 65536,
      groMaxSize: 65536,
      numRxQueues: 2,
      carrier: true,
      qdisc: 'noqueue',
      carrierChanges: 2,
      carrierUpCount: 1,
      carrierDownCount: 1,
      protoDown: false,
      address: '02:00:00:00:00:01',
      broadcast: 'ff:ff:ff:ff:ff:ff',
      link: number + 1,
      linkinfo: { kind: 'veth' },
    },
  }
  return body
}

function encoder(write: (number: number, out: Writer) => void): () => void {
  const out = new Writer()
  return () => {
    for (let number = 0; number < count; number++) {
      out.length = 0
      write(number, out)
    }
  }
}

function decoder<T>(
  write: (number: number, out: Writer) => void,
  read: (bytes: Uint8Array, start: number, end: number) => T,
  isRight: (value: T, number: number) => boolean,
): () => void {
  const out = new Writer()
  const ends = Array.from({ length: count }, (_, number) => {
    write(number, out)
    return out.length
  })
  return () => {
    let start = 0
    for (let number = 0; number < count; number++) {
      const end = ends[number]!
      if (!isRight(read(out.bytes, start, end), number)) throw new Error(`message ${number} is read wrong`)
      start = end
    }
  }
}

const MODES: Record<string, () => () => void> = {
  'encode-route': () =>
    encoder((number, out) =>
      writeRequest({ message: newRoute, body: routeBody(number), flags: FLAGS, answer: 'ack' }, number, out),
    ),
  'decode-route': () =>
    decoder(
      (number, out) => encodeBody(newRoute, out, routeBody(number)),
      (bytes, start, end) => readRoute(bytes, start, end, () => null),
      (route, number) => route.via === GATEWAY && (number !== count - 1 || route.to === destination(number)),
    ),
  'encode-pair': () => encoder((number, out) => writeRequest(pairRequest(number), number, out)),
  'decode-link': () =>
    decoder(
      (number, out) => encodeBody(newLink, out, linkBody(number + 1)),
      readLink,
      (link, number) => link.kind === 'veth' && link.link === number + 2 && link.up,
    ),
}

const pass = MODES[mode]!()
const watch = new Stopwatch()
for (let i = 0; i < WARM_UP; i++) pass()
watch.begin()
for (let i = 0; i < repeat; i++) {
  const begun = performance.now()
  pass()
  watch.record(begun)
}
watch.end()
watch.report()
