/** What usually is the matter with the options of a kind, where the kernel gives a number alone. */

import { guarded, show } from '../../codec/fault.js'
import { type Type, Writer } from '../../codec/index.js'
import { NO_SIBLINGS } from '../../codec/type.js'
import type { Extack } from '../../netlink/extack.js'
import { NO_VLAN_FILTERING } from '../bridge/no-filtering.js'
import { bridgePort } from './kinds/bridge-port.js'
import type { PortOptionsOf } from './kinds/index.js'
import type { Kind } from './kinds/kind.js'

type Options = Readonly<Record<string, unknown>>
/** An option, what the kernel takes of it, and the number that it gives otherwise, if that is not EINVAL. */
type Hint = readonly [option: string, takes: string, code?: string]

const LIST_OF_SOURCES = "only a macvlan in mode 'source' has a list of addresses"
const NOT_A_MODE_LATER = "'passthru' is for good, from the beginning or not at all"
const REMOTE_FOR_GOOD = 'whether there is none, one host or a multicast group cannot be changed'
const NO_SOCKET = { EBADF: 'it is no open descriptor', ENOTSOCK: 'it is no socket' } as const
const UDP_SOCKET = 'it has to be a socket of UDP'
const SOCKET_IN_USE = 'the socket is in use already'

const ofSocket = (option: string): Hint[] => [
  [option, NO_SOCKET.EBADF, 'EBADF'],
  [option, NO_SOCKET.ENOTSOCK, 'ENOTSOCK'],
  [option, UDP_SOCKET],
  [option, SOCKET_IN_USE, 'EBUSY'],
]

const MACVLAN: readonly Hint[] = [
  ['macaddrMode', LIST_OF_SOURCES],
  ['macaddrData', LIST_OF_SOURCES],
  ['mode', NOT_A_MODE_LATER],
]
/** br_changelink(), group_addr_store(), br_multicast_set_router() and br_set_hello_time() of net/bridge. */
const BRIDGE: readonly Hint[] = [
  ['groupAddress', 'a bridge takes 01:80:c2:00:00:00, or one from 01:80:c2:00:00:04 on up to :0f'],
  ['groupFwdMask', 'a bridge takes no bit of the lowest three'],
  ['mcastIgmpVersion', 'a bridge takes 2 or 3'],
  ['mcastMldVersion', 'a bridge takes 1 or 2'],
  ['mcastRouter', "a bridge takes 'disabled', 'query' or 'permanent'"],
  ['vlanDefaultPvid', 'a bridge takes 0 to 4094'],
  ['vlanProtocol', "a bridge takes '802.1Q' or '802.1ad'", 'EPROTONOSUPPORT'],
  ['helloTime', 'a bridge takes 1 to 10 seconds', 'ERANGE'],
  ['maxAge', 'a bridge takes 6 to 40 seconds', 'ERANGE'],
  ['forwardDelay', 'a bridge takes 2 to 30 seconds while it runs the spanning tree protocol', 'ERANGE'],
]
const ON_LOOPBACK: readonly Hint[] = [['link', 'perhaps it is lo, or no Ethernet']]

/** By kind, of a link that could not be made. */
const MAKING: Readonly<Record<string, readonly Hint[]>> = {
  batadv: [
    [
      'algoName',
      "perhaps the kernel has no such algorithm: it has 'BATMAN_IV', and 'BATMAN_V' if it was built so",
    ],
  ],
  bridge: BRIDGE,
  gtp: [...ofSocket('fd0'), ...ofSocket('fd1')],
  ipvlan: ON_LOOPBACK,
  ipvtap: ON_LOOPBACK,
  macsec: [['icvLen', 'AES-GCM has 8, or 12 to 16 bytes']],
}
/** By kind, of a change: macvlan_changelink(), ip_tunnel_changelink(), ipip6_changelink(). */
const CHANGING: Readonly<Record<string, readonly Hint[]>> = {
  bridge: BRIDGE,
  gre: [['remote', REMOTE_FOR_GOOD]],
  ipip: [['remote', REMOTE_FOR_GOOD]],
  macvlan: MACVLAN,
  macvtap: MACVLAN,
  sit: [['remote', 'whether there is one cannot be changed']],
  vti: [['remote', REMOTE_FOR_GOOD]],
}
/** br_multicast_eht_set_hosts_limit(), br_setport(), br_multicast_set_port_router() and br_set_port_state() of net/bridge. */
const BRIDGE_PORT: readonly Hint[] = [
  ['mcastEhtHostsLimit', 'a port takes 1 and more'],
  ['groupFwdMask', 'a port takes all bits but 0x2, which is that of MAC pause'],
  // br_stp_set_port_priority(), br_stp_set_path_cost()
  ['priority', 'a port has one from 0 to 63', 'ERANGE'],
  ['cost', 'a port has one from 1 to 65535', 'ERANGE'],
]

