import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const BRIDGE = 'br-bench'
const GATEWAY = '10.0.0.1'

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'batch' },
    count: { type: 'string', default: '100' },
    hold: { type: 'boolean', default: false },
  },
})
const count = Number(values.count)
const attach = values.mode === 'batch' ? attachByBatch : attachByProcesses

function ip(args: string[], input = ''): void {
  const { status, error, stderr } = spawnSync('ip', args, { input, encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`)
}

function outer(number: number): string[] {
  return [
    `netns add c${number}`,
    `link add veth${number} up master ${BRIDGE} type veth peer name eth0 netns c${number}`,
  ]
}

function inner(number: number): string[] {
  const address = `10.0.${(number + 2) >> 8}.${(number + 2) & 255}`
  return [
    'link set lo up',
    `address add ${address}/16 dev eth0`,
    'link set eth0 up',
    `route add default via ${GATEWAY}`,
  ]
}

function attachByProcesses(number: number): void {
  for (const line of outer(number)) ip(line.split(' '))
  for (const line of inner(number)) ip(['-n', `c${number}`, ...line.split(' ')])
}

function attachByBatch(number: number): void {
  ip(['-batch', '-'], outer(number).join('\n'))
  ip(['-n', `c${number}`, '-batch', '-'], inner(number).join('\n'))
}

ip(['link', 'add', BRIDGE, 'up', 'type', 'bridge'])
ip(['address', 'add', `${GATEWAY}/16`, 'dev', BRIDGE])

const eachNs: number[] = []
const start = performance.now()
for (let number = 0; number < count; number++) {
  const begun = performance.now()
  attach(number)
  eachNs.push(Math.round((performance.now() - begun) * 1e6))
}
const totalNs = Math.round((performance.now() - start) * 1e6)
console.log(JSON.stringify({ total_ns: totalNs, each_ns: eachNs }))

if (values.hold) for await (const _ of process.stdin);
ip(['-batch', '-'], Array.from({ length: count }, (_, number) => `netns delete c${number}`).join('\n'))
ip(['link', 'delete', BRIDGE])
