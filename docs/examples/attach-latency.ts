/**
 * How long it takes to attach a container (namespace, veth pair, port of a bridge, address, default route), and how many of them a second, when
 * several are attached at once. As root; what is measured is the function `attach`, which you replace by your own.
 *
 *   node --import tsx docs/examples/attach-latency.ts --attaches 200 --concurrency 1,2,4,8,16 --svg latency.svg
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import {
  createBridge,
  createNetns,
  createVethPair,
  deleteLink,
  deleteLinkGroup,
  type Netns,
} from 'netlink-ts'
import { isMain } from './run.js'

const BRIDGE = 'v-net-0'
const GROUP = 7000
/** Ports that a bridge takes. */
const MOST = 1023

/** Attaches container number `i`; afterwards it can be reached. */
async function attach(i: number): Promise<Netns> {
  const netns = await createNetns(undefined, { loopback: true })
  await createVethPair(
    { name: `veth${i}`, master: BRIDGE, up: true, group: GROUP },
    {
      name: 'eth0',
      netns,
      up: true,
      addresses: [`10.9.${i >> 8}.${i & 255}/16`],
      routes: [{ to: 'default', via: '10.9.255.254' }],
    },
  )
  return netns
}

/** Milliseconds, but for the rate. */
export interface Measured {
  readonly concurrency: number
  readonly perSecond: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

/** Runs `work` for 1 to `count`, never more than `concurrency` at once, and takes the time of each. */
export async function measure(
  work: (i: number) => Promise<unknown>,
  count: number,
  concurrency: number,
): Promise<Measured> {
  const times: number[] = []
  let next = 1
  const worker = async () => {
    for (let i = next++; i <= count; i = next++) {
      const start = performance.now()
      await work(i)
      times.push(performance.now() - start)
    }
  }
  const start = performance.now()
  const ends = await Promise.allSettled(Array.from({ length: concurrency }, worker))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  const perSecond = (count / (performance.now() - start)) * 1000
  times.sort((a, b) => a - b)
  const quantile = (q: number) => times[Math.min(count - 1, Math.floor(count * q))] ?? 0
  return { concurrency, perSecond, p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99) }
}

function table(rows: readonly Measured[]): string {
  const lines = rows.map(({ concurrency, perSecond, p50, p90, p99 }) =>
    [concurrency, perSecond.toFixed(0), ...[p50, p90, p99].map((ms) => ms.toFixed(2))]
      .map((cell) => String(cell).padStart(12))
      .join(''),
  )
  return (
    ['concurrency', 'attaches/s', 'p50 ms', 'p90 ms', 'p99 ms'].map((head) => head.padStart(12)).join('') +
    `\n${lines.join('\n')}`
  )
}

const [WIDTH, HEIGHT, MARGIN] = [360, 220, 48]
const SERIES = [
  {
    panel: 0,
    title: 'attaches a second',
    of: ({ perSecond }: Measured) => perSecond,
    name: '',
    colour: '#0969da',
  },
  { panel: 1, title: 'milliseconds', of: ({ p50 }: Measured) => p50, name: 'p50', colour: '#1a7f37' },
  { panel: 1, title: 'milliseconds', of: ({ p90 }: Measured) => p90, name: 'p90', colour: '#9a6700' },
  { panel: 1, title: 'milliseconds', of: ({ p99 }: Measured) => p99, name: 'p99', colour: '#cf222e' },
] as const

/** Two charts side by side, over the concurrency: the rate, and the quantiles. */
function chart(rows: readonly Measured[]): string {
  const x = (panel: number, i: number) =>
    panel * WIDTH + MARGIN + (i / Math.max(1, rows.length - 1)) * (WIDTH - 2 * MARGIN)
  const parts = [0, 1].flatMap((panel) => {
    const series = SERIES.filter((one) => one.panel === panel)
    const top = Math.max(...series.flatMap(({ of }) => rows.map(of)))
    const y = (value: number) => HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN)
    const [left, right] = [panel * WIDTH + MARGIN, (panel + 1) * WIDTH - MARGIN]
    const grid = [0, 0.5, 1].map(
      (part) =>
        `<path d="M${left} ${y(top * part)}H${right}" stroke="#d0d7de"/>` +
        `<text x="${left - 6}" y="${y(top * part) + 4}" text-anchor="end">${(top * part).toFixed(top < 10 ? 1 : 0)}</text>`,
    )
    const ticks = rows.map(
      ({ concurrency }, i) =>
        `<text x="${x(panel, i)}" y="${HEIGHT - MARGIN + 18}" text-anchor="middle">${concurrency}</text>`,
    )
    const lines = series.map(
      ({ of, name, colour }, i) =>
        `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${rows.map((row, at) => `${x(panel, at)},${y(of(row))}`).join(' ')}"/>` +
        `<text x="${left + 100 + i * 40}" y="24" fill="${colour}">${name}</text>`,
    )
    const titles = [
      `<text x="${left}" y="24" font-weight="bold">${series[0]!.title}</text>`,
      `<text x="${(left + right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">attached at once</text>`,
    ]
    return [...grid, ...ticks, ...lines, ...titles]
  })
  const size = `width="${2 * WIDTH}" height="${HEIGHT}" viewBox="0 0 ${2 * WIDTH} ${HEIGHT}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n${parts.join('\n')}\n</svg>\n`
}

/** Attaches that many containers, and detaches them, whatever became of the others. */
async function round(attaches: number, concurrency: number, signal: AbortSignal): Promise<Measured> {
  const made: Netns[] = []
  const work = async (i: number) => {
    signal.throwIfAborted()
    made.push(await attach(i))
  }
  try {
    return await measure(work, attaches, concurrency)
  } finally {
    // All pairs at once, so that the kernel is not still at it in the next round.
    if (made.length > 0) await deleteLinkGroup(GROUP)
    for (const netns of made) netns.close()
  }
}

/** A number from 1 to as many containers as the bridge takes. */
function count(option: string, text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0
  if (number < 1 || number > MOST) throw new Error(`--${option}: '${text}' is no number from 1 to ${MOST}`)
  return number
}

if (isMain(import.meta.url)) {
  try {
    const { values } = parseArgs({
      options: {
        attaches: { type: 'string', default: '200' },
        concurrency: { type: 'string', default: '1,2,4,8,16' },
        svg: { type: 'string' },
      },
    })
    const attaches = count('attaches', values.attaches)
    const all = values.concurrency.split(',').map((text) => count('concurrency', text))
    const stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => stop.abort(new Error(signal)))
    const rows: Measured[] = []
    await createBridge({ name: BRIDGE, up: true, addresses: ['10.9.255.254/16'] })
    try {
      for (const concurrency of all) rows.push(await round(attaches, concurrency, stop.signal))
    } finally {
      await deleteLink(BRIDGE)
    }
    console.log(table(rows))
    if (values.svg !== undefined) await writeFile(values.svg, chart(rows))
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
