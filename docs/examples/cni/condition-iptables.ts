/** Conditions in the words of iptables(8) and iptables-extensions(8). */
import { ct, fib, meta, type Selector, type Statement, th, type Value } from 'netlink-ts/nftables'
import { FAMILIES, type Family, number, orUnknown, unknown } from './condition-word.js'
import { CniError } from './error.js'

type Make = (value: string, not: boolean, family: Family) => Statement[]

const compared =
  (field: (family: Family) => Selector, read: (text: string, family: Family) => Value[]): Make =>
  (value, not, family) => {
    const values = read(value, family)
    return [orUnknown(values, () => (not ? field(family).not : field(family))(...values))]
  }

const list = (text: string) => text.split(',')
const lower = (text: string) => list(text.toLowerCase())
const device = (text: string) => [text.replace(/\+$/, '*')]
const ports = (text: string) =>
  list(text).map((port) => {
    const [from, to] = port.split(':')
    return to === undefined ? number(port) : `${from || 0}-${to || 65535}`
  })

const EVERYWHERE = { ip: '0.0.0.0/0', ip6: '::/0' } as const

/** 10.0.0.0/255.0.0.0 and 10/8 are 10.0.0.0/8; what stands before /0 is passed over. */
const networks = (text: string, family: Family) =>
  list(text).map((network) => {
    const [address = '', mask] = network.split('/')
    if (mask === undefined) return network
    const length = /^\d+$/.test(mask) ? Number(mask) : lengthOf(mask)
    if (length === 0) return EVERYWHERE[family]
    const whole = family === 'ip' ? [...address.split('.'), 0, 0, 0].slice(0, 4).join('.') : address
    return `${whole}/${length}`
  })

/** How many bits a netmask has. Throws CniError for one with holes, which is no prefix. */
function lengthOf(mask: string): number {
  const bits = mask.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0'))
  const [, ones] = /^(1*)0*$/.exec(bits.join('')) ?? []
  if (ones === undefined || bits.join('').length !== 32) throw unknown(mask)
  return ones.length
}

function protocol(value: string, not: boolean, family: Family): Statement[] {
  const all = /^(all|0)$/i.test(value)
  if (all && not) throw new CniError('invalidConfig', `'! -p ${value}' fits no connection`)
  return all
    ? []
    : compared(
        () => meta.l4proto,
        (text) => [number(text.toLowerCase())],
      )(value, not, family)
}

const TRANSLATED = ['snat', 'dnat']

/** SNAT and DNAT are no states for nft: where others stand beside them it takes a rule for each. */
function states(value: string, not: boolean): Statement[] {
  const names = lower(value)
  const translated = names.filter((name) => TRANSLATED.includes(name))
  if (not)
    return names.map((name) =>
      orUnknown([name], () =>
        TRANSLATED.includes(name) ? ct.status.mask([name]).not(name) : ct.state.not(name),
      ),
    )
  if (translated.length > 0 && translated.length < names.length) throw unknown(value)
  return [orUnknown(names, () => (translated.length > 0 ? ct.status : ct.state)(...names))]
}

function mark(text: string, not: boolean): Statement[] {
  const [value = '', mask] = text.split('/')
  const field = mask === undefined ? meta.mark : meta.mark.mask(Number(mask))
  return [orUnknown([value], () => (not ? field.not : field)(number(value)))]
}

/** What stands behind each option's names. */
const OPTIONS: readonly (readonly [names: string, make: Make])[] = [
  ['-s --source --src', compared((family) => FAMILIES[family].saddr, networks)],
  ['-d --destination --dst', compared((family) => FAMILIES[family].daddr, networks)],
  ['-i --in-interface', compared(() => meta.iifname, device)],
  ['-p --protocol --proto', protocol],
  ['--sport --source-port --sports --source-ports', compared(() => th.sport, ports)],
  ['--dport --destination-port --dports --destination-ports', compared(() => th.dport, ports)],
  ['--src-type', compared(() => fib(['saddr'], 'type'), lower)],
  ['--dst-type', compared(() => fib(['daddr'], 'type'), lower)],
  ['--ctstate --state', states],
  ['--mark', mark],
]
const MAKE = new Map(
  OPTIONS.flatMap(([names, make]) => names.split(' ').map((name) => [name, make] as const)),
)

/** What loads an extension of iptables, which need not be said here. */
const EXTENSIONS = ['tcp', 'udp', 'sctp', 'multiport', 'addrtype', 'conntrack', 'state', 'mark', 'comment']

export function ofIptables(family: Family, words: readonly string[]): Statement[] {
  const statements: Statement[] = []
  const left = [...words]
  while (left.length > 0) {
    const not = left[0] === '!'
    if (not) left.shift()
    const option = left.shift()
    const value = left.shift()
    if (value === undefined) throw unknown(MAKE.has(option ?? '') ? undefined : option)
    if (!not && option === '--comment') continue
    if (!not && (option === '-m' || option === '--match')) {
      if (!EXTENSIONS.includes(value)) throw unknown(value)
      continue
    }
    const make = MAKE.get(option!)
    if (make === undefined) throw unknown(option)
    statements.push(...make(value, not, family))
  }
  return statements
}
