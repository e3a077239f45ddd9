import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packagePath } from './child.js'
import type { Program } from './competitors.js'
import { isInstalled, versionOf } from './environment.js'
import type { Versions } from './interleave.js'
import type { Missing, SuiteOptions } from './suite.js'
import { peerWorker } from './worker.js'

const run = promisify(execFile)
const GO_SOURCES = '/usr/share/gocode'
const GO_PACKAGE = 'golang-github-vishvananda-netlink-dev'
/** Comes with it. */
const GO_NETNS_PACKAGE = 'golang-github-vishvananda-netns-dev'
const CRATES = '/usr/share/cargo/registry'
/** Of the crate rtnetlink, whose names change from one to the next. */
const CRATE_VERSION = '0.10'

type Name = 'Go' | 'Rust' | 'pyroute2' | 'ip' | 'nft' | 'iptables' | 'npm netlink'

/** How a peer is started, and what it is made of. */
export interface Found {
  command: string[]
  versions: Versions
}

/** A program to be compared with. */
export interface Peer {
  title: string
  /** The command that brings it. */
  remedy: string
  /** Null where it is not installed; throws where it cannot be built. `quick`: as it was built before, or NotBuilt. */
  find(quick: boolean): Promise<Found | null>
}

/** To build all of them takes a minute. */
class NotBuilt extends Error {
  override message = '--quick builds nothing'
}

function needBuilt(program: string): void {
  if (!existsSync(program)) throw new NotBuilt()
}

/** The programs of bench/peers. */
const PEERS: Record<Name, Peer> = {
  Go: {
    title: 'Go, vishvananda/netlink',
    remedy: `apt-get install golang-go ${GO_PACKAGE}`,
    async find(quick) {
      if (!isInstalled('go') || !existsSync(`${GO_SOURCES}/src/github.com/vishvananda/netlink`)) return null
      const built = packagePath('bench/results/peers/netlink')
      const cache = packagePath('bench/results/peers/cache')
      const environment = { ...process.env, GO111MODULE: 'off', GOPATH: GO_SOURCES, GOCACHE: cache }
      if (quick) needBuilt(built)
      else
        await run('go', ['build', '-o', built, '.'], { cwd: packagePath('bench/peers/go'), env: environment })
      return {
        command: [built],
        versions: {
          go: versionOf('go', 'version'),
          'vishvananda/netlink': versionOf('dpkg-query', '-W', GO_PACKAGE),
          'vishvananda/netns': versionOf('dpkg-query', '-W', GO_NETNS_PACKAGE),
        },
      }
    },
  },
  Rust: {
    title: `Rust, rtnetlink ${CRATE_VERSION}`,
    remedy: 'apt-get install cargo librust-rtnetlink-dev librust-tokio-dev librust-futures-dev',
    async find(quick) {
      const crates = await readdir(CRATES).catch(() => [])
      const crate = crates.find((name) => name.startsWith(`rtnetlink-${CRATE_VERSION}.`))
      if (!isInstalled('cargo') || crate === undefined) return null
      const directory = packagePath('bench/results/peers/rust')
      const target = join(directory, 'target')
      const built = join(target, 'release/rtnetlink-peer')
      if (quick) needBuilt(built)
      else await buildCrate(directory, target)
      return {
        command: [built],
        versions: { rustc: versionOf('rustc', '--version'), rtnetlink: crate.slice('rtnetlink-'.length) },
      }
    },
  },
  pyroute2: {
    title: 'pyroute2',
    remedy: 'apt-get install python3-pyroute2',
    async find() {
      const version = 'from importlib.metadata import version; print(version("pyroute2"))'
      // Debian's, which another python3 in the path does not find.
      for (const python of ['/usr/bin/python3', 'python3']) {
        const installed = await run(python, ['-c', 'from pyroute2 import IPRoute, NetNS']).then(
          () => true,
          () => false,
        )
        if (installed)
          return {
            command: [python, packagePath('bench/peers/pyroute2_peer.py')],
            versions: { python: versionOf(python, '--version'), pyroute2: versionOf(python, '-c', version) },
          }
      }
      return null
    },
  },
  ip: tool('ip', 'iproute2', '-V'),
  nft: tool('nft', 'nftables', '--version'),
  iptables: tool('iptables', 'iptables', '--version'),
  'npm netlink': {
    title: 'npm netlink',
    remedy: 'npm install --no-save netlink',
    async find() {
      try {
        createRequire(packagePath('package.json')).resolve('netlink')
      } catch {
        return null
      }
      const manifest = readFileSync(packagePath('node_modules/netlink/package.json'), 'utf8')
      return {
        command: await peerWorker('npm-netlink'),
        versions: { 'npm netlink': JSON.parse(manifest).version },
      }
    },
  },
}

