/**
 * A container with a network, by runc or crun: the namespace, its veth pair on a bridge and a published port are there before the
 * program starts, and gone when it has ended, whichever way. As root:
 *
 *   node --import tsx docs/examples/oci-runtime.ts run --runtime crun --address 10.22.0.2 --publish 8080:80 web ROOTFS -- httpd -f
 *   node --import tsx docs/examples/oci-runtime.ts sweep     what programs left that were killed (`run` does it, too)
 *   node --import tsx docs/examples/oci-runtime.ts down      the bridge and the masquerading, which all containers share
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  planTopology,
  recoverTopologies,
  type Topology,
} from 'netlink-ts/topology'
import { exclusively } from './exclusively.js'
import { writeBundle } from './oci-bundle.js'
import { isMain } from './run.js'

/** A directory for each container: its bundle, and which program runs it. */
const STATE = join((process.getuid?.() !== 0 && process.env['XDG_RUNTIME_DIR']) || '/run', 'oci-runtime')

/** Held while something of STATE or of SHARED comes or goes. */
const LOCK = `netlink-ts:${STATE}`

const GATEWAY = '10.22.0.1'

/** What all containers share. */
const SHARED: Topology = {
  name: 'containers',
  sysctls: {
    'net.ipv4.ip_forward': 1,
    // A container that says it is a router is believed by nobody: the host would send to it.
    ...(existsSync('/proc/sys/net/ipv6') ? { 'net.ipv6.conf.v-net-0.accept_ra': 0 } : {}),
  },
  // With a MAC of its own: else it would change with the ports that come and go.
  bridges: { 'v-net-0': { mac: '0a:58:0a:16:00:01', addresses: [`${GATEWAY}/24`] } },
  nat: { masquerade: [{ source: '10.22.0.0/24', except: '10.22.0.0/24' }] },
}

const ROOTLESS =
  'an ordinary user starts this program in namespaces of his own: unshare -Urnm sh -c \'mount -t tmpfs tmpfs /run && exec "$@"\' sh node …'

export interface Container {
  id: string
  rootfs: string
  args: readonly string[]
  /** 'runc' or 'crun' */
  runtime: string
  /** '10.22.0.2' */
  address: string
  /** '8080:80' */
  publish: readonly string[]
}

/** The bridge's end of a container's pair: ids mostly have 12 or 64 digits, and beside the prefix a name has room for 10, those of a digest. */
function portOf(id: string): string {
  return `veth-${id.length <= 10 ? id : createHash('sha256').update(id).digest('hex').slice(0, 10)}`
}

/** The network of one container, as one value: it is there whole or not at all. */
export function networkOf({ id, address, publish }: Pick<Container, 'id' | 'address' | 'publish'>): Topology {
  const veth = portOf(id)
  return {
    name: `container-${id}`,
    namespaces: {
      [id]: {
        links: { eth0: { peer: `:${veth}`, addresses: [`${address}/24`] } },
        routes: [{ to: 'default', via: GATEWAY }],
      },
    },
    links: { [veth]: { master: 'v-net-0' } },
    nat: {
      publish: publish.map((ports) => {
        const [hostPort = '', port = ''] = ports.split(':')
        return { hostPort: Number(hostPort), to: `${address}:${port}`, dev: 'v-net-0' }
      }),
    },
  }
}

/** Runs a container to its end; its exit status. An abort kills it. */
export async function runContainer(container: Container, signal: AbortSignal): Promise<number> {
  const { id, runtime } = container
  const bundle = join(STATE, id)
  const begin = async () => {
    await sweep()
    if ((await planTopology(SHARED)).steps.length > 0) await applyTopology(SHARED, { signal })
    await claim(container, bundle)
  }
  await exclusively(LOCK, begin, signal)
  try {
    await createTopology(networkOf(container), { signal })
    const options = { stdio: 'inherit', signal, killSignal: 'SIGKILL' } as const
    const ended = once(spawn(runtime, ['run', '--bundle', bundle, id], options), 'close')
    const [status, killer] = (await ended) as [number | null, NodeJS.Signals]
    // As a shell tells it.
    return status ?? 128 + constants.signals[killer]
  } finally {
    await exclusively(LOCK, () => remove(id, runtime))
  }
}

