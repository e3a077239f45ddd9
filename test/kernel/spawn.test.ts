import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as promises from '../../src/index.js'
import * as sync from '../../src/sync.js'
import { lines, program } from './program.js'
import { execIn, ip, withNetns, withVeth } from './support.js'

interface Ended {
  status: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** What a child printed, and how it ended. */
function ended(child: ChildProcess): Promise<Ended> {
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve({ status, signal, ...text }))
  })
}

type Options = Parameters<typeof sync.spawnSyncInNetns>[3]
/** Runs a command to its end, by either function. */
const WAYS: {
  way: string
  run: (netns: promises.NetnsLike, command: string, args?: string[], options?: Options) => Promise<Ended>
}[] = [
  {
    way: 'spawnInNetns',
    run: (netns, command, args, options = {}) => {
      const { input, ...rest } = options
      const child = promises.spawnInNetns(netns, command, args, rest as never)
      if (input !== undefined) child.stdin!.end(input)
      return ended(child)
    },
  },
  {
    way: 'spawnSyncInNetns',
    run: async (netns, command, args, options) => {
      const { error, status, signal, stdout, stderr } = sync.spawnSyncInNetns(netns, command, args, {
        encoding: 'utf8',
        ...options,
      })
      if (error !== undefined) throw error
      return { status, signal, stdout: String(stdout), stderr: String(stderr) }
    },
  },
]

