import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packagePath } from './child.js'
import type { Program } from './competitors.js'
import { isInstalled } from './environment.js'
import type { Missing, SuiteOptions } from './suite.js'
import { peerWorker } from './worker.js'

const run = promisify(execFile)
const GO_SOURCES = '/usr/share/gocode'
const CRATES = '/usr/share/cargo/registry'
/** Of the crate rtnetlink, whose names change from one to the next. */
const CRATE_VERSION = '0.10'

type Name = 'Go' | 'Rust' | 'pyroute2' | 'ip' | 'nft' | 'iptables' | 'npm netlink'
type Found = string[] | Missing

/** The programs of bench/peers: how each is started, or what brings it. */
const PEERS: Record<Name, () => Promise<Found>> = {
  async Go() {
    const library = `${GO_SOURCES}/src/github.com/vishvananda/netlink`
    if (!isInstalled('go') || !existsSync(library))
      return missing('Go, vishvananda/netlink', 'golang-go golang-github-vishvananda-netlink-dev')
    const built = packagePath('bench/results/peers/netlink')
    const cache = packagePath('bench/results/peers/cache')
    const environment = { ...process.env, GO111MODULE: 'off', GOPATH: GO_SOURCES, GOCACHE: cache }
    await run('go', ['build', '-o', built, '.'], { cwd: packagePath('bench/peers/go'), env: environment })
    return [built]
  },
  async Rust() {
    const crates = await readdir(CRATES).catch(() => [])
    if (!isInstalled('cargo') || !crates.some((name) => name.startsWith(`rtnetlink-${CRATE_VERSION}.`)))
      return missing(
        `Rust, rtnetlink ${CRATE_VERSION}`,
        'cargo librust-rtnetlink-dev librust-tokio-dev librust-futures-dev',
      )
    const directory = packagePath('bench/results/peers/rust')
    // Cargo writes a lock file next to the manifest, and that of yesterday's crates would hold today's up.
    await rm(join(directory, 'Cargo.lock'), { force: true })
    await cp(packagePath('bench/peers/rust'), directory, { recursive: true, preserveTimestamps: true })
    const target = join(directory, 'target')
    const sources = ['crates-io.replace-with="debian"', `debian.directory="${CRATES}"`]
    const config = sources.flatMap((source) => ['--config', `source.${source}`])
    await run('cargo', ['build', '--quiet', '--release', '--offline', '--target-dir', target, ...config], {
      cwd: directory,
      env: { ...process.env, CARGO_HOME: packagePath('bench/results/peers/cargo') },
    })
    return [join(target, 'release/rtnetlink-peer')]
  },
  async pyroute2() {
    // Debian's, which another python3 in the path does not find.
    for (const python of ['/usr/bin/python3', 'python3']) {
      const installed = await run(python, ['-c', 'import pyroute2']).then(
        () => true,
        () => false,
      )
      if (installed) return [python, packagePath('bench/peers/pyroute2_peer.py')]
    }
    return missing('pyroute2', 'python3-pyroute2')
  },
  async ip() {
    return isInstalled('ip') ? peerWorker('ip') : missing('ip', 'iproute2')
  },
  async nft() {
    return isInstalled('nft') ? peerWorker('nft') : missing('nft', 'nftables')
  },
  async iptables() {
    return isInstalled('iptables') ? peerWorker('nft') : missing('iptables', 'iptables')
  },
  async 'npm netlink'() {
    try {
      createRequire(packagePath('package.json')).resolve('netlink')
    } catch {
      return { name: 'npm netlink', remedy: 'npm install --no-save netlink' }
    }
    return peerWorker('npm-netlink')
  },
}

function missing(name: string, packages: string): Missing {
  return { name, remedy: `apt-get install ${packages}` }
}

const looked = new Map<Name, Promise<Found>>()

function look(name: Name): Promise<Found> {
  const found = looked.get(name) ?? PEERS[name]()
  looked.set(name, found)
  return found
}

/** What a peer is asked for: its own arguments besides the name of the work, and what competitors() wants to know. */
export type PeerWork = [
  peer: Name,
  name: string,
  options?: Omit<Program, 'name' | 'command'>,
  ...args: string[],
]

/** The peers that are installed, for one kind of work; none unless they are asked for. */
export async function findPeers(
  { peers }: SuiteOptions,
  work: string,
  wanted: readonly PeerWork[],
): Promise<{ programs: Program[]; missing: Missing[] }> {
  const programs: Program[] = []
  const absent = new Map<string, Missing>()
  for (const [peer, name, options, ...args] of peers ? wanted : []) {
    const found = await look(peer)
    if (Array.isArray(found)) programs.push({ name, command: [...found, work, ...args], ...options })
    else absent.set(peer, found)
  }
  return { programs, missing: [...absent.values()] }
}
