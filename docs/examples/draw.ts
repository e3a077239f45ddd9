/** Draws a bridge and the namespaces on it in text, from what the kernel says. */
import { getLink, listAddresses, listLinks, type Netns } from 'netlink-ts'

interface Box {
  readonly lines: readonly string[]
  /** The port of the bridge that its line leads to. */
  readonly port: string
}

async function ipv4Of(dev: string, netns?: Netns): Promise<string> {
  const [first] = await listAddresses({ dev, family: 'ipv4', netns })
  return first?.address ?? 'no address'
}

export async function drawBridge(bridge: string, namespaces: readonly Netns[]): Promise<string> {
  const ports = await listLinks({ master: bridge })
  const boxes: Box[] = []
  for (const netns of namespaces) {
    for (const end of await netns.listLinks({ kind: 'veth' })) {
      // A veth's `link` is the ifindex of its peer, here a port of the bridge.
      const port = ports.find(({ ifindex }) => ifindex === end.link)
      if (port === undefined) continue
      const state = end.up ? 'up' : 'down'
      boxes.push({
        lines: [netns.name ?? '', `${end.name} ${state}`, await ipv4Of(end.name, netns), end.mac ?? ''],
        port: port.name,
      })
    }
  }
  const width =
    Math.max(...boxes.flatMap(({ lines, port }) => [...lines, port].map((text) => text.length))) + 2
  const { up } = await getLink(bridge)
  return [
    row(boxes, () => `┌${'─'.repeat(width)}┐`),
    ...[0, 1, 2, 3].map((line) => row(boxes, ({ lines }) => `│${centred(lines[line] ?? '', width)}│`)),
    row(boxes, () => `└${centred('┬', width, '─')}┘`),
    row(boxes, ({ port }) => centred(port, width + 2)),
    row(boxes, () => centred('│', width + 2)),
    centred(
      `══ ${bridge} ${up ? 'up' : 'down'}, ${await ipv4Of(bridge)} ══`,
      boxes.length * (width + 4) - 2,
      '═',
    ),
  ].join('\n')
}

function row(boxes: readonly Box[], draw: (box: Box) => string): string {
  return boxes.map(draw).join('  ')
}

function centred(text: string, width: number, fill = ' '): string {
  const left = Math.floor((width - text.length) / 2)
  return fill.repeat(Math.max(0, left)) + text + fill.repeat(Math.max(0, width - text.length - left))
}
