import {
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  SOL_NETLINK,
} from '../netlink/constants.js'

const SEND_BUFFER = 1 << 20
const RECEIVE_BUFFER = 1 << 20

/**
 * Options of every socket that asks: buffers for batches, and the kernel's extended acknowledgements and strict checking, without which it
 * ignores filters in silence. One that only hears of events gets no answers that they would change.
 */
export const REQUEST_SETTINGS = /* @__PURE__ */ Int32Array.of(
  SEND_BUFFER,
  RECEIVE_BUFFER,
  ...[SOL_NETLINK, NETLINK_CAP_ACK, 1],
  ...[SOL_NETLINK, NETLINK_EXT_ACK, 1],
  ...[SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1],
)

/** The same with a send buffer for one large sendmsg. */
export function requestSettings(sendBuffer: number | undefined): Int32Array {
  if (sendBuffer === undefined || sendBuffer <= SEND_BUFFER) return REQUEST_SETTINGS
  const settings = REQUEST_SETTINGS.slice()
  settings[0] = sendBuffer
  return settings
}

/** No kernel message is as long as this, so that none is ever truncated. */
export const RECEIVE_SIZE = 1 << 20

/** For a part of a stream, of which the kernel fills 32 KiB at a time: less memory is touched than with RECEIVE_SIZE, and stays in the caches. */
export const PART_SIZE = 1 << 18

/** A part of a dump of at least this size is followed by another: that is received while this one is decoded. */
export const LARGE = 16 * 1024

/** To receive without sending. */
export const NOTHING: Uint8Array = /* @__PURE__ */ new Uint8Array(0)
