import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXEC_PATH, must, native, PLAIN } from './native-addon.js'
import { PATIENCE } from './patience.js'

let netns: number
let ino: number
let directory: string

beforeAll(() => {
  netns = must(native.createNetns(null, PLAIN, false)).fd
  ino = statSync(`/proc/self/fd/${netns}`).ino
  directory = mkdtempSync('/tmp/native-exec-')
})
afterAll(() => {
  native.close(netns)
  rmSync(directory, { recursive: true })
})

/** Runs the helper with the namespace as its descriptor 3, below the commands of `wrapper`. */
function exec(args: readonly string[], wrapper: readonly string[] = [], fd = netns) {
  const [command, ...rest] = [...wrapper, EXEC_PATH, ...args]
  const { status, signal, stdout, stderr } = spawnSync(command!, rest, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', fd],
    timeout: 15_000 * PATIENCE,
  })
  return { status, signal, stdout, stderr }
}

const shell = (script: string) => ['sh', '-c', script, 'sh']

/** A mount namespace with an /etc that holds `files`. */
const withEtc = (...files: [path: string, text: string][]) =>
  [
    'unshare',
    '-m',
    ...shell(
      `mount -t tmpfs tmpfs /etc; ${files
        .map(([path, text]) => `mkdir -p $(dirname ${path}); echo '${text}' > ${path}`)
        .join('; ')}; exec "$@"`,
    ),
  ] as const

describe('the command', () => {
  test('runs in the namespace, without the descriptor', () => {
    const answer = exec([
      '3',
      'red',
      ...shell('readlink /proc/self/ns/net; test -e /proc/self/fd/3 || echo closed'),
    ])
    expect(answer).toEqual({ status: 0, signal: null, stdout: `net:[${ino}]\nclosed\n`, stderr: '' })
  })

  test('gets its arguments as they are', () => {
    expect(exec(['3', '', 'printf', '<%s>', '-a', '', 'a b', '--', '$x']).stdout).toBe('<-a><><a b><--><$x>')
  })

  test('ends with its own status or signal', () => {
    expect(exec(['3', '', ...shell('exit 42')])).toMatchObject({ status: 42, signal: null })
    expect(exec(['3', '', ...shell('kill -KILL $$')])).toMatchObject({ status: null, signal: 'SIGKILL' })
  })

  test('does not inherit that Node ignores SIGPIPE, or blocked signals', () => {
    const ignoring = [
      'python3',
      '-c',
      `import os, signal, sys
signal.signal(signal.SIGPIPE, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
os.execvp(sys.argv[1], sys.argv[1:])`,
    ]
    const { stdout } = exec(['3', '', 'grep', '-E', '^Sig(Blk|Ign):', '/proc/self/status'], ignoring)
    expect(stdout).toMatch(/^SigBlk:\t0000000000000000\nSigIgn:\t[0-9a-f]{12}0000\n$/)
  })

  test('is given another argv[0]', () => {
    expect(exec(['-a', 'other', '3', '', 'sh', '-c', 'echo $0']).stdout).toBe('other\n')
  })

  test('runs as another user and group, which need no rights of their own', () => {
    const nobody = readFileSync('/proc/self/uid_map', 'utf8').includes('4294967295') ? 65534 : 0
    const { stdout, stderr } = exec([
      '-u',
      `${nobody}`,
      '-g',
      `${nobody}`,
      '3',
      '',
      ...shell('id -u; id -g; id -G'),
    ])
    expect({ stdout, stderr }).toEqual({ stdout: `${nobody}\n${nobody}\n${nobody}\n`, stderr: '' })
  })
})

describe('failures', () => {
  test('127: no such command', () => {
    expect(exec(['3', '', 'no-such-command'])).toMatchObject({
      status: 127,
      stderr: 'netlink-exec: no-such-command: No such file or directory\n',
    })
    expect(exec(['3', '', `${EXEC_PATH}/none`])).toMatchObject({ status: 127 })
  })

  test('127 also when a directory of PATH cannot be searched, though execvp() says EACCES', () => {
    mkdirSync(`${directory}/closed`, { mode: 0 })
    const path = [
      'setpriv',
      '--bounding-set=-dac_override,-dac_read_search',
      'env',
      `PATH=${directory}/closed:/bin`,
    ]
    expect(exec(['3', '', 'no-such-command'], path)).toMatchObject({
      status: 127,
      stderr: 'netlink-exec: no-such-command: No such file or directory\n',
    })
    expect(exec(['3', '', 'true'], path)).toMatchObject({ status: 0, stderr: '' })
    writeFileSync(`${directory}/plain`, '', { mode: 0o644 })
    const plain = ['setpriv', '--bounding-set=-dac_override', 'env', `PATH=/none:${directory}:/bin`]
    expect(exec(['3', '', 'plain'], plain)).toMatchObject({ status: 126 })
  })

  test('126: a command that cannot be run', () => {
    const file = `${directory}/data`
    writeFileSync(file, 'data', { mode: 0o644 })
    expect(exec(['3', '', file])).toMatchObject({
      status: 126,
      stderr: `netlink-exec: ${file}: Permission denied\n`,
    })
  })

  test('125: a descriptor that is no network namespace', () => {
    const file = openSync('/etc/passwd', 'r')
    expect(exec(['3', '', 'true'], [], file)).toMatchObject({
      status: 125,
      stderr: 'netlink-exec: setns: Invalid argument\n',
    })
    closeSync(file)
    expect(exec(['9', '', 'true'])).toMatchObject({
      status: 125,
      stderr: 'netlink-exec: setns: Bad file descriptor\n',
    })
  })

  test('125: no right to enter it', () => {
    expect(exec(['3', '', 'true'], ['setpriv', '--bounding-set=-sys_admin'])).toMatchObject({
      status: 125,
      stderr: 'netlink-exec: setns: Operation not permitted\n',
    })
  })

  test.each([
    [[]],
    [['3', '']],
    [['x', '', 'true']],
    [['-1', '', 'true']],
    [['-u', 'root', '3', '', 'true']],
  ])('125: bad usage %j', (args) => {
    const { status, stderr } = exec(args)
    expect(status).toBe(125)
    expect(stderr).toContain('usage: netlink-exec')
  })
})

