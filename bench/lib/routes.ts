import { readFile } from 'node:fs/promises'

/** Reads the kernel's table, /proc/net/route: hosts in 44.0.0.0/8 by the gateway 10.200.0.2, bytes in host order. */
export async function countRoutes(): Promise<number> {
  const lines = (await readFile('/proc/net/route', 'utf8')).split('\n').map((line) => line.split('\t'))
  const added = lines.filter(
    ([dev, to, via, , , , , mask]) =>
      dev === 'veth-routes' && via === '0200C80A' && mask === 'FFFFFFFF' && to!.endsWith('2C'),
  )
  return new Set(added.map(([, to]) => to)).size
}
