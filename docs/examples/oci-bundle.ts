/** The bundle of an OCI runtime: the file config.json, which names a root file system, a command, and the namespace that is there already. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

export interface ContainerProcess {
  /** The directory of the root file system. */
  rootfs: string
  args: readonly string[]
  /** The path of a network namespace: /run/netns/NAME. The runtime joins it and changes nothing in it. */
  netns: string
}

/** What a program in a container may do as root, as container engines grant it; NET_ADMIN is not among it. */
const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
]

const MOUNTS = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
]

/** Writes config.json (version 1.0 of the runtime specification) into a new directory. */
export async function writeBundle(
  directory: string,
  { rootfs, args, netns }: ContainerProcess,
): Promise<void> {
  const config = {
    ociVersion: '1.0.2',
    root: { path: resolve(rootfs), readonly: true },
    process: {
      user: { uid: 0, gid: 0 },
      cwd: '/',
      args,
      env: ['PATH=/bin:/usr/bin:/sbin:/usr/sbin'],
      capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
    },
    mounts: MOUNTS,
    linux: {
      namespaces: [
        { type: 'network', path: netns },
        ...['pid', 'mount', 'ipc', 'uts'].map((type) => ({ type })),
      ],
    },
  }
  await mkdir(directory)
  await writeFile(join(directory, 'config.json'), JSON.stringify(config, null, 2))
}
