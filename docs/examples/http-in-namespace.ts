/**
 * A web server in one namespace and its client in another, in one Node process: the sockets are opened inside the namespaces, and Node uses
 * them as any other.
 */
import http from 'node:http'
import net from 'node:net'
import { openSocketInNetns } from 'netlink-ts'
import { isMain } from './run.js'
import { twoNamespaces } from './two-namespaces.js'

export async function serve(netns: string, address: string, port: number): Promise<http.Server> {
  const server = http.createServer((_request, response) => response.end(`hello from ${netns}\n`))
  const fd = await openSocketInNetns(netns, { address, port })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ fd }, resolve)
  })
  return server
}

export async function get(netns: string, url: URL): Promise<string> {
  // Of an IPv6 address the URL has brackets.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const fd = await openSocketInNetns(netns, { family: net.isIPv6(host) ? 'ipv6' : 'ipv4' })
  const socket = new net.Socket({ fd })
  const request = http.get(url, {
    createConnection: () => socket.connect(Number(url.port || 80), host),
  })
  return await new Promise((resolve, reject) => {
    request.once('error', reject).once('response', (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += String(chunk)
      })
      response.once('end', () => resolve(body))
    })
  })
}

if (isMain(import.meta.url)) {
  const { red, blue } = await twoNamespaces()
  const server = await serve('red', '192.168.15.1', 80)
  console.log(await get('blue', new URL('http://192.168.15.1/')))
  server.close()
  await red.delete()
  await blue.delete()
}
