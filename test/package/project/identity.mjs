// Loads every sub-path as ESM, as CommonJS and of a second copy of the package in one process, and prints what they know of each other.
import { createRequire } from 'node:module'
import * as esmRoot from 'netlink-ts'
import * as esmCodec from 'netlink-ts/codec'
import * as esmConntrack from 'netlink-ts/conntrack'
import * as esmConntrackSync from 'netlink-ts/conntrack/sync'
import * as esmNftables from 'netlink-ts/nftables'
import * as esmNftablesSync from 'netlink-ts/nftables/sync'
import * as esmSync from 'netlink-ts/sync'

const required = (require) => ({
  root: require('netlink-ts'),
  sync: require('netlink-ts/sync'),
  codec: require('netlink-ts/codec'),
  conntrack: [require('netlink-ts/conntrack'), require('netlink-ts/conntrack/sync')],
  nftables: [require('netlink-ts/nftables'), require('netlink-ts/nftables/sync')],
})

const copies = {
  esm: {
    root: esmRoot,
    sync: esmSync,
    codec: esmCodec,
    conntrack: [esmConntrack, esmConntrackSync],
    nftables: [esmNftables, esmNftablesSync],
  },
  cjs: required(createRequire(import.meta.url)),
  other: required(createRequire(new URL('other/', import.meta.url))),
}
const ERRORS = ['NetlinkError', 'SystemError', 'DumpInterruptedError', 'DecodeError']
const faces = Object.entries(copies).flatMap(([format, { root, sync }]) => [
  { name: `${format} root`, ...root },
  { name: `${format} sync`, ...sync },
])

const oneClass = {}
for (const [format, { root, sync, codec, conntrack, nftables }] of Object.entries(copies)) {
  oneClass[`${format} NetlinkError of ./nftables`] = nftables.every(
    (face) => root.NetlinkError === face.NetlinkError,
  )
  oneClass[`${format} NetlinkError of ./conntrack`] = conntrack.every(
    (face) => root.NetlinkError === face.NetlinkError,
  )
  for (const error of ERRORS) oneClass[`${format} ${error}`] = root[error] === sync[error]
  oneClass[`${format} DecodeError of ./codec`] = root.DecodeError === codec.DecodeError
}

for (const error of ERRORS)
  oneClass[`${error} of both formats`] = copies.esm.root[error] === copies.cjs.root[error]

async function thrownBy(call) {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const recognised = {}
const accepted = {}
for (const from of faces) {
  const refused = await thrownBy(async () => from.getLink('absent'))
  const missing = await thrownBy(async () => from.openNetns('absent'))
  const handle = await from.createNetns()
  for (const to of faces) {
    recognised[`NetlinkError, ${from.name} by ${to.name}`] =
      refused instanceof to.NetlinkError && !(missing instanceof to.NetlinkError)
    recognised[`SystemError, ${from.name} by ${to.name}`] =
      missing instanceof to.SystemError && !(refused instanceof to.SystemError)
    accepted[`handle, ${from.name} by ${to.name}`] = (await to.listLinks({ netns: handle })).length > 0
  }
  for (const [format, { nftables }] of Object.entries(copies)) {
    const generations = await Promise.all(nftables.map((face) => face.getGeneration({ netns: handle })))
    accepted[`handle, ${from.name} by nftables ${format}`] = generations.every((one) => one > 0)
  }
  for (const [format, { conntrack }] of Object.entries(copies)) {
    const counts = await Promise.all(conntrack.map((face) => face.countConntrack({ netns: handle })))
    accepted[`handle, ${from.name} by conntrack ${format}`] = counts.every((count) => count === 0)
  }
  handle.close()
}

const twoCopies = copies.esm.root.NetlinkError !== copies.other.root.NetlinkError
console.log(JSON.stringify({ twoCopies, oneClass, recognised, accepted }))
