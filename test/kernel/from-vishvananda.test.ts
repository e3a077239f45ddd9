/** Every row of docs/from-vishvananda.md: its call is taken out of the document, run, and its effect checked with the real tools. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { ConntrackEntry } from '../../src/conntrack.js'
import type * as netlink from '../../src/index.js'
import { addRoute } from '../../src/index.js'
import { fakeKernel } from '../../src/testing/index.js'
import { describeRows, type Row } from './document-rows.js'
import { BRIDGE, GATEWAY, RED, VETH } from './document-worlds.js'
import { BRIDGES } from './from-vishvananda-bridges.js'
import { FUNCTIONS } from './from-vishvananda-functions.js'
import { LINKS } from './from-vishvananda-links.js'
import { ROUTES } from './from-vishvananda-routes.js'
import { execFileSync } from './programs.js'
import { ip, ipJson } from './support.js'

const names = (netns?: string) => ipJson('link show', netns).map(({ ifname }) => ifname as string)
const isRed = {
  given: RED,
  check: (list: netlink.Link[]) => expect(list.map(({ name }) => name)).toEqual(names('red')),
}

const conntrack = (words: string) => execFileSync('conntrack', words.split(' '))
const tracked = (...flows: readonly string[]) =>
  ['-F', ...flows].map((words) => async () => {
    conntrack(words)
  })
const WEB = '-I -p tcp -s 10.0.0.1 -d 10.0.0.2 --sport 1 --dport 80 --state ESTABLISHED -t 600'
const OTHER = '-I -p tcp -s 10.0.0.1 -d 10.0.0.2 --sport 2 --dport 443 --state ESTABLISHED -t 600'
const DNAT = '-I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 5 --dport 53 -t 600 --dst-nat 172.17.0.2:5353'
const SIX = '-I -p udp -s 2001:db8::1 -d 2001:db8::2 --sport 7 --dport 53 -t 600'
/** The destination ports of what is tracked, of both families. */
const ports = () =>
  ['ipv4', 'ipv6']
    .flatMap((family) => [...conntrack(`-L -f ${family}`).matchAll(/^.*?dport=(\d+)/gm)])
    .map(([, port]) => Number(port))
    .sort((a, b) => a - b)
/** A row of connections, which are taken away behind it. */
const flows = (given: readonly string[], check: NonNullable<Row['check']>): Row => ({
  given: tracked(...given),
  check: async (result) => {
    try {
      await check(result)
    } finally {
      conntrack('-F')
    }
  },
})

