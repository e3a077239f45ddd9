/** podman: in a namespace that was made here, and with docs/examples/cni as its network plugins. */

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { get } from '../../docs/examples/http-in-namespace.js'
import { createTopology, deleteTopology } from '../../src/topology.js'
import { bundle } from './bundle.js'
import { install } from './cni-support.js'
import { skipWithoutNat } from './needs.js'
import { PATIENCE, seconds } from './patience.js'
import { type Ended, start } from './program.js'
import { execFileSync, spawnSync } from './programs.js'
import { restoreHost } from './restore.js'
import { hasTool, ip, ipJson } from './support.js'
import { cleanAll, linkNames } from './topology-support.js'

let directory: string
let program: string

/** What podman and libcni write to outside their own directories, and control groups that they may change. */
const MOUNTS: [string, string, string][] = [
  ['cgroup2', '/sys/fs/cgroup', 'unshare -C'],
  ['tmpfs', '/dev/shm', ''],
  ['tmpfs', '/var/lib', ''],
]
const mounted: string[] = []
let refused = ''

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'netlink-ts-podman-'))
  if (!hasTool('podman') || !existsSync('/bin/busybox')) return
  for (const [type, target, below] of MOUNTS) {
    const { status, stderr } = spawnSync('sh', ['-c', `${below} mount -t ${type} ${type} ${target}`])
    if (status === 0) mounted.unshift(target)
    else refused += stderr.trim()
  }
  program = bundle('cni/plugin')
  for (const name of ['bin', 'net.d', 'rootfs', 'rootfs/bin', 'rootfs/www']) mkdirSync(join(directory, name))
  install(join(directory, 'bin'), program)
  copyFileSync('/bin/busybox', join(directory, 'rootfs/bin/busybox'))
  for (const applet of ['sh', 'ip', 'httpd', 'ping'])
    symlinkSync('busybox', join(directory, 'rootfs/bin', applet))
  writeFileSync(join(directory, 'rootfs/www/index.html'), 'page of the container\n')
  const conflist = {
    cniVersion: '0.4.0',
    name: 'net1',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni7',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: join(directory, 'networks'),
          routes: [{ dst: '0.0.0.0/0' }],
          ranges: [[{ subnet: '10.88.0.0/16', gateway: '10.88.0.1' }]],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
  writeFileSync(join(directory, 'net.d/net1.conflist'), JSON.stringify(conflist))
  const settings = [
    '[network]',
    'network_backend = "cni"',
    `cni_plugin_dirs = ["${directory}/bin"]`,
    `network_config_dir = "${directory}/net.d"`,
    'default_network = "net1"',
  ]
  writeFileSync(join(directory, 'containers.conf'), `${settings.join('\n')}\n`)
})
afterAll(() => {
  for (const target of mounted) execFileSync('umount', [target])
  if (program !== undefined) rmSync(program)
  rmSync(directory, { recursive: true })
  rmSync(RUNROOT, { recursive: true, force: true })
})
beforeEach((context) => {
  context.skip(!hasTool('podman'), 'not installed: podman')
  context.skip(!hasTool('crun'), 'not installed: crun')
  context.skip(!existsSync('/bin/busybox'), 'not installed: busybox-static')
  context.skip(refused !== '', `cannot be installed: file systems that podman writes to (${refused})`)
})
afterEach(() => {
  cleanAll()
  restoreHost()
})

/** podman takes none that is longer than 50 characters. */
const RUNROOT = `/run/podman-${process.pid}`

function podman(...args: string[]): Promise<Ended> {
  const own = ['root', 'tmpdir'].flatMap((name) => [`--${name}`, join(directory, name)])
  own.push('--runroot', RUNROOT)
  const options = [
    '--storage-driver',
    'vfs',
    '--cgroup-manager',
    'cgroupfs',
    '--events-backend',
    'none',
    '--runtime',
    'crun',
  ]
  const env = ['env', `CONTAINERS_CONF=${directory}/containers.conf`]
  return start([
    'timeout',
    '-k1',
    seconds(60),
    'unshare',
    '-C',
    ...env,
    'podman',
    ...own,
    ...options,
    ...args,
  ]).ended
}

/** Limits that need no right to raise them; a /dev/pts that needs no group tty. */
const LIMITS = ['--ulimit', 'nofile=1000:1000', '--ulimit', 'nproc=1000:1000', '--cgroups=disabled']
const RUN = ['run', '--rm', '--tmpfs', '/dev/pts', ...LIMITS]

it('--network ns:PATH: a container in a namespace of a topology, which outlives it', async () => {
  await createTopology({
    name: 'pod',
    namespaces: { pod: { links: { eth0: { addresses: ['10.44.0.2/24'], mac: '02:00:00:00:44:02' } } } },
    bridges: { 'v-net-0': { addresses: ['10.44.0.1/24'], ports: ['pod:eth0'] } },
  })
  const command = ['sh', '-c', 'ip -o address show eth0; ping -c1 -W2 10.44.0.1']
  const { status, stdout, stderr } = await podman(
    ...RUN,
    '--network',
    'ns:/run/netns/pod',
    '--rootfs',
    join(directory, 'rootfs'),
    ...command,
  )
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toContain('inet 10.44.0.2/24')
  expect(stdout).toContain('1 packets received')
  expect(ipJson('link show dev eth0', 'pod')[0]).toMatchObject({
    address: '02:00:00:00:44:02',
    operstate: 'UP',
  })
  await deleteTopology('pod')
  expect(linkNames()).toEqual(['lo'])
})

it('with the plugins of docs/examples/cni: a published port, and nothing left afterwards', async (context) => {
  skipWithoutNat(context)
  ip('netns add outside')
  ip('link add out0 type veth peer name eth0 netns outside')
  for (const args of ['address add 203.0.113.1/24 dev out0', 'link set out0 up']) ip(args)
  for (const args of ['address add 203.0.113.2/24 dev eth0', 'link set eth0 up']) ip(args, 'outside')
  const rootfs = ['--rootfs', join(directory, 'rootfs')]
  const web = await podman(
    ...RUN,
    '--name',
    'web',
    '--detach',
    '--network',
    'net1',
    '--publish',
    '8080:80',
    ...rootfs,
    'httpd',
    '-f',
    '-h',
    '/www',
  )
  expect([web.status, web.stderr]).toEqual([0, ''])
  await expect
    .poll(() => get('outside', new URL('http://203.0.113.1:8080/')).catch(() => ''), {
      timeout: 10_000 * PATIENCE,
    })
    .toBe('page of the container\n')
  expect(ipJson('link show master cni7')).toHaveLength(1)
  const networks = join(directory, 'networks/net1')
  expect(readdirSync(networks).sort()).toEqual(['10.88.0.2', 'last_reserved_ip.0'])
  const removed = await podman('rm', '--force', '--time', '0', 'web')
  expect([removed.status, removed.stderr]).toEqual([0, ''])
  expect(ipJson('link show master cni7')).toEqual([])
  expect(readdirSync(networks)).toEqual(['last_reserved_ip.0'])
  expect(execFileSync('nft', ['list', 'ruleset'])).not.toContain('10.88.0.2')
  ip('link delete out0')
})
