/**
 * What the checks of NAT need: a container on a bridge, at 10.0.0.2, and a machine outside that knows no way to it. With `--mode check`
 * goes from one to the other and back, with `--mode check-port` back alone.
 */

import net from 'node:net'
import { importNft, importPromises, inputEnd, readOptions, Stopwatch } from './worker.js'

const BRIDGE = 'br-bench'
const [CONTAINER, OUTSIDE] = ['bench-container', 'bench-outside']
const [HERE, THERE] = ['203.0.113.1', '203.0.113.2']

const nl = await importPromises()
const { enableForwarding } = await importNft()

async function make(): Promise<void> {
  await nl.createBridge({ name: BRIDGE, up: true, addresses: ['10.0.0.1/16'] })
  for (const name of [CONTAINER, OUTSIDE]) await nl.createNetns(name, { loopback: true })
  await nl.createVethPair(
    { name: 'bench-c0', master: BRIDGE, up: true },
    {
      name: 'eth0',
      netns: CONTAINER,
      up: true,
      addresses: ['10.0.0.2/16'],
      routes: [{ to: 'default', via: '10.0.0.1' }],
    },
  )
  await nl.createVethPair(
    { name: 'bench-out', up: true, addresses: [`${HERE}/24`] },
    { name: 'eth0', netns: OUTSIDE, up: true, addresses: [`${THERE}/24`] },
  )
  await enableForwarding({ family: 'ipv4' })
}

async function remove(): Promise<void> {
  for (const name of [CONTAINER, OUTSIDE]) await nl.deleteNetns(name)
  for (const name of ['bench-out', BRIDGE]) await nl.deleteLink(name)
}

/** Serves in one namespace, connects from the other: whom the server sees. */
async function seenBy(
  server: string,
  port: number,
  client: string,
  [toPort, to]: [port: number, address: string],
) {
  const listener = net.createServer((socket) => socket.end(socket.remoteAddress ?? ''))
  const fd = await nl.openSocketInNetns(server, { address: '0.0.0.0', port })
  await new Promise<void>((resolve) => listener.listen({ fd }, resolve))
  try {
    const socket = new net.Socket({ fd: await nl.openSocketInNetns(client) }).connect(toPort, to)
    socket.setTimeout(5000, () => socket.destroy(new Error(`${to}: no answer`)))
    let seen = ''
    for await (const text of socket.setEncoding('utf8')) seen += text
    return seen
  } finally {
    listener.close()
  }
}

async function checkMasqueraded(): Promise<void> {
  const out = await seenBy(OUTSIDE, 7, CONTAINER, [7, THERE])
  if (out !== HERE) throw new Error(`10.0.0.2 is seen as ${out}, not masqueraded`)
}

async function checkPublished(): Promise<void> {
  const back = await seenBy(CONTAINER, 80, OUTSIDE, [20_000, HERE])
  if (back !== THERE) throw new Error(`port 20000 is seen from ${back}`)
}

const { mode } = readOptions()
if (mode === 'check') await checkMasqueraded()
if (mode.startsWith('check')) await checkPublished()
else {
  await make()
  console.log('ready')
  await inputEnd()
  await remove()
}
new Stopwatch().report()
