// The least that lists links in a process: the addon, one request, and an answer of which no more is read than where its messages end.
const { join } = require('node:path')

const RTM_NEWLINK = 16
const RTM_GETLINK = 18
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const NLM_F_REQUEST_DUMP = 0x301
const MESSAGE = 32

const addon = require('bindings')({ bindings: 'netlink', module_root: join(__dirname, '../..') })
const socket = addon.openNetlink(-1, 0, new Int32Array([0, 0]))
const request = new Uint8Array(MESSAGE)
const header = new DataView(request.buffer)
header.setUint32(0, MESSAGE, true)
header.setUint16(4, RTM_GETLINK, true)
header.setUint16(6, NLM_F_REQUEST_DUMP, true)
const into = new Uint8Array(65536)
const answer = new DataView(into.buffer)
let length = socket.exchange(request, MESSAGE, into)
let links = 0
for (;;) {
  if (length < 0) throw new Error(`errno ${-length}`)
  let type
  for (let at = 0; at < length; at += (answer.getUint32(at, true) + 3) & ~3) {
    type = answer.getUint16(at + 4, true)
    if (type === NLMSG_ERROR) throw new Error(`errno ${-answer.getInt32(at + 16, true)}`)
    if (type === RTM_NEWLINK) links++
  }
  if (type === NLMSG_DONE) break
  length = socket.receive(into, true)
}
if (links !== Number(process.argv[2])) throw new Error(`${links} links`)