describe.each(WAYS)('commands in a namespace ($way)', ({ run }) => {
  it('are where ip netns exec puts them', () =>
    withNetns(async (netns) => {
      const { stdout, status } = await run(netns, 'readlink', ['/proc/self/ns/net'])
      expect(status).toBe(0)
      expect(stdout).toBe(execIn(netns, 'readlink', '/proc/self/ns/net'))
      expect(stdout.trim()).not.toBe(readlinkSync('/proc/self/ns/net'))
    }))

  it('see the namespace in /sys, as with ip netns exec', () =>
    withVeth(async (netns) => {
      const list = ['/sys/class/net']
      const { stdout } = await run(netns, 'ls', list)
      expect(stdout).toBe(execIn(netns, 'ls', ...list))
      expect(stdout).toBe('eth0\neth1\nlo\n')
      expect((await run({ path: `/run/netns/${netns}` }, 'ls', list)).stdout).toBe(stdout)
      // The mounts are the command's own.
      expect(execFileSync('ls', list, { encoding: 'utf8' })).not.toContain('eth0')
      expect((await run(netns, 'sh', ['-c', 'mount -t tmpfs tmpfs /mnt && ls -A /mnt'])).status).toBe(0)
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(' /mnt ')
    }))

  it('reach what is in the namespace', () =>
    withNetns(async (netns) => {
      const { status, stdout } = await run(netns, 'ping', ['-c1', '-W2', '127.0.0.1'])
      expect(stdout).toContain('1 received')
      expect(status).toBe(0)
    }))

  it('end with their own status or signal', () =>
    withNetns(async (netns) => {
      expect(await run(netns, 'sh', ['-c', 'exit 42'])).toMatchObject({ status: 42, signal: null })
      expect(await run(netns, 'sh', ['-c', 'kill -TERM $$'])).toMatchObject({
        status: null,
        signal: 'SIGTERM',
      })
    }))

  it('that cannot be run end with 126 and 127, as in a shell', () =>
    withNetns(async (netns) => {
      expect(await run(netns, 'no-such-command')).toMatchObject({
        status: 127,
        stderr: 'netlink-exec: no-such-command: No such file or directory\n',
      })
      expect(await run(netns, '/etc/passwd')).toMatchObject({
        status: 126,
        stderr: 'netlink-exec: /etc/passwd: Permission denied\n',
      })
      expect(await run(netns, '/etc/passwd/x')).toMatchObject({ status: 127 })
    }))

  it('are looked up along the PATH of their own environment', () =>
    withNetns(async (netns) => {
      expect((await run(netns, 'true', [], { env: { PATH: '/nowhere' } })).status).toBe(127)
      const { stdout } = await run(netns, 'env', [], { env: { PATH: '/nowhere:/usr/bin:/bin', A: 'b' } })
      expect(stdout).toBe('PATH=/nowhere:/usr/bin:/bin\nA=b\n')
    }))

  it('get standard input, directory, argv[0], user and group as options say', () =>
    withNetns(async (netns) => {
      expect((await run(netns, 'cat', [], { input: 'given' })).stdout).toBe('given')
      expect((await run(netns, 'pwd', [], { cwd: '/usr' })).stdout).toBe('/usr\n')
      expect((await run(netns, 'sh', ['-c', 'echo $0 $1', 'zero', 'one'])).stdout).toBe('zero one\n')
      expect((await run(netns, 'cat', ['/proc/self/cmdline'], { argv0: 'other' })).stdout).toBe(
        'other\0/proc/self/cmdline\0',
      )
      const ids = readFileSync('/proc/self/uid_map', 'utf8').trim().endsWith('4294967295') ? 65534 : 0
      expect((await run(netns, 'id', ['-u'], { uid: ids, gid: ids })).stdout).toBe(`${ids}\n`)
      expect((await run(netns, 'sh', ['-c', 'id -g; id -G'], { gid: ids })).stdout).toBe(`${ids}\n${ids}\n`)
      expect(
        await run(netns, 'id', ['-u'], {
          uid: 0xfffffffe,
          gid: 0xfffffffe,
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      ).toMatchObject(ids === 0 ? { status: 125 } : { status: 0, stdout: '4294967294\n' })
    }))

  it('are run by a shell inside, if that is asked', () =>
    withVeth(async (netns) => {
      expect((await run(netns, 'echo $0; ls /sys/class/net | head -1', [], { shell: true })).stdout).toBe(
        '/bin/sh\neth0\n',
      )
      expect((await run(netns, 'echo', ['$0', '"a  b"'], { shell: '/bin/bash' })).stdout).toBe(
        '/bin/bash a  b\n',
      )
      using unnamed = sync.createNetns()
      expect((await run(unnamed, 'ls /sys/class/net', [], { shell: true })).stdout).toBe('lo\n')
    }))

  it('have no descriptor but those of any child', () =>
    withNetns(async (netns) => {
      using handle = sync.openNetns(netns)
      const usual = execFileSync('ls', ['/proc/self/fd'], { encoding: 'utf8' })
      for (const where of [netns, handle])
        expect((await run(where, 'ls', ['/proc/self/fd'])).stdout).toBe(usual)
    }))

  it('are ended by the timeout of the call', () =>
    withNetns(async (netns) => {
      const failure = await run(netns, 'sleep', ['60'], { timeout: 200, killSignal: 'SIGKILL' }).catch(
        (error: unknown) => error,
      )
      // spawnSync tells it by an error, spawn by the signal alone.
      expect(failure).toMatchObject(failure instanceof Error ? { code: 'ETIMEDOUT' } : { signal: 'SIGKILL' })
    }))

  it('have pipes where stdio is null', () =>
    withNetns(async (netns) => {
      expect((await run(netns, 'echo', ['piped'], { stdio: null as never })).stdout).toBe('piped\n')
    }))

  it('run as the caller where user and group are null', () =>
    withNetns(async (netns) => {
      const caller = execFileSync('id', ['-u'], { encoding: 'utf8' })
      const nobody = { uid: null, gid: null } as object
      expect(await run(netns, 'id', ['-u'], nobody)).toMatchObject({ status: 0, stdout: caller })
    }))

  it('that make no sense are refused before anything is started', async () => {
    await withNetns(async (netns) => {
      const refused = (work: () => unknown) => expect(async () => await work()).rejects
      await refused(() => run(netns, 'true', [], { cwd: '/nowhere' })).toMatchObject({
        code: 'ENOENT',
        message: 'chdir /nowhere: ENOENT (No such file or directory); the option cwd has to be a directory',
      })
      await refused(() => run(netns, 'true', [], { cwd: '/etc/passwd' })).toMatchObject({ code: 'ENOTDIR' })
      await refused(() => run(netns, '')).toThrow(new RangeError('command: it cannot be empty'))
      await refused(() => run(netns, 7 as never)).toThrow(new TypeError('command: 7 is not a string'))
      await refused(() => run(netns, ['ls'] as never)).toThrow(
        new TypeError("command: ['ls'] is not a string"),
      )
      await refused(() => run(netns, 'ls', '-l' as never)).toThrow(
        new TypeError("args: '-l' is not an array of strings"),
      )
      await refused(() => run(netns, 'ls', ['-l', 7] as never)).toThrow(
        new TypeError('args[1]: 7 is not a string'),
      )
      await refused(() => run(netns, 'true', ['a\0b'])).toThrow('null bytes')
      await refused(() => run(netns, 'id', [], { uid: 1.5 })).toThrow(
        new RangeError('uid: 1.5 is not a user from 0 to 4294967294'),
      )
      await refused(() => run(netns, 'id', [], { gid: -1 })).toThrow(
        new RangeError('gid: -1 is not a group from 0 to 4294967294'),
      )
      await refused(() => run(netns, 'id', [], { uid: 'root' as never })).toThrow(TypeError)
      await refused(() => run(netns, 'id', [], { argv0: 7 as never })).toThrow(
        new TypeError('argv0: 7 is not a string'),
      )
    })
    await expect(async () => run('no-such-namespace', 'true')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(async () => run('a/b', 'true')).rejects.toThrow(RangeError)
  })
})

it('without the helper say what to do', async () => {
  const built = fileURLToPath(new URL('../../build/Release', import.meta.url))
  const bare = `cp ${built}/netlink.node /run/ && mount -t tmpfs tmpfs ${built} && cp /run/netlink.node ${built} && exec "$@"`
  const source = `
    const netns = await nl.createNetns()
    for (const run of [nl.spawnInNetns, sync.spawnSyncInNetns]) print(await caught(() => run(netns, 'true')))
    netns.close()`
  const message = `netlink-ts: ${built}/netlink-exec, which commands are started by, is not there. Run \`npm rebuild netlink-ts\``
  const wrapper = ['unshare', '-m', 'sh', '-c', bare, 'sh']
  expect(await lines(program(source, { wrapper }))).toEqual([{ message }, { message }])
})

it('take options in the place of arguments, as in Node', () =>
  withNetns(async (netns) => {
    using handle = sync.openNetns(netns)
    const cwd = { cwd: '/proc', encoding: 'utf8' } as const
    for (const ran of [
      await ended(promises.spawnInNetns(netns, 'pwd', { cwd: '/proc' })),
      await ended(promises.spawnInNetns(netns, 'pwd', null, { cwd: '/proc' })),
      sync.spawnSyncInNetns(netns, 'pwd', cwd),
      handle.spawnSyncInNetns('pwd', cwd),
    ])
      expect(ran).toMatchObject({ status: 0, stdout: '/proc\n' })
  }))

describe('spawnInNetns', () => {
  it('needs the namespace no longer once it has returned', async () => {
    const netns = await promises.createNetns()
    const inside = readlinkSync(`/proc/self/fd/${netns.fd}`)
    const child = netns.spawnInNetns('readlink', ['/proc/self/ns/net'])
    netns.close()
    expect(await ended(child)).toMatchObject({ status: 0, stdout: `${inside}\n` })
  })

  it('is a method of handles of both faces', async () => {
    for (const netns of [await promises.createNetns(), sync.createNetns()]) {
      const { stdout } = await ended(netns.spawnInNetns('ls', ['/sys/class/net']))
      expect(stdout).toBe('lo\n')
      netns.close()
    }
    using netns = sync.createNetns()
    expect(netns.spawnSyncInNetns('ls', ['/sys/class/net']).stdout).toEqual(Buffer.from('lo\n'))
  })

  it('ends the child when its signal fires', () =>
    withNetns(async (netns) => {
      const controller = new AbortController()
      const child = promises.spawnInNetns(netns, 'cat', [], { signal: controller.signal })
      child.stdin!.write('there\n')
      await new Promise((resolve) => child.stdout!.once('data', resolve))
      const end = ended(child)
      controller.abort()
      await expect(end).rejects.toMatchObject({ name: 'AbortError' })
      await new Promise((resolve) =>
        (child.exitCode ?? child.signalCode) === null ? child.once('exit', resolve) : resolve(null),
      )
      expect(child.signalCode).toBe('SIGTERM')
    }))

  it('gives more descriptors and a channel for messages as asked', () =>
    withNetns(async (netns) => {
      const script = ['-c', 'echo four >&4; ls /proc/self/fd']
      const options: SpawnOptions = { stdio: ['ignore', 'pipe', 'inherit', 'ignore', 'pipe'] }
      const [piped, usual] = [
        promises.spawnInNetns(netns, 'sh', script, options),
        spawn('sh', script, options),
      ]
      let four = ''
      ;(piped.stdio[4] as NodeJS.ReadableStream).on('data', (chunk) => {
        four += chunk
      })
      ;(usual.stdio[4] as NodeJS.ReadableStream).resume()
      const [end, usualEnd] = await Promise.all([ended(piped), ended(usual)])
      expect(end).toEqual(usualEnd)
      expect(four).toBe('four\n')

      const talking = promises.spawnInNetns(
        netns,
        process.execPath,
        ['-e', 'process.send(process.argv0); process.disconnect()'],
        {
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        },
      )
      const message = new Promise((resolve) => talking.once('message', resolve))
      expect((await ended(talking)).status).toBe(0)
      expect(await message).toBe(process.execPath)
    }))

  it('says on stderr why a namespace cannot be entered, with status 125', async () => {
    ip('netns add closed')
    try {
      const source = `
        const { status, stderr } = sync.spawnSyncInNetns('closed', 'true', [], { encoding: 'utf8' })
        print([status, stderr])`
      const powerless = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs']
      expect(await lines(program(source, { wrapper: powerless }))).toEqual([
        [125, 'netlink-exec: setns: Operation not permitted\n'],
      ])
    } finally {
      ip('netns delete closed')
    }
  })
})

describe('/etc/netns/NAME', () => {
  it('stands in for the files of /etc, as with ip netns exec', async () => {
    const source = `
      fs.mkdirSync('/etc/netns/red', { recursive: true })
      fs.writeFileSync('/etc/resolv.conf', 'nameserver 192.0.2.1\\n')
      fs.writeFileSync('/etc/netns/red/resolv.conf', 'nameserver 198.51.100.1\\n')
      const { execFileSync } = await import('node:child_process')
      const red = sync.createNetns('red')
      const unnamed = sync.createNetns()
      const read = (netns) => String(netns.spawnSyncInNetns('cat', ['/etc/resolv.conf']).stdout)
      print([read(red), execFileSync('ip', ['netns', 'exec', 'red', 'cat', '/etc/resolv.conf'], { encoding: 'utf8' })])
      print([read(unnamed), fs.readFileSync('/etc/resolv.conf', 'utf8')])
      await red.delete()
      unnamed.close()`
    const ownEtc = [
      'env',
      '-u',
      'NODE_EXTRA_CA_CERTS',
      'unshare',
      '-m',
      'sh',
      '-c',
      'mount -t tmpfs tmpfs /etc && exec "$@"',
      'sh',
    ]
    const there = 'nameserver 198.51.100.1\n'
    const here = 'nameserver 192.0.2.1\n'
    expect(await lines(program(source, { wrapper: ownEtc }))).toEqual([
      [there, there],
      [here, here],
    ])
  })
})