describe('what the command sees', () => {
  const addLink = () => exec(['3', '', 'ip', 'link', 'add', 'inside', 'type', 'ifb'])

  test('/sys shows the devices of the namespace, and the caller’s stays as it is', () => {
    addLink()
    const mounted = readFileSync('/proc/self/mountinfo', 'utf8')
    expect(exec(['3', 'red', 'ls', '/sys/class/net']).stdout.split('\n')).toEqual(['inside', 'lo', ''])
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(mounted)
    expect(readlinkSync('/proc/self/ns/net')).not.toBe(`net:[${ino}]`)
  })

  test('nothing of it gets out where mounts are shared', () => {
    const table = 'cut -d" " -f3-6 /proc/self/mountinfo'
    const shared = ['unshare', '-m', ...shell(`mount --make-rshared / && ${table} && "$@" && ${table}`)]
    const lines = exec(['3', '', 'true'], shared).stdout.trim().split('\n')
    expect(lines.length).toBeGreaterThan(4)
    expect(lines.slice(lines.length / 2)).toEqual(lines.slice(0, lines.length / 2))
  })

  test('/sys stays read-only where it was', () => {
    const readOnly = ['unshare', '-m', ...shell('mount -o remount,bind,ro /sys && exec "$@"')]
    const topmost = (wrapper?: readonly string[]) =>
      exec(['3', '', 'findmnt', '-n', '-o', 'OPTIONS', '/sys'], wrapper).stdout.trim().split('\n').at(-1)
    expect(topmost(readOnly)).toMatch(/^ro,/)
    expect(topmost()).toMatch(/^rw,/)
  })

  test('the files of /etc/netns/NAME lie over those of /etc', () => {
    const etc = withEtc(
      ['/etc/hosts', 'of the host'],
      ['/etc/resolv.conf', 'of the host'],
      ['/etc/netns/red/hosts', 'of red'],
      ['/etc/netns/blue/hosts', 'of blue'],
    )
    const cat = ['cat', '/etc/hosts', '/etc/resolv.conf']
    expect(exec(['3', 'red', ...cat], etc)).toMatchObject({ stdout: 'of red\nof the host\n', stderr: '' })
    expect(exec(['3', 'blue', ...cat], etc)).toMatchObject({ stdout: 'of blue\nof the host\n', stderr: '' })
    expect(exec(['3', 'green', ...cat], etc)).toMatchObject({
      stdout: 'of the host\nof the host\n',
      stderr: '',
    })
    expect(exec(['3', '', ...cat], etc)).toMatchObject({ stdout: 'of the host\nof the host\n', stderr: '' })
    // and outside nothing has changed
    const outside = [...etc, ...shell('"$@"; cat /etc/hosts')]
    expect(exec(['3', 'red', 'cat', '/etc/hosts'], outside).stdout).toBe('of red\nof the host\n')
  })

  test('a file of /etc/netns/NAME that /etc lacks is a warning', () => {
    const etc = withEtc(
      ['/etc/netns/red/none', 'of red'],
      ['/etc/netns/red/hosts', 'of red'],
      ['/etc/hosts', 'host'],
    )
    expect(exec(['3', 'red', 'cat', '/etc/hosts'], etc)).toEqual({
      status: 0,
      signal: null,
      stdout: 'of red\n',
      stderr: 'netlink-exec: bind /etc/netns/red/none on /etc/none: No such file or directory\n',
    })
  })

  test('the same as with ip netns exec', () => {
    const name = `exec-${process.pid}`
    const created = must(native.createNetns(`/run/netns/${name}`, PLAIN, false))
    const show = shell(
      'ls /sys/class/net; findmnt -n -o FSTYPE,OPTIONS /sys; ls -l /proc/self/fd | grep -c ^l; ip netns identify',
    )
    const ours = exec(['3', name, ...show], [], created.fd)
    const { stdout } = spawnSync('ip', ['netns', 'exec', name, ...show], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(ours).toEqual({ status: 0, signal: null, stdout, stderr: '' })
    expect(stdout).toContain(name)
    native.close(created.fd)
    native.removeNetns(`/run/netns/${name}`)
  })
})
