/** The work of bench/limit done by `nft` and `iptables`, started by spawnSync: `nft.js WORK --count N [--repeat N] [--beside N] [--hold]`. */

import { beside, count, hold, inputEnd, mode, numbers, repeat, report, run, timed, work } from './process.js'

const address = (number: number) => `10.0.${(number + 2) >> 8}.${(number + 2) & 255}`

/** The elements of publishPort(), for ports from `port` on that all go to port 80 or, without it, to themselves. */
function elements(to: string, ports: readonly number[], target?: number): string[] {
  const list = (entry: (port: number) => string) => `{ ${ports.map(entry).join(', ')} }`
  const at = target ?? ''
  return [
    `add element inet netlink-ts ports4 ${list((port) => `tcp . ${port} : ${to} . ${at || port}`)}`,
    `add element inet netlink-ts targets4 ${list((port) => `${to} . tcp . ${at || port}`)}`,
    `add element inet netlink-ts hairpin4 ${list((port) => `"br-bench" . ${to} . tcp . ${at || port}`)}`,
  ]
}

function attachByNft(number: number): void {
  const chain = `inet netlink-ts masquerade-c${number}`
  const lines = [
    `add chain ${chain} { type nat hook postrouting priority srcnat; }`,
    `add rule ${chain} ip saddr ${address(number)} masquerade`,
    ...elements(address(number), [20_000 + number], 80),
  ]
  run('nft', ['-f', '-'], lines.join('\n'))
}

/** The rules of a container runtime: from outside, from the machine itself, from the container to itself. */
function attachByIptables(number: number): void {
  const to = address(number)
  const port = ['-p', 'tcp', '--dport', `${20_000 + number}`, '-m', 'addrtype', '--dst-type', 'LOCAL']
  const dnat = [...port, '-j', 'DNAT', '--to-destination', `${to}:80`]
  for (const rule of [
    ['POSTROUTING', '-s', to, '-j', 'MASQUERADE'],
    ['PREROUTING', ...dnat],
    ['OUTPUT', ...dnat],
    ['POSTROUTING', '-s', to, '-d', to, '-p', 'tcp', '--dport', '80', '-j', 'MASQUERADE'],
  ])
    run('iptables', ['-w', '-t', 'nat', '-A', ...rule])
}

function attach(): void {
  const one = mode === 'iptables' ? attachByIptables : attachByNft
  for (const number of numbers) timed(() => one(number))
}

function ports(): void {
  const range = Array.from({ length: beside }, (_, i) => i + 1)
  run('nft', ['-f', '-'], elements(address(0), range).join('\n'))
  for (const number of numbers)
    timed(() => run('nft', ['-f', '-'], elements(address(number), [20_000 + number], 80).join('\n')))
}

function setElements(): void {
  const list = numbers.map((n) => `44.${n >> 16}.${(n >> 8) & 255}.${n & 255}`).join(', ')
  const lines = ['add table inet bench', 'add set inet bench addresses { type ipv4_addr; }']
  const text = [...lines, `add element inet bench addresses { ${list} }`].join('\n')
  timed(() => run('nft', ['-f', '-'], text))
}

interface Match {
  match?: { left?: { payload?: { field?: string } }; right?: number }
}

function rules(): void {
  for (let i = 0; i < repeat; i++)
    timed(() => {
      const { nftables } = JSON.parse(run('nft', ['-j', 'list', 'ruleset'])) as {
        nftables: { rule?: { expr: Match[] } }[]
      }
      const found = nftables.flatMap(({ rule }) => rule ?? [])
      const compared = found.flatMap(({ expr }) => expr.flatMap(({ match }) => match ?? []))
      const sum = compared.reduce((all, { left, right }) => {
        return left?.payload?.field === 'dport' ? all + right! : all
      }, 0)
      if (found.length !== count || sum !== (count * (count + 1)) / 2)
        throw new Error(`${found.length} of ${count} rules, or wrong ones`)
    })
}

const WORKS: Record<string, () => void> = { attach, ports, elements: setElements, rules }

WORKS[work]!()
if (hold) {
  console.log('ready')
  await inputEnd()
}
report(true)
