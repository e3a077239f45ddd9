/** Kinds without data of their own. */

import { plainKind } from './kind.js'

export const dummy = plainKind('dummy')
export const ifb = plainKind('ifb')
export const nlmon = plainKind('nlmon')
/** A port of a simulated card, for tests. */
export const netdevsim = plainKind('netdevsim', {
  notMade: "simulated cards are made by their bus: write 'ID PORTS' to /sys/bus/netdevsim/new_device",
})
/** Its tunnels are set by another protocol, generic netlink, as those of gtp. A namespace has one at most: it takes UDP port 8805. Linux 6.10. */
export const pfcp = plainKind('pfcp')
export const team = plainKind('team')
export const vcan = plainKind('vcan')
/** Wi-Fi that is carried by the interface underneath, for tests. */
export const virtWifi = plainKind('virt_wifi', { needsLink: true })
export const wireguard = plainKind('wireguard')