const checks: Record<string, Row> = {
  ...LINKS,
  ...BRIDGES,
  ...FUNCTIONS,
  ...ROUTES,
  'netns.NewNamed("red")': {
    check: (red: netlink.Netns) => {
      red.close()
      expect(ip('netns list').trim()).toBe('red')
    },
  },
  'netns.New()': {
    check: async (made: netlink.Netns) => {
      expect((await made.listLinks()).map(({ name }) => name)).toEqual(['lo'])
      made.close()
      expect(ip('netns list')).toBe('')
    },
  },
  'netns.GetFromName("red")': {
    given: RED,
    check: async (red: netlink.Netns) => {
      expect((await red.listLinks()).map(({ name }) => name)).toEqual(names('red'))
      red.close()
    },
  },
  'netns.GetFromPid(pid)': {
    given: [VETH],
    check: async (here: netlink.Netns) => {
      expect((await here.listLinks()).map(({ name }) => name)).toEqual(names())
      here.close()
    },
  },
  'netns.DeleteNamed("red")': {
    given: ['netns add red'],
    check: () => expect(ip('netns list')).toBe(''),
  },
  'netns.Set(ns); LinkList(); netns.Set(old)': isRed,
  'h, err := NewHandleAt(ns); h.LinkList()': isRed,
  'h.SetSocketTimeout(time.Second)': {
    given: [VETH],
    check: (list: netlink.Link[]) => expect(list.map(({ name }) => name)).toEqual(names()),
  },
  'GetNetNsIdByFd(int(ns))': {
    given: ['netns add red', 'netns set red 73'],
    check: (nsid) => expect(ipJson('netns list-id')).toContainEqual({ nsid, name: 'red' }),
  },
  'h.GetNetNsIdByPid(pid)': {
    given: ['netns add red', `netns attach here ${process.pid}`, '-n red netns set here 74'],
    check: (nsid) => {
      expect(nsid).toBe(74)
      expect(ipJson('netns list-id', 'red')).toContainEqual({ nsid, name: 'here' })
    },
  },
  'SetNetNsIdByFd(int(ns), 10)': {
    given: ['netns add red'],
    check: () => expect(ipJson('netns list-id')).toContainEqual({ nsid: 10, name: 'red' }),
  },
  'h.SetNetNsIdByPid(pid, 11)': {
    given: ['netns add red', `netns attach here ${process.pid}`],
    check: () => expect(ipJson('netns list-id', 'red')).toContainEqual({ nsid: 11, name: 'here' }),
  },
  'ConntrackTableList(ConntrackTable, FAMILY_V4)': flows([WEB, DNAT, SIX], (list: ConntrackEntry[]) => {
    const listed = list.map(({ original }) => original.dport)
    expect(listed.sort()).toEqual([53, 80])
    expect(conntrack('-L -f ipv4').trim().split('\n')).toHaveLength(listed.length)
  }),
  'ConntrackTableListStream(ConntrackTable, FAMILY_V4, ch, alloc)': flows(
    [OTHER, WEB, DNAT],
    ({ original }: ConntrackEntry) =>
      expect(original).toMatchObject({ protocol: 'tcp', src: '10.0.0.1', sport: 1, dport: 80 }),
  ),
  'ConntrackTableList(ConntrackExpectTable, FAMILY_V4)': {
    check: (list) => {
      expect(list).toEqual([])
      expect(conntrack('-L expect')).toBe('')
    },
  },
  'ConntrackTableFlush(ConntrackTable)': flows([WEB, SIX], () => expect(ports()).toEqual([])),
  'ConntrackTableFlush(ConntrackExpectTable)': { check: () => expect(conntrack('-L expect')).toBe('') },
  'ConntrackCreate(ConntrackTable, FAMILY_V4, flow)': flows([], () =>
    expect(conntrack('-L -f ipv4')).toMatch(/^udp +17 (59|60) src=10.0.0.7 dst=10.0.0.2 .*mark=7 /),
  ),
  'ConntrackUpdate(ConntrackTable, FAMILY_V4, flow)': flows([WEB], () =>
    expect(conntrack('-L -f ipv4')).toContain('mark=5 '),
  ),
  'filter.AddIP(ConntrackOrigSrcIP, ip); filter.AddProtocol(6); filter.AddPort(ConntrackOrigDstPort, 80); ConntrackDeleteFilters(ConntrackTable, FAMILY_V4, filter)':
    flows([WEB, OTHER, DNAT], () => expect(ports()).toEqual([53, 443])),
  'filter.AddIP(ConntrackReplySrcIP, ip); ConntrackDeleteFilters(ConntrackTable, FAMILY_V4, filter)': flows(
    [WEB, DNAT, SIX],
    () => expect(ports()).toEqual([53, 80]),
  ),
  'LinkSubscribe(ch, done)': {
    meanwhile: 'link add later0 type bridge',
    check: (event) => expect(event).toMatchObject({ type: 'link', link: { name: 'later0' } }),
  },
  'LinkSubscribeAt(ns, ch, done)': {
    given: ['netns add red'],
    meanwhile: '-n red link add later0 type bridge',
    check: (event) => expect(event).toMatchObject({ type: 'link', link: { name: 'later0' } }),
  },
  'LinkSubscribeWithOptions(ch, done, LinkSubscribeOptions{ListExisting: true})': {
    given: [VETH],
    check: async ([events, list]: [netlink.Monitor<'link'>, netlink.Link[]]) => {
      expect(list.map(({ name }) => name)).toEqual(names())
      ip(BRIDGE)
      expect((await events.next()).value).toMatchObject({ link: { name: 'v-net-0' } })
      await events.return()
    },
  },
  'AddrSubscribe(ch, done)': {
    given: [BRIDGE],
    meanwhile: ['addr add 192.168.15.9/24 dev v-net-0', 'addr del 192.168.15.9/24 dev v-net-0'],
    check: (event) =>
      expect(event).toMatchObject({ type: 'address', address: { address: '192.168.15.9/24' } }),
  },
  'AddrSubscribeWithOptions(ch, done, AddrSubscribeOptions{Namespace: &ns, ReceiveBufferSize: 1048576})': {
    given: ['netns add red'],
    meanwhile: ['-n red addr add 192.168.15.9/24 dev lo', '-n red addr del 192.168.15.9/24 dev lo'],
    check: (event) => expect(event).toMatchObject({ type: 'address', address: { dev: 'lo' } }),
  },
  'RouteSubscribe(ch, done)': {
    given: GATEWAY,
    meanwhile: ['route add 192.168.3.0/24 dev v-net-0', 'route del 192.168.3.0/24 dev v-net-0'],
    check: (event) => expect(event).toMatchObject({ type: 'route' }),
  },
  'NeighSubscribe(ch, done)': {
    given: GATEWAY,
    meanwhile: [
      'neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev v-net-0',
      'neigh del 192.168.15.9 dev v-net-0',
    ],
    check: (event) => expect(event).toMatchObject({ type: 'neighbour', neighbour: { dev: 'v-net-0' } }),
  },
}

describeRows('from-vishvananda.md', checks)

/** Lightweight tunnels are made under guests alone (encap.test.ts). */
const text = readFileSync(new URL('../../docs/from-vishvananda.md', import.meta.url), 'utf8')
const ENCAPS = [...text.matchAll(/`encap:\s+(\{\s+type:\s+'(\w+)'[^`]*\})`/g)].map(([, value, type]) => ({
  type,
  value,
}))

it('docs/from-vishvananda.md has each encapsulation of Go', () => {
  expect(ENCAPS.map(({ type }) => type)).toEqual(['mpls', 'ip6', 'seg6', 'seg6local', 'bpf'])
})

it.for(ENCAPS)(
  'docs/from-vishvananda.md has an encapsulation that is one: $type',
  async ({ type, value }) => {
    const kernel = fakeKernel(() => undefined, { interfaces: { eth0: 2 } })
    const encap = new Function(`return ${value}`)()
    await addRoute({ to: '2001:db8:9::/48', dev: 'eth0', encap, netns: kernel })
    expect(kernel.requests.at(-1)!.body!.attributes).toMatchObject({ encapType: type })
    expect(kernel.requests.at(-1)!.body!.attributes['encap']).toBeDefined()
  },
)
