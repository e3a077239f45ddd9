/** What createNetns() and nameNetns() make of the directory of a path. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CreatedNetns, Failure, NativeSocket } from '../../src/socket/native.js'
import { EEXIST, ENOTDIR, EPERM, must, NETLINK_ROUTE, native, PLAIN, runScript } from './native-addon.js'
import { later, mounts, newDirectory, SHARED } from './native-namespaces.js'
import { PATIENCE } from './patience.js'
import { execFileSync } from './programs.js'

/** Makes a namespace and lets go of it, but for its name. */
function make(path: string): Failure | undefined {
  const answer = native.createNetns(path, PLAIN, false)
  if (answer !== undefined && 'errno' in answer) return answer
  const { fd, socket } = must(answer)
  socket.close()
  native.close(fd)
  onTestFinished(() => void native.removeNetns(path))
  return undefined
}

const SOON = { timeout: 10_000 * PATIENCE, interval: 5 }

const making = (path: string) =>
  `console.log(JSON.stringify(native.createNetns('${path}', PLAIN, false), ['errno', 'syscall', 'ofDirectory']))`

describe('the directory of a name', () => {
  test('is made, and is a shared mount, once', () => {
    const directory = `${newDirectory()}/a/b`
    expect(make(`${directory}/x`)).toBeUndefined()
    expect(make(`${directory}/y`)).toBeUndefined()
    expect(make(`${directory}/y`)).toEqual({ errno: EEXIST, syscall: 'open' })
    expect(mounts(directory)).toEqual([expect.stringMatching(/ shared:\d+ /)])
    expect(statSync(directory).mode & 0o777).toBe(0o755)
  })

  test('is the same for a namespace that gets a name later', () => {
    const directory = newDirectory()
    const { fd, socket } = must(native.createNetns(null, PLAIN, false))
    onTestFinished(() => {
      socket.close()
      native.close(fd)
      native.removeNetns(`${directory}/x`)
    })
    expect(native.nameNetns(fd, `${directory}/x`)).toBe(0)
    expect(mounts(directory)).toEqual([expect.stringMatching(/ shared:\d+ /)])
  })

  test('is shared once also when many programs do it at the same time', async () => {
    const directory = newDirectory()
    const programs = Array.from({ length: 8 }, (_, index) => runScript(making(`${directory}/${index}`)))
    const ended = await Promise.all(programs)
    onTestFinished(() => ended.forEach((_, index) => void native.removeNetns(`${directory}/${index}`)))
    expect(ended.map(({ stdout }) => stdout)).toEqual(Array(8).fill('{}\n'))
    expect(mounts(directory)).toHaveLength(1)
  })

  /** A directory that another program holds the lock of. */
  async function held() {
    const directory = newDirectory()
    mkdirSync(directory)
    const { ino } = statSync(directory)
    const holder = spawn('flock', [directory, 'sh', '-c', 'echo locked && exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    // Also where the test fails: the addon's threads wait for it before the process can end.
    const release = () => void holder.stdin.end()
    onTestFinished(release)
    const waiting = new RegExp(`-> FLOCK .*:${ino} `, 'g')
    return {
      directory,
      /** Until so many wait for it. */
      async waiters(count: number) {
        const waiters = () => readFileSync('/proc/locks', 'utf8').match(waiting)?.length ?? 0
        await expect.poll(waiters, SOON).toBeGreaterThanOrEqual(count)
      },
      release,
    }
  }

  test('waits for the lock that iproute2 takes on it', async () => {
    const { directory, waiters, release } = await held()
    const ended = runScript(making(`${directory}/x`))
    onTestFinished(() => void native.removeNetns(`${directory}/x`))
    await waiters(1)
    expect(mounts(directory)).toEqual([])
    release()
    expect(await ended).toMatchObject({ stdout: '{}\n', stderr: '' })
    expect(mounts(directory)).toHaveLength(1)
  })

  test('keeps no namespace of an earlier job from its end while it waits for the lock', async () => {
    const { directory, waiters, release } = await held()
    const creation = (path: string) =>
      later<CreatedNetns>((done) => void native.createNetns(path, PLAIN, false, done))
    // One of the threads is kept; the others do the rest, each many jobs, so that whichever is next has been inside.
    const first = creation(`${directory}/x`)
    await waiters(1)
    const { fd, socket } = must(native.createNetns(null, PLAIN, false))
    const end = `waiting${process.pid % 10000}`
    const inside = `/proc/${process.pid}/fd/${fd}`
    execFileSync('ip', ['link', 'add', end, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', inside])
    const within = Array.from({ length: 200 }, () =>
      later<NativeSocket>((done) => void native.openNetlink(fd, NETLINK_ROUTE, PLAIN, done)),
    )
    const second = creation(`${directory}/y`)
    for (const opened of await Promise.all(within)) must(opened).close()
    socket.close()
    native.close(fd)
    await waiters(2)
    await expect.poll(() => existsSync(`/sys/class/net/${end}`), SOON).toBe(false)
    release()
    for (const [index, made] of (await Promise.all([first, second])).entries()) {
      must(made).socket.close()
      native.close(must(made).fd)
      native.removeNetns(`${directory}/${'xy'[index]}`)
    }
  })

  test('is what ip netns makes of it', async () => {
    const fresh = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh']
    const table = "console.log(require('fs').readFileSync('/proc/self/mountinfo', 'utf8'))"
    const ours = await runScript(`native.createNetns('/run/netns/x', PLAIN, false);${table}`, fresh)
    const ips = await runScript(
      `require('child_process').execFileSync('ip', ['netns', 'add', 'x']);${table}`,
      fresh,
    )
    // root, mount point, options, kind of propagation
    const lines = (text: string) => {
      const fields = text.split('\n').map((line) => line.split(' ').slice(3, 7))
      const fresh = fields.slice(fields.findLastIndex(([, point]) => point === '/run'))
      return fresh.map(([root, point, options, tag]) => [
        root?.replace(/^net:\[\d+\]$/, 'net'),
        point,
        options,
        tag?.split(':')[0],
      ])
    }
    expect(lines(ours.stdout)).toEqual(lines(ips.stdout))
    expect(lines(ours.stdout)).toContainEqual(['/netns', '/run/netns', expect.any(String), 'shared'])
    expect(lines(ours.stdout)).toContainEqual(['net', '/run/netns/x', expect.any(String), 'shared'])
  })

  test('errors are told from those of the name', async () => {
    writeFileSync(`${SHARED}/file`, '')
    const failure = { errno: ENOTDIR, syscall: 'open', ofDirectory: true }
    expect(make(`${SHARED}/file/x/y`)).toEqual(failure)
    expect(make(`${SHARED}/file/x`)).toEqual(failure)
    const { stdout } = await runScript(making(`${SHARED}-refused/x`), [
      'setpriv',
      '--bounding-set=-sys_admin',
    ])
    expect(JSON.parse(stdout)).toEqual({ errno: EPERM, syscall: 'mount', ofDirectory: true })
  })
})
