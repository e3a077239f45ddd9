import { readdirSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mountsOn } from './mounts.js'
import { PATIENCE, seconds } from './patience.js'
import { FRESH_RUN, lines, linesOf, program, type Started, start } from './program.js'
import { execFileSync } from './programs.js'

const MOUNTS = `
  const { mountsOn: mounts } = await import(${JSON.stringify(new URL('./mounts.ts', import.meta.url).href)})
  const { execFileSync } = await import('node:child_process')
  const ip = (...args) => execFileSync('ip', args, { encoding: 'utf8' })`

describe.each(['nl', 'sync'])('names shared with ip (%s)', (face) => {
  it('stack no mounts, whoever makes the first one', async () => {
    const source = `${MOUNTS}
      for (const oursFirst of [true, false]) {
        const ours = async () => (await ${face}.createNetns('ours')).close()
        if (oursFirst) await ours()
        ip('netns', 'add', 'theirs')
        if (!oursFirst) await ours()
        ;(await ${face}.createNetns('other')).close()
        print([mounts('/run/netns'), mounts('/run/netns/ours'), mounts('/run/netns/theirs')])
        ip('netns', 'delete', 'ours')
        await ${face}.deleteNetns('theirs')
        ip('netns', 'delete', 'other')
        print([mounts('/run/netns/ours'), mounts('/run/netns/theirs'), fs.readdirSync('/run/netns')])
        execFileSync('umount', ['/run/netns'])
        fs.rmdirSync('/run/netns')
      }`
    const there = [[true], [true], [true]]
    const gone = [[], [], []]
    expect(await lines(program(source, { wrapper: FRESH_RUN }))).toEqual([there, gone, there, gone])
  })

  it('appear and disappear in mount namespaces that follow this one', async () => {
    const source = `${MOUNTS}
      const { spawn } = await import('node:child_process')
      ;(await ${face}.createNetns('first')).close()
      const follower = spawn('unshare', ['-m', '--propagation', 'slave', 'cat'])
      follower.stdin.write('there\\n')
      await new Promise((resolve) => follower.stdout.once('data', resolve))
      const seen = (name) => fs.statSync('/proc/' + follower.pid + '/root/run/netns/' + name).ino
      const second = await ${face}.createNetns('second')
      print(seen('second') === fs.fstatSync(second.fd).ino)
      await second.delete()
      print(await caught(() => seen('second')))
      follower.stdin.end()`
    const [same, after] = await lines(program(source, { wrapper: FRESH_RUN }))
    expect(same).toBe(true)
    expect(after).toMatchObject({ code: 'ENOENT' })
  })
})

describe('a program that holds the lock of /run/netns', () => {
  const source = `${MOUNTS}
    const { spawn } = await import('node:child_process')
    const { once } = await import('node:events')
    fs.mkdirSync('/run/netns')
    const holder = spawn('flock', ['/run/netns', 'sh', '-c', 'echo locked && exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    const made = nl.createNetns('late')
    const { ino } = fs.statSync('/run/netns')
    const waiting = new RegExp('-> FLOCK .*:' + ino + ' ')
    while (!waiting.test(fs.readFileSync('/proc/locks', 'utf8'))) await new Promise(setImmediate)
    print(mounts('/run/netns'))
    print((await nl.listLinks()).length > 0)
    holder.stdin.end()
    print((await made).name)`

  it('keeps createNetns() waiting, and not the event loop', async () => {
    expect(await lines(program(source, { wrapper: FRESH_RUN }))).toEqual([[], true, 'late'])
  })
})

describe('two programs and ip', () => {
  const NAMES = 100
  const race = (face: string, prefix: string) => `
    await ${face}.listLinks()
    await wait()
    const won = {}
    for (let i = 0; i < ${NAMES}; i++) {
      const { value, code, message } = await caught(() => ${face}.createNetns('${prefix}' + i))
      if (value !== undefined) {
        won['${prefix}' + i] = fs.fstatSync(value.fd).ino
        if ((await value.listLinks()).length !== 1) throw new Error('not a new namespace')
        value.close()
      } else if (code !== 'EEXIST') throw new Error(message)
    }
    print(won)`

  it(
    'that make the same names at once get each name once, from the first one on',
    async () => {
      const prefix = `race-${process.pid}-`
      while (mountsOn('/run/netns').length > 0) execFileSync('umount', ['-l', '/run/netns'])
      const programs = ['nl', 'sync'].map((face) => start(program(race(face, prefix))))
      const loop = `echo '"ready"'; read go; for i in $(seq 0 ${NAMES - 1}); do ip netns add ${prefix}$i 2>&3 && echo '"'$i'"'; done; true`
      const ip = start(['timeout', seconds(60), 'sh', '-c', `exec 3>/dev/null; ${loop}`])
      const racers: Started[] = [...programs, ip]
      await Promise.all(racers.map(({ ready }) => ready))
      for (const racer of racers) racer.go()
      const [ours, theirs] = (await Promise.all(programs.map(linesOf))).map(
        ([, won]) => won as Record<string, number>,
      )
      const [, ...byIp] = (await linesOf(ip)) as string[]

      const winners = [
        ...Object.keys(ours!),
        ...Object.keys(theirs!),
        ...byIp.map((i) => `${prefix}${i}`),
      ].sort()
      const names = readdirSync('/run/netns').sort()
      expect(winners).toEqual(names)
      expect(names).toHaveLength(NAMES)
      for (const [name, ino] of [...Object.entries(ours!), ...Object.entries(theirs!)]) {
        expect(statSync(`/run/netns/${name}`).ino).toBe(ino)
      }
      for (const name of names) execFileSync('ip', ['-n', name, 'link', 'show', 'lo'])
      expect(mountsOn('/run/netns')).toHaveLength(1)
      for (const name of names) execFileSync('ip', ['netns', 'delete', name])
      expect(readdirSync('/run/netns')).toEqual([])
    },
    60_000 * PATIENCE,
  )
})