async function buildCrate(directory: string, target: string): Promise<void> {
  // Cargo writes a lock file next to the manifest, and that of yesterday's crates would hold today's up.
  await rm(join(directory, 'Cargo.lock'), { force: true })
  await cp(packagePath('bench/peers/rust'), directory, { recursive: true, preserveTimestamps: true })
  const sources = ['crates-io.replace-with="debian"', `debian.directory="${CRATES}"`]
  const config = sources.flatMap((source) => ['--config', `source.${source}`])
  await run('cargo', ['build', '--quiet', '--release', '--offline', '--target-dir', target, ...config], {
    cwd: directory,
    env: { ...process.env, CARGO_HOME: packagePath('bench/results/peers/cargo') },
  })
}

/** A command line tool of Debian's; one file of bench/peers has what `ip` does, another what `nft` and `iptables` do. */
function tool(name: string, debian: string, ...version: string[]): Peer {
  return {
    title: name,
    remedy: `apt-get install ${debian}`,
    find: async () =>
      isInstalled(name)
        ? {
            command: await peerWorker(name === 'ip' ? 'ip' : 'nft'),
            versions: { [debian]: versionOf(name, ...version) },
          }
        : null,
  }
}

/** Looks for a peer; one that cannot be built is missing, too, and tells why. */
export async function look({ title, remedy, find }: Peer, quick: boolean): Promise<Found | Missing> {
  try {
    return (await find(quick)) ?? { name: title, remedy }
  } catch (error) {
    const built = 'the same without --quick, once'
    return {
      name: title,
      remedy: error instanceof NotBuilt ? built : remedy,
      because: reasonOf(error as Error),
    }
  }
}

/** What a compiler said first, without the name of the package that Go writes before it. */
function reasonOf({ message, stderr = '' }: Error & { stderr?: string }): string {
  const lines = `${stderr}\n${message}`.split('\n').map((line) => line.trim())
  return lines.find((line) => line !== '' && !line.startsWith('#')) ?? 'it failed'
}

const looked = new Map<Name, Promise<Found | Missing>>()

function lookOnce(name: Name, quick: boolean): Promise<Found | Missing> {
  const found = looked.get(name) ?? look(PEERS[name], quick)
  looked.set(name, found)
  return found
}

/** What a peer is asked for: its own arguments besides the name of the work, and what competitors() wants to know. */
export type PeerWork = [
  peer: Name,
  name: string,
  options?: Omit<Program, 'name' | 'command' | 'versions'>,
  ...args: string[],
]

/** The peers that are installed, for one kind of work; none unless they are asked for. */
export async function findPeers(
  { peers, quick }: SuiteOptions,
  work: string,
  wanted: readonly PeerWork[],
): Promise<{ programs: Program[]; missing: Missing[] }> {
  const programs: Program[] = []
  const absent = new Map<string, Missing>()
  for (const [peer, name, options, ...args] of peers ? wanted : []) {
    const found = await lookOnce(peer, quick)
    if ('command' in found)
      programs.push({
        name,
        command: [...found.command, work, ...args],
        versions: found.versions,
        ...options,
      })
    else absent.set(peer, found)
  }
  return { programs, missing: [...absent.values()] }
}