/** The bundle appears whole, with its owner in it, so that sweep() never takes it for one that was left. Nobody else claims one meanwhile. */
async function claim({ id, runtime, rootfs, args, address }: Container, bundle: string): Promise<void> {
  for (const other of await readdir(STATE)) {
    if (other === id) throw new Error(`${id}: there is a container of this id`)
    if ((await ownerOf(other)).address === address)
      throw new Error(`--address ${address}: the container ${other} has it`)
  }
  const staged = join(STATE, `.${id}`)
  await writeBundle(staged, { rootfs, args, netns: `/run/netns/${id}` })
  const owner: Owner = { runtime, address, pid: process.pid, start: await startOf(process.pid) }
  await writeFile(join(staged, 'owner.json'), JSON.stringify(owner))
  await rename(staged, bundle)
}

/**
 * Takes away the containers whose program is no more, with their networks: it was killed, and could not do it itself. What begins with a
 * dot is a bundle that did not get as far as to be a container's.
 */
async function sweep(): Promise<void> {
  await recoverTopologies()
  await mkdir(STATE, { recursive: true })
  for (const id of await readdir(STATE)) {
    if (id.startsWith('.')) {
      await rm(join(STATE, id), { recursive: true })
      continue
    }
    const { runtime, pid, start } = await ownerOf(id)
    if (start !== (await startOf(pid))) await remove(id, runtime)
  }
}

/** The program that runs a container. */
interface Owner extends Pick<Container, 'runtime' | 'address'> {
  pid: number
  start: string | undefined
}

async function ownerOf(id: string): Promise<Owner> {
  return JSON.parse(await readFile(join(STATE, id, 'owner.json'), 'utf8'))
}

/** Takes away what all containers share; throws while one of them is there. */
async function down(): Promise<void> {
  const ids = await readdir(STATE)
  if (ids.length > 0) throw new Error(`${ids.join(', ')}: these containers run, by ${STATE}`)
  await deleteTopology(SHARED)
}

/** What is not there is no error, to neither of the first two. */
async function remove(id: string, runtime: string): Promise<void> {
  spawnSync(runtime, ['delete', '--force', id])
  await deleteTopology(`container-${id}`)
  await rm(join(STATE, id), { recursive: true })
}

/**
 * When a process was started (proc(5)), which tells it from a later one of its number; undefined where there is none. One that has ended
 * is still told of until somebody asks for its exit status.
 */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ['Z', 'X'].includes(fields[0]!) ? undefined : fields[19]
}

const USAGE =
  'oci-runtime.ts run [--runtime R] [--address A] [--publish H:C] ID ROOTFS -- COMMAND … | sweep | down'

/** It is the name of a directory and of a namespace, too. */
const ID = /^\w[\w.+-]*$/

/** Throws Error with what is wrong about the command line. */
function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runtime: { type: 'string', default: 'runc' },
      address: { type: 'string', default: '10.22.0.2' },
      publish: { type: 'string', multiple: true, default: [] },
    },
  })
  const [command = '', id = '', rootfs = '', ...args] = positionals
  if (!['run', 'sweep', 'down'].includes(command)) throw new Error(`'${command}' is no command`)
  if (command === 'run') {
    if (args.length === 0) throw new Error('a container has an ID, a root file system and a command')
    if (!ID.test(id))
      throw new Error(`ID: '${id}' is not a letter, digit or _ and then letters, digits, _ . + -`)
    if (!statSync(rootfs, { throwIfNoEntry: false })?.isDirectory())
      throw new Error(`ROOTFS: there is no directory '${rootfs}'`)
    if (values.address === GATEWAY) throw new Error(`--address ${GATEWAY}: that is the bridge's`)
    for (const ports of values.publish)
      if (!/^\d+:\d+$/.test(ports)) throw new Error(`--publish '${ports}' is not HOSTPORT:PORT`)
  }
  return { ...values, command, id, rootfs, args }
}

/** What the command line says; of a wrong one the program ends. */
function parsed(): ReturnType<typeof parse> {
  try {
    return parse()
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exit(2)
  }
}

if (isMain(import.meta.url)) {
  const { command, ...container } = parsed()
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort(new Error(name)))
  try {
    if (command === 'run') process.exitCode = await runContainer(container, stop.signal)
    else {
      const end = async () => {
        await sweep()
        if (command === 'down') await down()
      }
      await exclusively(LOCK, end, stop.signal)
    }
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    console.error(code === 'EPERM' || code === 'EACCES' ? `${message}\n${ROOTLESS}` : message)
    process.exitCode = 1
  }
}
