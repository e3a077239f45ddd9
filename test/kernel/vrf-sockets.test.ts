/**
 * How programs reach others through a VRF, and are reached: a socket that is bound to no device sees neither its routes nor its addresses.
 * docs/from-ip.md has it beside `ip vrf exec`.
 */

import { once } from 'node:events'
import { createServer, Socket } from 'node:net'
import { expect, it } from 'vitest'
import * as nl from '../../src/index.js'
import { PATIENCE } from './patience.js'
import { hasKind, ip, withVeth } from './support.js'
import { thrown } from './thrown.js'

/** The address at which a server of one namespace sees a client of another, or the code of what went wrong. */
async function connect(from: string, to: string, address: string, port: number): Promise<string> {
  const server = createServer((socket) => socket.end(`${socket.remoteAddress}`))
  let client: Socket | undefined
  try {
    server.listen({ fd: await nl.openSocketInNetns(to, { port }) })
    await once(server, 'listening')
    // Connected at once: it reads from the beginning.
    client = new Socket({ fd: await nl.openSocketInNetns(from) })
    const silent = Object.assign(new Error(), { code: 'TIMEOUT' })
    client.setTimeout(2000 * PATIENCE, () => client!.destroy(silent))
    client.connect(port, address)
    return String((await once(client, 'data'))[0])
  } catch (error) {
    return (error as NodeJS.ErrnoException).code!
  } finally {
    client?.destroy()
    server.close()
  }
}

it('reaches through a VRF by a rule, and is reached by a kernel parameter', {
  timeout: 120_000 * PATIENCE,
}, ({ skip }) => {
  skip(!hasKind('vrf'), 'cannot be installed: this kernel has no VRF')
  return withVeth(async (netns) => {
    const far = `${netns}-far`
    ip(`netns add ${far}`)
    try {
      ip(`link set eth1 netns ${far}`, netns)
      ip('link set eth1 up', far)
      ip('address add 192.0.2.2/24 dev eth1', far)
      await nl.createLink({ name: 'red', kind: 'vrf', table: 100, up: true, netns })
      await nl.setLink('eth0', { master: 'red', netns })
      await nl.addAddress('eth0', '192.0.2.1/24', { netns })
      const isReached = () => connect(far, netns, '192.0.2.1', 7000)
      const reaches = () => connect(netns, far, '192.0.2.2', 7001)
      const accept = (value: 0 | 1) => nl.setSysctl('net.ipv4.tcp_l3mdev_accept', value, { netns })

      expect([await isReached(), await reaches()]).toEqual(['ECONNREFUSED', 'ENETUNREACH'])
      await accept(1)
      expect([await isReached(), await reaches()]).toEqual(['192.0.2.2', 'ENETUNREACH'])
      for (const rule of [
        { to: '192.0.2.0/24', table: 100 },
        { uidRange: { start: 0, end: 0 }, table: 100 },
      ]) {
        await nl.addRule({ family: 'ipv4', ...rule, netns })
        expect([await isReached(), await reaches()]).toEqual(['192.0.2.2', '192.0.2.1'])
        await accept(0)
        // Answers come in by the VRF.
        expect(await reaches()).toBe('TIMEOUT')
        await accept(1)
        await nl.flushRules({ table: 100, family: 'ipv4', netns })
      }

      const ping = nl.spawnInNetns(netns, 'ping', ['-c1', '-I', 'red', '192.0.2.2'], { stdio: 'ignore' })
      expect((await once(ping, 'close'))[0]).toBe(0)
      expect(
        await thrown(() => nl.openSocketInNetns(netns, { address: '192.0.2.1', port: 7002 })),
      ).toMatchObject({ code: 'EADDRNOTAVAIL', advice: expect.stringContaining('VRF') })
    } finally {
      ip(`netns delete ${far}`)
    }
  })
})
