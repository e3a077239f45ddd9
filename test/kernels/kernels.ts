/** The kernels that tests run on, and how one gets what they take. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The checkout, with a slash behind it. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** What is fetched. */
export const CACHE = `${ROOT}node_modules/.cache/kernels`

/** What tests run on. */
export interface Kernel {
  readonly title: string
  readonly command: string
  /** Which kernel it runs: test/kernels/fetch.sh. */
  readonly version?: string
  /** What test/kernels/fetch.sh has to bring for it. */
  readonly fetches: readonly string[]
  /** Commands that it takes, and their Debian packages. */
  readonly needs: Readonly<Record<string, string>>
}

const TOOLS = { ip: 'iproute2', ping: 'iputils-ping' }
/** Of Debian 12; an environment variable names another package, for one that has nothing built besides (.ci/steps). */
const DEBIAN = process.env['NETLINK_KERNEL'] || '6.12'
const GUEST = { ...TOOLS, busybox: 'busybox-static', modprobe: 'kmod', depmod: 'kmod' }
const COMPILERS = { gcc: 'gcc', make: 'make', flex: 'flex', bison: 'bison', bc: 'bc', xz: 'xz-utils' }

export const KERNELS: Readonly<Record<string, Kernel>> = {
  own: { title: "the machine's own", command: 'test/isolated', fetches: [], needs: TOOLS },
  oldest: {
    title: 'user-mode Linux, oldest',
    command: 'test/kernels/uml.sh',
    version: '5.10',
    fetches: ['5.10'],
    needs: GUEST,
  },
  uml: {
    title: 'user-mode Linux',
    command: 'test/kernels/uml.sh',
    fetches: [],
    needs: { ...GUEST, 'linux.uml': 'user-mode-linux' },
  },
  'built-6.1': {
    title: 'user-mode Linux 6.1, built',
    command: 'test/kernels/uml.sh',
    version: 'uml-6.1',
    fetches: ['uml-6.1'],
    needs: { ...GUEST, ...COMPILERS },
  },
  built: {
    title: 'user-mode Linux, newest',
    command: 'test/kernels/uml.sh',
    version: 'backports',
    fetches: ['uml'],
    needs: { ...GUEST, ...COMPILERS },
  },
  qemu: {
    title: 'Debian 12 in QEMU',
    command: 'test/kernels/qemu.sh',
    version: DEBIAN,
    fetches: ['qemu', DEBIAN],
    needs: GUEST,
  },
  newest: {
    title: 'Debian backports in QEMU',
    command: 'test/kernels/qemu.sh',
    version: 'backports',
    fetches: ['qemu', 'backports'],
    needs: GUEST,
  },
}

/** Brings what a kernel takes; returns why it cannot be had, null when it can. */
export async function reasonToLack({ needs, fetches }: Kernel): Promise<string | null> {
  const missing = Object.entries(needs).filter(
    ([command]) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0,
  )
  const packages = [...new Set(missing.map(([, name]) => name))]
  if (packages.length > 0) {
    const install = ['-qq', 'install', '-y', '--no-install-recommends', ...packages]
    if ((await outputOf('apt-get', install)) === null) return `not installed: ${packages.join(' ')}`
  }
  for (const what of fetches) {
    if ((await fetched(what)) === null) return `not there: test/kernels/fetch.sh CACHE ${what}`
  }
  return null
}

/** Where what test/kernels/fetch.sh brings lies; null when it cannot be had. */
export async function fetched(what: string): Promise<string | null> {
  const printed = await outputOf('test/kernels/fetch.sh', [CACHE, what])
  return printed?.trim() ?? null
}

/** What a command prints, null when it fails. */
async function outputOf(command: string, args: readonly string[]): Promise<string | null> {
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  const printed: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => printed.push(text))
  const [status] = (await once(child, 'close')) as [number | null]
  return status === 0 ? printed.join('') : null
}
