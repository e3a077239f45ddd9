/** docs/examples/cni beside an IPAM plugin of which it knows nothing: what that is asked, and what comes of what it answers. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ask, type Config, eachWithContainer } from './cni-support.js'
import { needNftables } from './needs.js'
import { execFileSync } from './programs.js'
import { ip, ipJson, type Printed } from './support.js'
import { linkNames } from './topology-support.js'

needNftables()
eachWithContainer()

/** Where the plugin lies that is named. */
let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-ipam-'))
})
afterEach(() => rmSync(path, { recursive: true }))

const ours = (command: string, config: Config, args = ''): Promise<Printed | null> =>
  ask(command, config, { CNI_PATH: `/nowhere::${path}`, CNI_ARGS: args })

/** An IPAM plugin that notes what it is asked and whether eth0 is there, and does as it is told. */
function standIn(does: string, mode = 0o755): void {
  const notes = `{ echo "$CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME $CNI_NETNS $CNI_ARGS"
cat; echo; ip -n c1 -o link show dev eth0 2>/dev/null | grep -c eth0; } >>${path}/notes`
  writeFileSync(join(path, 'mine'), `#!/bin/sh\n${notes}\n${does}\n`, { mode })
}

/** Of each call: its command, its other variables, its configuration, whether eth0 was there. */
function notes(): [string, string, unknown, boolean][] {
  const lines = readFileSync(join(path, 'notes'), 'utf8').trimEnd().split('\n')
  return Array.from({ length: lines.length / 3 }, (_, i) => {
    const [variables, config, links] = lines.slice(i * 3)
    const at = variables!.indexOf(' ')
    return [variables!.slice(0, at), variables!.slice(at + 1), JSON.parse(config!), links === '1']
  })
}

const GIVES = `[ $CNI_COMMAND = ADD ] && echo '{"ips":[{"address":"10.22.0.5/24"}]}'; exit 0`
/** What prints a result of which some is said. */
const gives = (more: string) => `echo '{"ips":[{"address":"10.22.0.5/24",${more}}]}'`
const routes = (dst: string, gw: string) => `echo '{"ips":[],"routes":[{"dst":"${dst}","gw":"${gw}"}]}'`

const mine = (more: object = {}): Config => ({
  cniVersion: '1.1.0',
  name: 'net1',
  type: 'bridge',
  ipam: { type: 'mine' },
  ...more,
})

