/** What a public call costs in system calls on netlink sockets, as strace sees it: of a whole container attach every send. */

import { describe, expect, it } from 'vitest'
import { namesIn } from './link-oracle.js'
import { traced } from './strace.js'
import { hasTool, ip, ipJson, withNetns } from './support.js'

const SENDS = ['sendmsg', 'sendto', 'sendmmsg', 'write', 'writev']
const RECEIVES = ['recvmsg', 'recvfrom', 'recvmmsg', 'read', 'readv', 'poll', 'ppoll']

/** The calls of a program on netlink sockets between its lines 'begin' and 'end', in order, threads and all. */
async function callsOf(source: string, calls = SENDS): Promise<string[]> {
  return (await traced(source, calls)).filter(
    (line) => calls.some((call) => line.includes(`${call}(`)) && line.includes('NETLINK'),
  )
}

const RTM_NEWLINK = 0x10
const RTM_GETLINK = 0x12
const RTM_NEWADDR = 0x14
const RTM_NEWROUTE = 0x18

/** The types of the messages in a line of strace, which knows no names for those of sockets in other namespaces. */
function typesIn(line: string): number[] {
  return [...line.matchAll(/nlmsg_type=(0x[0-9a-f]+)/g)].map(([, type]) => Number(type))
}

/** The attach of the tutorials: a port of a bridge, and an end with an address and a default route in a namespace. */
function attach(face: 'nl' | 'sync', n: number, host: string, netns: string): string {
  return `
    const made${n} = await ${face}.createVethPair(
      { name: 'near${n}', master: 'br0', up: true },
      { name: 'eth${n}', netns: ${netns}, up: true, addresses: ['192.168.${n}.1/24'],
        routes: [{ to: '${n === 0 ? 'default' : `10.${n}.0.0/16`}', via: '192.168.${n}.5' }] },
      { netns: ${host} })
    if (made${n}[0].name !== 'near${n}' || made${n}[1].name !== 'eth${n}') throw new Error('not read back')`
}

describe.each(['nl', 'sync'] as const)('a container attach through %s sends', (face) => {
  it('twice where everything is named and nothing is open', (context) => {
    context.skip(!hasTool('strace'), 'strace is not there')
    return withNetns((host) =>
      withNetns(async (red) => {
        ip('link add br0 type bridge', host)
        const sends = await callsOf(`print('begin')${attach(face, 0, `'${host}'`, `'${red}'`)}; print('end')`)
        expect(sends).toHaveLength(2)
        expect(sends.map(typesIn)).toEqual([
          [RTM_NEWLINK, RTM_GETLINK],
          [RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, RTM_GETLINK],
        ])
        expect(namesIn(host)).toEqual(['br0', 'near0'])
        expect(ipJson('route show default', red)).toMatchObject([{ gateway: '192.168.0.5', dev: 'eth0' }])
      }),
    )
  })

  it('twice where the namespaces are handles that have been used', (context) => {
    context.skip(!hasTool('strace'), 'strace is not there')
    return withNetns((host) =>
      withNetns(async (red) => {
        ip('link add br0 type bridge', host)
        const sends = await callsOf(`
          const host = await ${face}.openNetns('${host}')
          const red = await ${face}.openNetns('${red}')
          ${attach(face, 0, 'host', 'red')}
          print('begin')
          ${attach(face, 1, 'host', 'red')}
          print('end')
          red.close()
          host.close()`)
        expect(sends).toHaveLength(2)
        expect(namesIn(red)).toEqual(['eth0', 'eth1'])
      }),
    )
  })

  it('once more for each end that gets what it can be given only once it is there', (context) => {
    context.skip(!hasTool('strace'), 'strace is not there')
    return withNetns(async (host) => {
      const sends = await callsOf(`
        print('begin')
        await ${face}.createVethPair({ name: 'near0', addresses: ['192.0.2.1/24'] }, { name: 'far0' }, { netns: '${host}' })
        print('end')`)
      expect(sends).toHaveLength(3)
    })
  })
})

it('a question of the synchronous face is one send and one receive', (context) => {
  context.skip(!hasTool('strace'), 'strace is not there')
  return withNetns(async (host) => {
    const calls = await callsOf(
      `const host = sync.openNetns('${host}')
      host.getLink('lo')
      print('begin')
      host.getLink('lo')
      host.setLink('lo', { up: true })
      print('end')
      host.close()`,
      [...SENDS, ...RECEIVES],
    )
    expect(calls.map((line) => /([a-z]+)\(/.exec(line)![1])).toEqual([
      'sendto',
      'recvmsg',
      'sendto',
      'recvmsg',
    ])
  })
})
