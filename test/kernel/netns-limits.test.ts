import { existsSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { FRESH_RUN, lines, program } from './program.js'
import { execFileSync } from './programs.js'

const FACES = ['nl', 'sync']
const NAMES = "fs.existsSync('/run/netns') ? fs.readdirSync('/run/netns') : []"

/** Whether there are other users to become: not in the user namespace in which an ordinary user's tests run. */
const others = readFileSync('/proc/self/uid_map', 'utf8')
  .trim()
  .split('\n')
  .some((line) => Number(line.trim().split(/\s+/)[2]) > 65534)
/** An ordinary user, who becomes it when the library has been loaded, as its files may be closed to him; or root without a capability. */
const becomeNobody = others ? 'process.setgroups([]); process.setgid(65534); process.setuid(65534)' : ''
const powerless = others ? [] : ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs']

afterEach(() => {
  if (existsSync('/run/netns/there')) execFileSync('ip', ['netns', 'delete', 'there'])
})

describe.each(FACES)('without rights (%s)', (face) => {
  it('says which capability is missing, and leaves nothing behind', async () => {
    execFileSync('ip', ['netns', 'add', 'there'])
    const source = `
      await ${face}.listLinks()
      ${becomeNobody}
      print(await caught(() => ${face}.createNetns('mine')))
      print(await caught(() => ${face}.createNetns()))
      print(await caught(() => ${face}.deleteNetns('there')))
      print(await caught(() => ${face}.listLinks({ netns: 'there' })))
      print(await caught(() => ${face}.setNsid('there', 5)))
      print(await caught(() => ${face}.setSysctl('net.ipv4.ip_forward', 1)))
      print(await caught(() => ${face}.getSysctl('net.ipv4.ip_forward')))
      print(await caught(() => ${face}.getNsid('there')))
      print(${NAMES})`
    const [mine, unnamed, deleted, inside, nsid, written, read, id, names] = await lines(
      program(source, { wrapper: powerless }),
    )
    const sysAdmin = 'needs CAP_SYS_ADMIN: run as root, or inside `unshare -Urnm` as an ordinary user'
    expect(mine).toMatchObject({ code: 'EPERM', message: expect.stringMatching(/^mount .*: EPERM .*; /) })
    expect(mine).toMatchObject({ message: expect.stringContaining(sysAdmin) })
    expect(unnamed).toMatchObject({
      code: 'EPERM',
      message: `unshare a new namespace: EPERM (Operation not permitted); ${sysAdmin}`,
    })
    expect(deleted).toMatchObject({
      code: 'EPERM',
      message: `umount2 namespace 'there': EPERM (Operation not permitted); ${sysAdmin}`,
    })
    expect(inside).toMatchObject({
      code: 'EPERM',
      message:
        "setns namespace 'there': EPERM (Operation not permitted); " +
        'needs CAP_SYS_ADMIN in the user namespace that owns the network namespace',
    })
    expect(nsid).toMatchObject({ code: 'EPERM', message: expect.stringContaining('needs CAP_NET_ADMIN') })
    expect(written).toMatchObject({
      code: expect.stringMatching(/^(EACCES|EPERM)$/),
      message: expect.stringContaining("sysctl 'net.ipv4.ip_forward'"),
    })
    expect(read).toEqual({ value: expect.stringMatching(/^[01]$/) })
    expect(id).toEqual({ value: null })
    expect(names).toEqual(['there'])
  })

  it('says so where the directory of names cannot be made, and how they can', async () => {
    const source = `
      await ${face}.listLinks()
      ${becomeNobody}
      print(await caught(() => ${face}.createNetns('mine')))
      print(${NAMES})`
    const closed = [...FRESH_RUN, 'sh', '-c', 'chmod 555 /run && exec "$@"', 'sh']
    const wrapper = [...closed, ...powerless]
    const [mine, names] = await lines(program(source, { wrapper }))
    expect(mine).toMatchObject({ code: expect.stringMatching(/^(EACCES|EPERM)$/) })
    expect(names).toEqual([])
    expect(mine).toMatchObject({ message: expect.stringMatching(/^mkdir .*netns: /) })
    const advised = /`(unshare -Urnm .*) node program.js`/.exec((mine as { message: string }).message)?.[1]
    const readOnly = [...FRESH_RUN, 'sh', '-c', 'mount -o remount,bind,ro /run && exec "$@"', 'sh']
    const make = program(`print((await ${face}.createNetns('mine')).name)`, {
      wrapper: [...readOnly, 'sh', '-c', `exec ${advised} "$@"`, 'sh'],
    })
    expect(await lines(make)).toEqual(['mine'])
  })
})

describe.each(FACES)('limits (%s)', (face) => {
  it('ENOSPC past user.max_net_namespaces, here of a user namespace of the test', async () => {
    const source = `
      const made = [await ${face}.createNetns('first'), await ${face}.createNetns()]
      print(await caught(() => ${face}.createNetns('third')))
      print(await caught(() => ${face}.createNetns()))
      print(${NAMES})
      print(await ${face}.listNetns())
      for (const netns of made) netns.close()`
    const limit = [
      'sh',
      '-c',
      'mount -t tmpfs tmpfs /run; echo 3 >/proc/sys/user/max_net_namespaces && exec "$@"',
      'sh',
    ]
    const [third, unnamed, names, listed] = await lines(
      program(source, { wrapper: ['unshare', '-Urnm', ...limit] }),
    )
    const message = (subject: string) =>
      `unshare ${subject}: ENOSPC (No space left on device); the limit user.max_net_namespaces is reached`
    expect(third).toEqual({ code: 'ENOSPC', message: message("namespace 'third'") })
    expect(unnamed).toEqual({ code: 'ENOSPC', message: message('a new namespace') })
    expect(names).toEqual(['first'])
    expect(listed).toEqual([{ name: 'first', nsid: null }])
  })

  it('EMFILE at whichever descriptor is one too many, with nothing left behind', async () => {
    const source = `
      ;(await ${face}.createNetns()).close()
      await ${face}.listLinks()
      const before = openFds()
      const taken = []
      const fill = () => {
        for (;;) {
          try {
            taken.push(fs.openSync('/dev/null'))
          } catch {
            return
          }
        }
      }
      const results = []
      for (let free = 0; free < 8; free++) {
        fill()
        for (const fd of taken.splice(0, free)) fs.closeSync(fd)
        const { value, code, message } = await caught(() => ${face}.createNetns('netns' + free))
        value?.close()
        for (const fd of taken.splice(0)) fs.closeSync(fd)
        results.push({ made: value !== undefined, code, message, file: fs.existsSync('/run/netns/netns' + free), left: openFds() - before })
      }
      print(results)`
    const wrapper = [...FRESH_RUN, 'sh', '-c', 'ulimit -n 512; exec "$@"', 'sh']
    const [results] = (await lines(program(source, { wrapper }))) as [{ made: boolean; message?: string }[]]
    const failed = results.filter(({ made }) => !made)
    expect(failed.length).toBeGreaterThanOrEqual(2)
    expect(failed.length).toBeLessThan(results.length)
    for (const result of failed) {
      expect(result).toMatchObject({ code: 'EMFILE', file: false, left: 0 })
      expect(result.message).toContain(
        'too many open files in this process (ulimit -n): are handles left unclosed?',
      )
    }
    for (const result of results.filter(({ made }) => made))
      expect(result).toMatchObject({ file: true, left: 0 })
  })

  it('EAGAIN where no thread can be started, and nothing waits for one', async () => {
    const source = `
      import { execFileSync } from 'node:child_process'
      sync.listLinks()
      execFileSync('prlimit', ['--pid', process.pid, '--nproc=1'])
      ${becomeNobody}
      print(await caught(() => ${face}.createNetns()))
      print(await caught(() => nl.getLink('lo')))
      print(await caught(() => nl.getLink('lo')))
      print(await caught(() => nl.streamLinks().next()))`
    const [made, ...asked] = await lines(program(source))
    const said =
      'no thread can be started: the limit of processes is reached (ulimit -u, pids.max of the cgroup)'
    const text = `EAGAIN (Resource temporarily unavailable); ${said}`
    expect(made).toEqual({ code: 'EAGAIN', message: `pthread_create a new namespace: ${text}` })
    expect(asked).toEqual([
      { code: 'EAGAIN', message: `netlink RTM_GETLINK interface 'lo': ${text}` },
      { code: 'EAGAIN', message: `netlink RTM_GETLINK interface 'lo': ${text}` },
      { code: 'EAGAIN', message: `netlink RTM_GETLINK: ${text}` },
    ])
  })

  it('leaves no file when the mount fails', async ({ skip }) => {
    if (!hasStrace()) skip('strace is not installed')
    const source = `
      print(await caught(() => ${face}.createNetns('refused')))
      print(${NAMES})
      print(fs.readFileSync('/proc/self/mountinfo', 'utf8').includes('refused'))
      const made = await ${face}.createNetns('accepted')
      print(${NAMES})`
    const inject = [
      'strace',
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-P',
      '/run/netns/refused',
      '-e',
      'inject=mount:error=ENOMEM',
    ]
    const [refused, names, mounted, later] = await lines(
      program(source, { wrapper: [...FRESH_RUN, ...inject] }),
    )
    expect(refused).toEqual({
      code: 'ENOMEM',
      message: "mount namespace 'refused': ENOMEM (Cannot allocate memory)",
    })
    expect(names).toEqual([])
    expect(mounted).toBe(false)
    expect(later).toEqual(['accepted'])
  })
})

function hasStrace(): boolean {
  return (process.env['PATH'] ?? '').split(':').some((directory) => {
    try {
      return readFileSync(`${directory}/strace`).length > 0
    } catch {
      return false
    }
  })
}
