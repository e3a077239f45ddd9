import { readFileSync, rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lines, program } from './program.js'
import { execFileSync } from './programs.js'
import { execIn, FACES, hasTool, ip, withNetns } from './support.js'

/** sysctl(8) in a namespace. */
function sysctl(netns: string, ...args: string[]): string {
  return execIn(netns, 'sysctl', '-n', ...args).replace(/\n$/, '')
}

describe.each(FACES)('kernel parameters ($face)', ({ nl }) => {
  it('are set in the namespace alone, as sysctl sees', () =>
    withNetns(async (red) =>
      withNetns(async (blue) => {
        await nl.setSysctl('net.ipv4.ip_forward', 1, { netns: red })
        expect(sysctl(red, 'net.ipv4.ip_forward')).toBe('1')
        expect(sysctl(blue, 'net.ipv4.ip_forward')).toBe('0')
        expect(await nl.getSysctl('net.ipv4.ip_forward', { netns: blue })).toBe('0')
        await nl.setSysctl('net/ipv4/ip_forward', '0', { netns: red })
        expect(sysctl(red, 'net.ipv4.ip_forward')).toBe('0')
      }),
    ))

  it('are read as sysctl set them, numbers apart by tabs', () =>
    withNetns(async (netns) => {
      sysctl(netns, '-w', 'net.ipv4.ip_local_port_range=20000 30000')
      expect(await nl.getSysctl('net.ipv4.ip_local_port_range', { netns })).toBe('20000\t30000')
      expect(await nl.getSysctl('net.ipv4.ip_local_port_range', { netns })).toBe(
        sysctl(netns, 'net.ipv4.ip_local_port_range'),
      )
      await nl.setSysctl('net.ipv4.ip_local_port_range', '21000 31000', { netns })
      expect(sysctl(netns, 'net.ipv4.ip_local_port_range')).toBe('21000\t31000')
    }))

  it('can be set to nothing', () =>
    withNetns(async (netns) => {
      const key = 'net.ipv4.ip_local_reserved_ports'
      await nl.setSysctl(key, '8080,9148', { netns })
      expect(sysctl(netns, key)).toBe('8080,9148')
      await nl.setSysctl(key, '', { netns })
      expect(sysctl(netns, key)).toBe('')
      expect(await nl.getSysctl(key, { netns })).toBe('')
    }))

  it.each([1000, 3000])('are set and read whole where they are a list of %d', (count) =>
    withNetns(async (netns) => {
      const key = 'net.ipv4.ip_local_reserved_ports'
      const ports = Array.from({ length: count }, (_, i) => 20_001 + 2 * i).join()
      await nl.setSysctl(key, ports, { netns })
      const path = `/proc/sys/${key.replaceAll('.', '/')}`
      const seen = execIn(netns, 'dd', `if=${path}`, 'bs=1M', 'status=none')
      expect(seen.toString()).toBe(`${ports}\n`)
      expect(await nl.getSysctl(key, { netns })).toBe(ports)
    }),
  )

  it.each(['net.ipv4.conf.eth0/100.rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'])(
    'of an interface with a dot in its name have the keys of sysctl: %s',
    (key) =>
      withNetns(async (netns) => {
        ip('link add eth0.100 type veth peer name eth1', netns)
        await nl.setSysctl(key, 2, { netns })
        expect(sysctl(netns, key)).toBe('2')
        expect(await nl.getSysctl(key, { netns })).toBe('2')
        expect(sysctl(netns, 'net.ipv4.conf.eth1.rp_filter')).toBe('0')
      }),
  )

  it('are methods of a handle', () =>
    withNetns(async (name) => {
      using netns = await nl.openNetns(name)
      await netns.setSysctl('net.ipv6.conf.all.disable_ipv6', 1)
      expect(sysctl(name, 'net.ipv6.conf.all.disable_ipv6')).toBe('1')
      expect(await netns.getSysctl('net.ipv6.conf.all.disable_ipv6')).toBe('1')
      expect(await nl.getSysctl('net.ipv6.conf.all.disable_ipv6', { netns: { fd: netns.fd } })).toBe('1')
    }))

  it('of the process’s own namespace need none to be named', async () => {
    const before = await nl.getSysctl('net.ipv4.ip_default_ttl')
    expect(before).toBe(execFileSync('sysctl', ['-n', 'net.ipv4.ip_default_ttl']).trim())
    await nl.setSysctl('net.ipv4.ip_default_ttl', 77)
    expect(execFileSync('sysctl', ['-n', 'net.ipv4.ip_default_ttl'])).toBe('77\n')
    await nl.setSysctl('net.ipv4.ip_default_ttl', before)
  })

  it.each([undefined, 'here'])('that cannot be had say why (%s)', (where) =>
    withNetns(async (name) => {
      const options = where === undefined ? {} : { netns: name }
      const inside = where === undefined ? '' : ` in namespace '${name}'`
      const failing = (work: () => unknown) => expect(async () => await work()).rejects
      await failing(() => nl.getSysctl('net.ipv4.nothing', options)).toMatchObject({
        code: 'ENOENT',
        message:
          `open sysctl 'net.ipv4.nothing'${inside}: ENOENT (No such file or directory); ` +
          'there is no such parameter: its module or interface is missing, or only the initial namespace has it',
      })
      await failing(() => nl.setSysctl('net.ipv4.nothing', 1, options)).toMatchObject({ code: 'ENOENT' })
      await failing(() => nl.getSysctl('net.ipv4.conf.eth0.100.forwarding', options)).toMatchObject({
        code: 'ENOENT',
        advice: expect.stringMatching(/; a dot in the name of an interface is written '\/'$/),
      })
      await failing(() => nl.getSysctl('net.ipv4', options)).toMatchObject({
        code: 'EISDIR',
        advice: 'this is a group of parameters',
      })
      await failing(() => nl.setSysctl('net.ipv4.ip_forward', 'yes', options)).toMatchObject({
        code: 'EINVAL',
        subject: `sysctl 'net.ipv4.ip_forward'${inside}`,
        advice: 'the kernel does not accept this value',
      })
      await failing(() => nl.getSysctl('net.ipv4.route.flush', options)).toMatchObject({ code: 'EACCES' })
    }),
  )
})

