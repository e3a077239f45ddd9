import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ENOTDIR, EPERM, native, runScript } from './native-addon.js'
import { mounts, newDirectory, SHARED } from './native-namespaces.js'

describe('shareDirectory', () => {
  test('makes the directory and a shared mount of it, once', () => {
    const directory = `${newDirectory()}/a/b`
    expect(native.shareDirectory(directory)).toBe(0)
    expect(native.shareDirectory(directory)).toBe(0)
    expect(mounts(directory)).toEqual([expect.stringMatching(/ shared:\d+ /)])
    expect(statSync(directory).mode & 0o777).toBe(0o755)
  })

  test('once also when many programs do it at the same time', async () => {
    const directory = newDirectory()
    const source = `console.log(JSON.stringify(native.shareDirectory('${directory}')))`
    const ended = await Promise.all(Array.from({ length: 8 }, () => runScript(source)))
    expect(ended.map(({ stdout }) => stdout)).toEqual(Array(8).fill('0\n'))
    expect(mounts(directory)).toHaveLength(1)
  })

  test('waits for the lock that iproute2 takes on the directory', async () => {
    const directory = newDirectory()
    mkdirSync(directory)
    const { ino } = statSync(directory)
    const holder = spawn('flock', [directory, 'sh', '-c', 'echo locked && exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    const ended = runScript(`console.log(native.shareDirectory('${directory}'))`)
    const waiting = new RegExp(`-> FLOCK .*:${ino} `)
    while (!waiting.test(readFileSync('/proc/locks', 'utf8'))) await new Promise(setImmediate)
    expect(mounts(directory)).toEqual([])
    holder.stdin.end()
    expect(await ended).toMatchObject({ stdout: '0\n', stderr: '' })
    expect(mounts(directory)).toHaveLength(1)
  })

  test('is what ip netns does', async () => {
    const source = `JSON.stringify(native.shareDirectory('/run/netns'))`
    const fresh = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh']
    const table = "console.log(require('fs').readFileSync('/proc/self/mountinfo', 'utf8'))"
    const ours = await runScript(`${source};${table}`, fresh)
    const ips = await runScript(
      `require('child_process').execFileSync('ip', ['netns', 'add', 'x']);${table}`,
      fresh,
    )
    // root, mount point, options, kind of propagation
    const lines = (text: string) => {
      const fields = text.split('\n').map((line) => line.split(' ').slice(3, 7))
      const fresh = fields.slice(fields.findLastIndex(([, point]) => point === '/run'))
      return fresh.map(([root, point, options, tag]) => [root, point, options, tag?.split(':')[0]])
    }
    expect(lines(ours.stdout)).toEqual(lines(ips.stdout).filter(([, point]) => point !== '/run/netns/x'))
    expect(lines(ours.stdout)).toContainEqual(['/netns', '/run/netns', expect.any(String), 'shared'])
  })

  test('errors', async () => {
    writeFileSync(`${SHARED}/file`, '')
    expect(native.shareDirectory(`${SHARED}/file/x`)).toEqual({ errno: ENOTDIR, syscall: 'open' })
    expect(native.shareDirectory(`${SHARED}/file`)).toEqual({ errno: ENOTDIR, syscall: 'open' })
    const source = `console.log(JSON.stringify(native.shareDirectory('${SHARED}-refused')))`
    const { stdout } = await runScript(source, ['setpriv', '--bounding-set=-sys_admin'])
    expect(JSON.parse(stdout)).toEqual({ errno: EPERM, syscall: 'mount' })
  })
})
