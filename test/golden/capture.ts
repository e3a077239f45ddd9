/**
 * Records the netlink messages that iproute2 sends: `test/isolated npx tsx test/golden/capture.ts [AREA…]`.
 * Each command of `scenarios/` runs under strace in namespaces of its own; see README.md for the format.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { splitDatagram } from './dissect.js'
import { type GoldenEntry, type GoldenFile, goldenAreas, readGoldenFile, toHex } from './golden.js'
import { areas, type Scenario } from './scenarios/index.js'
import { findVarying, isLookup, isProbe, ofCommand } from './sift.js'
import { parseTrace, STRACE_OPTIONS, UNSENT_OPTIONS } from './strace.js'

const ISOLATED = fileURLToPath(new URL('../isolated', import.meta.url))
const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url))

/** What ip prints when this kernel has not the feature; any other failure means that a scenario is wrong. */
const LACKING = /Operation not supported|Unknown device type|Protodown not supported/
/** What ip prints when strace has answered in the kernel's place. */
const UNSENT = /Connection reset by peer/

const UNPRIVILEGED =
  'setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs'

interface Run {
  trace: string
  exit: number
  stderr: string
  links: { ifname: string; ifindex: number; altnames?: string[] }[]
}

function run({ name, setup, command, unsent = false }: Scenario): Run {
  const directory = mkdtempSync(join(tmpdir(), 'golden-'))
  const strace = unsent
    ? `${UNPRIVILEGED} strace ${UNSENT_OPTIONS.join(' ')}`
    : `strace ${STRACE_OPTIONS.join(' ')}`
  chmodSync(directory, 0o777)
  const script = [
    'set -e',
    ...setup,
    `ip -j link show >${directory}/links`,
    'set +e',
    `${strace} -o ${directory}/trace ${command} >/dev/null 2>${directory}/stderr`,
    `echo $? >${directory}/exit`,
  ].join('\n')
  try {
    const { status, signal, stderr } = spawnSync(ISOLATED, ['sh', '-c', script], { timeout: 20_000 })
    if (status !== 0) throw new Error(`${name}: the setup failed (${signal ?? status}): ${stderr}`)
    const read = (file: string) => readFileSync(join(directory, file), 'utf8')
    return {
      trace: read('trace'),
      exit: Number(read('exit')),
      stderr: read('stderr').trim(),
      links: JSON.parse(read('links')) as Run['links'],
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** Makes sure, with a message that does no harm, that strace keeps messages from the kernel. */
function assertUnsent(): void {
  const script = `strace ${UNSENT_OPTIONS.join(' ')} -o /dev/null ip link set lo mtu 1234 2>/dev/null; cat /sys/class/net/lo/mtu`
  const { stdout } = spawnSync(ISOLATED, ['sh', '-c', script], { timeout: 20_000, encoding: 'utf8' })
  if (stdout.trim() !== '65536')
    throw new Error(`strace does not keep messages from the kernel: lo has mtu ${stdout}`)
}

function capture(scenario: Scenario, differences: string[] | undefined): GoldenEntry {
  const { name, command, setup } = scenario
  const { trace, exit, stderr, links } = run(scenario)
  const messages: Uint8Array[] = []
  const lookups: Uint8Array[] = []
  for (const datagram of ofCommand(parseTrace(trace))) {
    for (const message of splitDatagram(datagram.bytes)) {
      if (isProbe(message)) continue
      ;(isLookup(message, { ...datagram, command }) ? lookups : messages).push(message)
    }
  }
  if (messages.length === 0) throw new Error(`${name}: no message was sent: ${stderr}`)
  if (exit !== 0 && !scenario.needs && !(scenario.unsent ? UNSENT : LACKING).test(stderr))
    throw new Error(`${name}: exit ${exit}: ${stderr}`)

  const words = command.split(/\s+/)
  const named = links.filter((link) => [link.ifname, ...(link.altnames ?? [])].some((n) => words.includes(n)))
  const varying = messages.flatMap((message, index) => findVarying(message, index))
  return {
    name,
    command,
    setup,
    exit,
    ...(exit === 0 ? {} : { error: stderr }),
    messages: messages.map(toHex),
    ...(lookups.length > 0 ? { lookups: lookups.map(toHex) } : {}),
    ...(varying.length > 0 ? { varying } : {}),
    ...(differences === undefined ? {} : { differences }),
    ifindexes: Object.fromEntries(named.map((link) => [link.ifname, link.ifindex])),
  }
}

/** All entries of an area, or none when any of its scenarios is wrong: each such failure is printed. */
function captureAll(area: string, scenarios: Scenario[]): GoldenEntry[] | undefined {
  const entries: GoldenEntry[] = []
  const before = goldenAreas().includes(area) ? readGoldenFile(area).entries : []
  for (const scenario of scenarios) {
    try {
      const known = before.find(({ name }) => name === scenario.name)
      entries.push(capture(scenario, known?.differences))
    } catch (error) {
      console.error(`${area}: ${(error as Error).message}`)
      process.exitCode = 1
    }
  }
  return entries.length === scenarios.length ? entries : undefined
}

function version(command: string): string {
  return spawnSync(command, ['-V'], { encoding: 'utf8' }).stdout.split('\n')[0]!
}

function main(): void {
  if (process.env['NETLINK_TS_ISOLATED'] !== '1') {
    throw new Error('run as: test/isolated npx tsx test/golden/capture.ts')
  }
  const only = process.argv.slice(2)
  for (const [area, scenarios] of Object.entries(areas)) {
    if (only.length > 0 && !only.includes(area)) continue
    if (scenarios.some(({ unsent }) => unsent)) assertUnsent()
    const entries = captureAll(area, scenarios)
    if (!entries) continue
    const file: GoldenFile = {
      iproute2: version('ip'),
      ...(area === 'conntrack' && { conntrack: version('conntrack') }),
      ...(area.startsWith('nft') && { nft: version('nft') }),
      kernel: release(),
      strace: version('strace'),
      entries,
    }
    writeFileSync(join(FIXTURES, `${area}.json`), `${JSON.stringify(file, null, 2)}\n`)
    const count = entries.reduce((sum, entry) => sum + entry.messages.length, 0)
    console.log(`${area}: ${entries.length} commands, ${count} messages`)
  }
}

main()