/** Those that were given, of one number; undefined where the kernel has words of its own, or none was. */
function hinted(
  code: string,
  { message }: Extack,
  hints: readonly Hint[],
  options: Options,
): string | undefined {
  if (message !== null) return undefined
  const found = hints.filter(([option, , on = 'EINVAL']) => on === code && options[option] !== undefined)
  return found.length === 0 ? undefined : found.map(([option, takes]) => `${option}: ${takes}`).join('; ')
}

/** Advice for the options of a kind, in a link that was to be made or in a change. */
export function adviseKind(
  code: string,
  extack: Extack,
  kind: Kind | undefined,
  given: object,
  act: 'make' | 'change' = 'make',
): string | undefined {
  if (kind === undefined) return undefined
  const options = given as Options
  const hints = (act === 'make' ? MAKING : CHANGING)[kind.name] ?? []
  return (
    adviseUnknown(code, extack, kind, options) ??
    (kind.name === 'bridge' ? adviseFiltering(code, extack, options) : undefined) ??
    hinted(code, extack, hints, options) ??
    (kind.name === 'gtp' ? adviseGtp(code, extack, options) : undefined)
  )
}

/** Numbers without a name here are sent, as the kernel may be newer; where it is not they are what it refused. */
function adviseUnknown(
  code: string,
  { message }: Extack,
  { table, options: own }: Pick<Kind, 'table' | 'options'>,
  options: Options,
): string | undefined {
  if (message !== null || !['EINVAL', 'ERANGE', 'EPROTONOSUPPORT'].includes(code)) return undefined
  const odd = own.filter((option) => {
    const type = table?.byName(option)?.type
    return options[option] !== undefined && type !== undefined && isUnnamed(type, options[option])
  })
  return odd.length === 0
    ? undefined
    : odd
        .map(
          (option) =>
            `${option}: ${show(options[option])} has no name here, and may be unknown to the kernel too`,
        )
        .join('; ')
}

/** Whether a value, which fits its type, has a number or bits that no name is known of. */
function isUnnamed(type: Type<unknown>, value: unknown): boolean {
  if (!/^(enum|flags) /.test(type.label)) return false
  const out = new Writer(8)
  guarded('', () => type.encode(out, value, NO_SIBLINGS))
  const bytes = out.take()
  const told = [type.decode(bytes, 0, bytes.length, NO_SIBLINGS)].flat()
  return told.some((one) => typeof one !== 'string')
}

/** Advice for GPRS tunnels without sockets of the caller's: an older kernel passes over IFLA_GTP_CREATE_SOCKETS. */
function adviseGtp(code: string, { message, path }: Extack, options: Options): string | undefined {
  const { fd0, fd1, createSockets } = options
  if (code !== 'EINVAL' || message !== null || path !== null || fd0 !== undefined || fd1 !== undefined)
    return undefined
  return createSockets === false
    ? 'without createSockets it needs sockets: give fd0 or fd1'
    : 'perhaps the kernel is too old: before Linux 5.18 it makes no sockets by itself, so give fd0 or fd1'
}

/** Advice for the VLANs of a bridge and the spanning trees that are of them (br_vlan_filter_toggle(), br_mst_set_enabled()). */
function adviseFiltering(code: string, { message }: Extack, options: Options): string | undefined {
  const { multiBoolopt } = options as { multiBoolopt?: { mst_enable?: unknown } }
  const asked = [
    ...(options['vlanFiltering'] === undefined ? [] : ['vlanFiltering']),
    ...(multiBoolopt?.mst_enable === undefined ? [] : ['multiBoolopt.mst_enable']),
  ]
  if (asked.length === 0) return undefined
  if (code === 'EOPNOTSUPP' && message === null)
    return `${asked.join(', ')}: ${NO_VLAN_FILTERING}, or it is no bridge`
  return code === 'EBUSY' && message?.includes('VLANs exist')
    ? 'multiBoolopt.mst_enable: set it while no port has VLANs; with vlanDefaultPvid 0 they get none by themselves'
    : undefined
}

/** Advice for options of a bridge's port that were refused (br_set_port_state(), nbp_backup_change()). */
export function adviseBridgePort(
  code: string,
  extack: Extack,
  options: PortOptionsOf<'bridge'>,
): string | undefined {
  if (extack.message === null && options.state !== undefined) {
    if (code === 'EBUSY') return 'state: the bridge runs the spanning tree protocol'
    if (code === 'ENETDOWN') return 'state: the port is down, or has no carrier'
  }
  const given = options as Options
  const isBackup =
    extack.message === null && options.backupPort != null && ['EINVAL', 'ENOENT'].includes(code)
  return (
    adviseUnknown(code, extack, bridgePort, given) ??
    hinted(code, extack, BRIDGE_PORT, given) ??
    (isBackup ? 'perhaps backupPort: it has to be another port of the same bridge' : undefined)
  )
}