describe('a plugin that `ipam.type` names', () => {
  it('has the same environment and configuration; it is asked when the interface is there, and DEL when it has gone', async () => {
    standIn(GIVES)
    const config = mine({ isGateway: true, ipMasq: true, macspoofchk: true })
    const result = await ours('ADD', config, 'A=B')
    expect(result).toMatchObject({ ips: [{ address: '10.22.0.5/24', gateway: '10.22.0.1', interface: 2 }] })
    const checked = { ...config, prevResult: result }
    expect(await ours('CHECK', checked, 'A=B')).toBe(null)
    expect(await ours('STATUS', config, 'A=B')).toBe(null)
    expect(await ours('DEL', config, 'A=B')).toBe(null)
    const collected = { ...config, 'cni.dev/valid-attachments': [] }
    expect(await ours('GC', collected, 'A=B')).toBe(null)
    const variables = 'c1 eth0 /run/netns/c1 A=B'
    expect(notes()).toEqual([
      ['ADD', variables, config, true],
      ['CHECK', variables, checked, true],
      ['STATUS', variables, config, true],
      ['DEL', variables, config, false],
      ['GC', variables, collected, false],
    ])
    expect(execFileSync('nft', ['list', 'ruleset'])).not.toMatch(/10\.22\.|veth/)
  })

  it('is told by DEL what came of ADD, whichever of both failed; the first error counts', async () => {
    standIn(GIVES)
    const beside = mine({ isGateway: true, bridge: 'br7' })
    ip('link add br7 type bridge')
    ip('address add 10.9.0.1/24 dev br7')
    expect(await ours('ADD', beside)).toMatchObject({
      code: 100,
      msg: expect.stringContaining('10.9.0.1/24'),
    })
    const broken = { code: 11, msg: 'no answer', details: 'of the server' }
    standIn(`echo '${JSON.stringify(broken)}'; exit 1`)
    expect(await ours('ADD', mine())).toEqual({ cniVersion: '1.1.0', ...broken })
    expect(notes().map(([command, , , isThere]) => [command, isThere])).toEqual([
      ...[
        ['ADD', true],
        ['DEL', false],
      ],
      ...[
        ['ADD', true],
        ['DEL', false],
      ],
    ])
    expect(linkNames('c1')).toEqual(['lo'])
  })

  it('is told by DEL, and its error is told, also where a rule of the port cannot be taken away', async () => {
    const jump = `ports=$(ip -o link show type veth | grep -o 'veth[0-9a-z]*')
nft add chain bridge netlink-ts-cni other
nft add rule bridge netlink-ts-cni other jump $ports`
    standIn(`[ $CNI_COMMAND = DEL ] && exit 0\n${jump}\necho '{"code":11,"msg":"later"}'; exit 1`)
    const details = expect.stringMatching(/^not taken back: .*chain 'veth.*EBUSY/)
    expect(await ours('ADD', mine({ macspoofchk: true }))).toMatchObject({ code: 11, msg: 'later', details })
    expect(execFileSync('nft', ['list', 'table', 'bridge', 'netlink-ts-cni'])).toContain('jump veth')
    expect(notes().map(([command]) => command)).toEqual(['ADD', 'DEL'])
    expect(linkNames('c1')).toEqual(['lo'])
  })

  it('is told by DEL also where a rule of the port cannot be taken away; the error of the rule counts, of both all is told', async () => {
    standIn(GIVES)
    const config = mine({ macspoofchk: true })
    const port = String((await ours('ADD', config))!['interfaces'][1].name)
    const other = 'bridge netlink-ts-cni other'
    execFileSync('nft', `add chain ${other}; add rule ${other} jump ${port}`.split(' '))
    standIn(`echo '{"code":42,"msg":"none"}'; exit 1`)
    const msg = expect.stringMatching(/EBUSY.*; none$/)
    expect(await ours('DEL', config)).toMatchObject({ code: 11, msg, details: 'EBUSY' })
    standIn(GIVES)
    expect(await ours('DEL', config)).toMatchObject({ code: 11, msg: expect.not.stringContaining('none') })
    expect(notes().map(([command]) => command)).toEqual(['ADD', 'DEL', 'DEL'])
    execFileSync('nft', ['delete', 'chain', ...other.split(' ')])
    expect(await ours('DEL', config)).toBe(null)
  })

  it('has ten seconds for DEL behind an ADD that failed, whose error is told', async () => {
    const timeout = AbortSignal.timeout
    const limit = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(ms / 20))
    onTestFinished(() => limit.mockRestore())
    standIn(`[ $CNI_COMMAND = DEL ] && exec sleep 60\necho '{"code":42,"msg":"none"}'; exit 1`)
    const details = expect.stringMatching(/^not taken back: ipam.type: .*mine is not waited for/)
    expect(await ours('ADD', mine())).toMatchObject({ code: 42, msg: 'none', details })
    expect(limit.mock.calls).toEqual([[10_000]])
    expect(linkNames('c1')).toEqual(['lo'])
  })

  it('has ADD done that failed in it before: the bridge is there by then, and no port', async () => {
    const config = mine({ isGateway: true })
    standIn(`[ $CNI_COMMAND = DEL ] && exit 0; echo '{"code":11,"msg":"later"}'; exit 1`)
    expect(await ours('ADD', config)).toMatchObject({ code: 11 })
    expect(linkNames()).toEqual(['lo', 'cni0'])
    standIn(GIVES)
    const [bridge] = (await ours('ADD', config))!['interfaces'] as Printed[]
    ip('link add low address 02:00:00:00:00:01 master cni0 type veth peer name far')
    expect(ipJson('link show dev cni0')).toMatchObject([{ address: bridge!['mac'] }])
  })

  it('is not told that a container is gone which is there, when ADD comes twice', async () => {
    standIn(GIVES)
    expect(await ours('ADD', mine())).not.toHaveProperty('code')
    expect(await ours('ADD', mine())).toHaveProperty('code')
    expect(notes().map(([command]) => command)).toEqual(['ADD'])
    expect(linkNames('c1')).toEqual(['lo', 'eth0'])
  })

  it('passes its errors on for the other commands, too; what there is besides has been taken by then', async () => {
    standIn(GIVES)
    const prevResult = await ours('ADD', mine({ ipMasq: true }))
    const refused = { code: 42, msg: 'as it was said' }
    standIn(`echo '${JSON.stringify(refused)}'; exit 3`)
    const more = { ipMasq: true, prevResult, 'cni.dev/valid-attachments': [] }
    for (const command of ['CHECK', 'STATUS', 'DEL', 'GC'])
      expect(await ours(command, mine(more))).toEqual({ cniVersion: '1.1.0', ...refused })
    expect(linkNames('c1')).toEqual(['lo'])
    expect(execFileSync('nft', ['list', 'ruleset'])).not.toContain('10.22.')
  })

  it.each<[string, number, string, string]>([
    ['no word', 100, 'exit 3', 'ended with 3: no word'],
    ['words that are no error', 100, 'echo a loss; exit 1', 'ended with 1: a loss'],
    ['a signal', 100, 'kill -9 $$', 'ended with SIGKILL: no word'],
    ['nothing', 6, 'exit 0', "'mine' answered is no result"],
    ['null', 6, 'echo null', "'mine' answered is no result: there is nothing in it"],
    ['a list', 6, 'echo []', '[] is no object'],
    ['an address of another kind', 6, `echo '{"ips":[{"address":5}]}'`, 'ips[0].address: 5 is no string'],
    ['an address without a prefix', 6, `echo '{"ips":[{"address":"10.1.1.1"}]}'`, "'10.1.1.1' is no network"],
    ['a gateway in words', 6, gives('"gateway":"x"'), "ips[0].gateway: 'x' is no address"],
    [
      'a gateway of another family',
      6,
      gives('"gateway":"fd00::1"'),
      "ips[0].gateway: 'fd00::1' is of another",
    ],
    ['a route to nowhere', 6, `echo '{"ips":[],"routes":[{}]}'`, "routes[0].dst: '' is no network"],
    ['a route by words', 6, routes('10.9.0.0/16', 'y'), "routes[0].gw: 'y' is no address"],
    [
      'a route by IPv4',
      6,
      routes('fd00:9::/64', '10.22.0.1'),
      "routes[0].gw: '10.22.0.1' is of another family",
    ],
    ['a result to come', 1, `echo '{"cniVersion":"9.0.0","ips":[]}'`, "cniVersion: '9.0.0' is none of"],
    ['no address', 100, 'echo {}', "'mine' answered without an address"],
  ])('that answers with %s is an error: %i', async (_, code, does, words) => {
    standIn(`[ $CNI_COMMAND = DEL ] && exit 0\n${does}`)
    expect(await ours('ADD', mine())).toMatchObject({ code, msg: expect.stringContaining(words) })
    expect(linkNames('c1')).toEqual(['lo'])
    expect(notes().map(([command]) => command)).toEqual(['ADD', 'DEL'])
  })

  it('that answers what Go writes where there is nothing, in another spelling, is understood', async () => {
    const ips = [{ version: '6', address: 'FD00:22:0::5/64', gateway: '', interface: null }]
    standIn(`echo '${JSON.stringify({ cniVersion: '0.4.0', interfaces: null, ips, routes: null, dns: {} })}'`)
    expect(await ours('ADD', mine())).toMatchObject({ ips: [{ address: 'fd00:22::5/64' }], routes: [] })
    expect(ipJson('-6 route show fd00:22::/64', 'c1')).toHaveLength(1)
    expect(await ours('DEL', mine())).toBe(null)
  })

  it('may spell the same gateway in several ways, and lead IPv4 by IPv6', async () => {
    const config = mine({ isGateway: true })
    const answer = (host: number) => ({
      ips: [{ address: `fd00:22::${host}/64`, gateway: 'FD00:22:0::1' }],
      routes: [
        { dst: 'fd00:9::/64', gw: 'FD00:22::0:1' },
        { dst: '10.9.0.0/16', gw: 'fd00:22::1' },
      ],
    })
    for (const host of [5, 6]) {
      standIn(`[ $CNI_COMMAND = DEL ] || echo '${JSON.stringify(answer(host))}'`)
      expect(await ours('ADD', config)).toMatchObject({
        ips: [{ address: `fd00:22::${host}/64`, gateway: 'fd00:22::1' }],
        routes: [{ gw: 'fd00:22::1' }, { gw: 'fd00:22::1' }],
      })
      expect(ipJson('-4 route show 10.9.0.0/16', 'c1')).toMatchObject([{ via: { host: 'fd00:22::1' } }])
      expect(await ours('DEL', config)).toBe(null)
    }
  })

  it.each<[string, () => void]>([
    ['that is not there', () => {}],
    ['that is a directory', () => mkdirSync(join(path, 'mine'))],
  ])('%s is an error with CNI_PATH', async (_, prepare) => {
    prepare()
    const msg = `ipam.type: there is no plugin 'mine' in CNI_PATH, which is '/nowhere::${path}'`
    expect(await ours('ADD', mine())).toEqual({ cniVersion: '1.1.0', code: 7, msg })
    expect(await ours('STATUS', mine())).toMatchObject({ code: 50, msg })
    expect(await ask('ADD', mine())).toMatchObject({ code: 7, msg: expect.stringContaining("which is ''") })
    expect(await ours('DEL', mine())).toMatchObject({ code: 7, msg })
    expect(linkNames('c1')).toEqual(['lo'])
  })

  it('with a slash is no plugin, wherever that leads', async () => {
    standIn(GIVES)
    mkdirSync(join(path, 'below'))
    const config = { ...mine(), ipam: { type: 'below/../mine' } }
    expect(await ours('ADD', config)).toMatchObject({ code: 7 })
  })

  it('that may not be started is an error that says so', async () => {
    standIn(GIVES, 0o644)
    const refused = { code: 100, msg: expect.stringContaining('/mine cannot be started'), details: 'EACCES' }
    expect(await ours('ADD', mine())).toMatchObject(refused)
    expect(linkNames('c1')).toEqual(['lo'])
  })
})
