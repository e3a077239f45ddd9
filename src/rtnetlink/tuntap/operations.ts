import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import { type Channel, type Operation, request, withChannel, withPlace } from '../../netlink/operation.js'
import { handOver } from '../../netlink/primitives.js'
import { checkLinkName } from '../input.js'
import { applyExtras, orUndo } from '../link/finish.js'
import { withFreeName, withName } from '../link/free-name.js'
import type { Link } from '../link/link.js'
import { plainAttributes } from '../link/options.js'
import { getLinkRequest, newLinkRequest, resolveDev } from '../link/request.js'
import { checkLinkSettings, LINK_SETTINGS, type LinkSettings } from '../link/settings.js'
import { checkMode, createTun, openTun, TUNTAP_MODE, type TuntapMode } from './open.js'

/** What createTuntap takes. */
export interface CreateTuntapOptions
  extends TuntapMode,
    Omit<LinkSettings, 'ifindex' | 'queues' | 'group'>,
    CallOptions {
  /** The ids of a user and of a group that may open it without privileges. */
  owner?: number | undefined
  group?: number | undefined
}

/** What openTuntap takes. */
export interface OpenTuntapOptions extends TuntapMode, CallOptions {}

const SETTINGS = LINK_SETTINGS.filter((option) => !['ifindex', 'queues', 'group'].includes(option))
/** 4,294,967,295 stands for none. */
const MAX_ID = 0xfffffffe

/**
 * Makes a TUN or TAP device that stays until deleteLink(), gives it its settings, addresses and routes, and reads it back. A failure
 * leaves nothing behind.
 *
 * `group` is a group of users here, as for `ip tuntap`; setLink() sets the group of the interface.
 *
 * @throws RangeError or TypeError naming the option; SystemError EBUSY where the name is taken, ENOENT or ENODEV where the kernel lacks
 * TUN and TAP, EPERM without CAP_NET_ADMIN; NetlinkError for its settings
 * @see ip-tuntap(8), linux/if_tun.h
 * @example await createTuntap({ name: 'tap0', mode: 'tap', owner: 1000, master: 'v-net-0', up: true })
 */
export function* createTuntap(options: CreateTuntapOptions): Operation<Link> {
  checkKeys('createTuntap', options, [...TUNTAP_MODE, 'owner', 'group', ...SETTINGS, ...CALL_OPTIONS])
  checkMode(options)
  const { name, owner, group, netns, ...rest } = options
  if (owner !== undefined) checkInteger(owner, 'owner', 0, MAX_ID, 'the id of a user')
  if (group !== undefined) checkInteger(group, 'group', 0, MAX_ID, 'the id of a group')
  const settings = { ...rest, name }
  checkLinkSettings(settings)
  if (options.mode === 'tun')
    for (const address of ['mac', 'broadcast'] as const)
      if (rest[address] !== undefined)
        throw new TypeError(
          `${address}: a device of mode 'tun' has no addresses of Ethernet; one of mode 'tap' has`,
        )
  return yield* withPlace(netns, (place) =>
    withChannel(place ?? undefined, function* (channel) {
      const made = yield* withFreeName(name, { field: 'name', channels: [channel] }, function* (numbered) {
        yield* createTun(place, numbered, options, idBits(owner), idBits(group))
        return withName(settings, numbered)
      })
      const ifindex = yield* resolveDev(channel, made.name)
      return yield* orUndo(channel, { ifindex, name: made.name }, apply(channel, made, ifindex))
    }),
  )
}

/** An id of 32 bits as the addon takes it, which is signed there. */
const idBits = (id: number | undefined) => (id ?? -1) | 0

function* apply(channel: Channel, settings: LinkSettings, ifindex: number): Operation<Link> {
  const attributes = plainAttributes(settings)
  if (Object.keys(attributes).length > 0)
    yield* request(
      channel,
      newLinkRequest(`interface '${settings.name}'`, 0, { header: { index: ifindex }, attributes }),
    )
  return yield* applyExtras(channel, { settings, ifindex, raise: true }, getLinkRequest)
}

/**
 * Opens a TUN or TAP device and returns its descriptor, non-blocking and close-on-exec: each read() takes a packet that the kernel sends
 * through the interface, each write() is a packet that arrives on it. For a virtual machine it is handed on,
 * `spawn(qemu, args, { stdio: ['inherit', 'inherit', 'inherit', fd] })`.
 *
 * Where there is no such device one is made, which goes when its last descriptor is closed. The descriptor belongs to the caller
 * (`fs.closeSync(fd)`) and stays on its device wherever it is used.
 *
 * @throws RangeError or TypeError naming the option; SystemError EBUSY where it is open already and has no further queues, EINVAL where
 * the device is of another mode, EPERM for neither its user nor CAP_NET_ADMIN, ENOENT or ENODEV where the kernel lacks TUN and TAP
 * @see ip-tuntap(8), linux/if_tun.h
 * @example const fd = await openTuntap('tap0', { mode: 'tap', vnetHdr: true })
 */
export function* openTuntap(name: string, options: OpenTuntapOptions): Operation<number> {
  checkKeys('openTuntap', options, [...TUNTAP_MODE, ...CALL_OPTIONS])
  checkLinkName(name, 'name')
  checkMode(options)
  return yield* withPlace(options.netns, function* (place) {
    return yield* handOver(yield* openTun(place, name, options))
  })
}