it('are read and written on threads of the addon, so that the kernel’s locks do not stop the event loop', async (context) => {
  context.skip(!hasTool('strace'), 'strace is not there')
  const trace = `/run/sysctl-${process.pid}.strace`
  const key = 'net.ipv4.ip_default_ttl'
  const source = `
    await nl.setSysctl('${key}', await nl.getSysctl('${key}'))
    sync.setSysctl('${key}', sync.getSysctl('${key}'))
    print(process.pid)`
  const wrapper = ['strace', '-f', '-qq', '-e', 'trace=openat', '-o', trace]
  const [pid] = await lines(program(source, { wrapper }))
  const opens = readFileSync(trace, 'utf8')
    .split('\n')
    .filter((line) => line.includes('/ip_default_ttl"'))
  const onMainThread = opens.map((line) => Number.parseInt(line, 10) === pid)
  expect(onMainThread).toEqual([false, false, true, true])
  rmSync(trace)
})

it.for([
  ['all but the newline', 2, {}],
  ['less', 1, { code: 'EIO' }],
] as const)('of which the kernel says that it took %s', async ([, count, answer], context) => {
  context.skip(!hasTool('strace'), 'strace is not there')
  const key = 'net.ipv4.ip_default_ttl'
  const source = `
    print(await caught(() => nl.setSysctl('${key}', '64')))
    print(await caught(() => sync.setSysctl('${key}', '64')))`
  const strace = ['strace', '-f', '-qq', '-o', '/dev/null', '-P', `/proc/sys/${key.replaceAll('.', '/')}`]
  const wrapper = [...strace, '-e', `inject=write:retval=${count}`]
  expect(await lines(program(source, { wrapper }))).toMatchObject([answer, answer])
})

describe.each(['nl', 'sync'])('a /proc/sys that is read-only (%s)', (face) => {
  it('is no error for a value that is right already', async () => {
    const source = `
      const netns = await ${face}.createNetns()
      for (const options of [{}, { netns }]) {
        const before = await ${face}.getSysctl('net.ipv4.ip_local_port_range', options)
        print(await caught(() => ${face}.setSysctl('net.ipv4.ip_local_port_range', before, options)))
        print(await caught(() => ${face}.setSysctl('net.ipv4.ip_local_port_range', before.replace('\\t', ' '), options)))
        print(await caught(() => ${face}.setSysctl('net.ipv4.ip_local_port_range', '1 2', options)))
        print((await ${face}.getSysctl('net.ipv4.ip_local_port_range', options)) === before)
      }
      netns.close()`
    const readOnly = [
      'unshare',
      '-m',
      'sh',
      '-c',
      'mount --bind -o ro /proc/sys /proc/sys && exec "$@"',
      'sh',
    ]
    const refused = (where: string) => ({
      code: 'EROFS',
      message:
        `open sysctl 'net.ipv4.ip_local_port_range'${where}: EROFS (Read-only file system); ` +
        '/proc/sys is read-only here, as in most containers, and the value is another one',
    })
    expect(await lines(program(source, { wrapper: readOnly }))).toEqual([
      ...[{}, {}, refused(''), true],
      ...[{}, {}, refused(' in an unnamed namespace'), true],
    ])
  })
})
