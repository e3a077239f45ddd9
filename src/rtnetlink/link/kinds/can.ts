/** linux/can/netlink.h, enum IFLA_CAN_*: controllers of CAN buses, which their drivers make; docs in Documentation/networking/can.rst. */

import { getU32, putU32 } from '../../../codec/bytes.js'
import { outOfRange, wrongType } from '../../../codec/fault.js'
import {
  attributes,
  enumeration,
  flagged,
  names,
  nested,
  struct,
  type Type,
  u16,
  u32,
  type ValueOf,
} from '../../../codec/index.js'
import { listOf } from '../../list-of.js'
import { bool32, maskedBits, type Switches, switchesOf } from '../types.js'
import { kind } from './kind.js'

/** Where in a bit it is looked at, from 0 to 1; thousandths in the kernel. */
const samplePoint: Type<number> = {
  label: 'sample point',
  size: u32.size,
  encode(out, value, siblings) {
    const thousandths = typeof value === 'number' ? Math.round(value * 1000) : Number.NaN
    if (!(thousandths >= 0 && thousandths <= 0xffffffff))
      throw outOfRange(value, 'a part of a bit such as 0.875')
    u32.encode(out, thousandths, siblings)
  },
  decode: (bytes, start, end, siblings) => u32.decode(bytes, start, end, siblings) / 1000,
}

const bitTimingStruct = struct({
  bitrate: u32,
  samplePoint,
  tq: u32,
  propSeg: u32,
  phaseSeg1: u32,
  phaseSeg2: u32,
  sjw: u32,
  brp: u32,
})

/**
 * struct can_bittiming: either `bitrate` (bit/s) is given or the parts of a bit, in time quanta of `tq` nanoseconds; the kernel works out the
 * rest.
 */
const bitTiming: Type<Partial<ValueOf<typeof bitTimingStruct>>> = {
  ...bitTimingStruct,
  label: 'can_bittiming',
}

const NAME_LENGTH = 16

/** char[16]: one byte a character, zeros behind. */
const controllerName: Type<string> = {
  label: 'char[16]',
  size: NAME_LENGTH,
  encode(out, value) {
    if (typeof value !== 'string') throw wrongType(value, 'a string')
    if (value.length > NAME_LENGTH) throw outOfRange(value, `a name of at most ${NAME_LENGTH} bytes`)
    const at = out.reserve(NAME_LENGTH)
    for (let i = 0; i < value.length; i++) out.bytes[at + i] = value.charCodeAt(i)
  },
  decode(bytes, start) {
    let name = ''
    for (let at = start; at < start + NAME_LENGTH && bytes[at] !== 0; at++)
      name += String.fromCharCode(bytes[at]!)
    return name
  },
}

/** struct can_bittiming_const: what the controller can do. */
const bitTimingLimits = struct({
  name: controllerName,
  tseg1Min: u32,
  tseg1Max: u32,
  tseg2Min: u32,
  tseg2Max: u32,
  sjwMax: u32,
  brpMin: u32,
  brpMax: u32,
  brpInc: u32,
})

/** enum can_state, as `ip link` prints it. */
const canStates = names({
  'error-active': 0,
  'error-warning': 1,
  'error-passive': 2,
  'bus-off': 3,
  stopped: 4,
  sleeping: 5,
})

/** CAN_CTRLMODE_* */
const controlModes = names({
  loopback: 0x01,
  listenonly: 0x02,
  '3_samples': 0x04,
  one_shot: 0x08,
  berr_reporting: 0x10,
  fd: 0x20,
  presume_ack: 0x40,
  fd_non_iso: 0x80,
  cc_len8_dlc: 0x100,
  tdc_auto: 0x200,
  tdc_manual: 0x400,
  restricted: 0x800,
  xl: 0x1000,
  xl_tdc_auto: 0x2000,
  xl_tdc_manual: 0x4000,
  xl_tms: 0x8000,
})

const CONTROL_SIZE = 8

/** struct can_ctrlmode: which bits count, then the bits. The kernel sends no mask: what is not on is missing then. */
const controlMode: Type<Switches<keyof typeof controlModes.numbers>> = {
  label: 'can_ctrlmode',
  size: CONTROL_SIZE,
  encode(out, value) {
    const { bits, mask } = maskedBits(controlModes, value)
    const at = out.reserve(CONTROL_SIZE)
    putU32(out.bytes, at, mask)
    putU32(out.bytes, at + 4, bits)
  },
  decode(bytes, start) {
    const mask = getU32(bytes, start)
    const bits = getU32(bytes, start + 4)
    return switchesOf(controlModes, bits, mask | bits)
  },
}

/** Compensation of the transmitter's delay, in clock periods. */
export const canTdc = () =>
  attributes('IFLA_CAN_TDC', {
    tdcvMin: [1, u32],
    tdcvMax: [2, u32],
    tdcoMin: [3, u32],
    tdcoMax: [4, u32],
    tdcfMin: [5, u32],
    tdcfMax: [6, u32],
    tdcv: [7, u32],
    tdco: [8, u32],
    tdcf: [9, u32],
  })

/** How long the symbols of CAN XL's pulse-width modulation are, in clock periods. */
export const canPwm = () =>
  attributes('IFLA_CAN_PWM', {
    pwmsMin: [1, u32],
    pwmsMax: [2, u32],
    pwmlMin: [3, u32],
    pwmlMax: [4, u32],
    pwmoMin: [5, u32],
    pwmoMax: [6, u32],
    pwms: [7, u32],
    pwml: [8, u32],
    pwmo: [9, u32],
  })

/** What the controller is able to do: bits of CAN_CTRLMODE_*. */
export const canModeExt = () => attributes('IFLA_CAN_CTRLMODE', { supported: [1, u32] })

/**
 * A controller is changed by setLink() while it is down: `{ kind: 'can', bittiming: { bitrate: 500_000 }, ctrlmode: { fd: true } }`.
 * `restartMs` are milliseconds after which it comes back from 'bus-off', 0: not by itself; `restart` does it now. `termination` is Ω,
 * `clock` Hz.
 */
export const can = kind(
  'can',
  () =>
    attributes('IFLA_CAN', {
      bittiming: [1, bitTiming],
      bittimingConst: [2, bitTimingLimits],
      clock: [3, u32],
      state: [4, enumeration(u32, canStates)],
      ctrlmode: [5, controlMode],
      restartMs: [6, u32],
      restart: [7, bool32],
      berrCounter: [8, struct({ txerr: u16, rxerr: u16 })],
      dataBittiming: [9, bitTiming],
      dataBittimingConst: [10, bitTimingLimits],
      termination: [11, u16],
      terminationConst: [12, listOf(u16)],
      bitrateConst: [13, listOf(u32)],
      dataBitrateConst: [14, listOf(u32)],
      bitrateMax: [15, u32],
      tdc: [16, flagged(nested(canTdc()))],
      ctrlmodeExt: [17, nested(canModeExt())],
      xlDataBittiming: [18, bitTiming],
      xlDataBittimingConst: [19, bitTimingLimits],
      xlDataBitrateConst: [20, listOf(u32)],
      xlTdc: [21, flagged(nested(canTdc()))],
      xlPwm: [22, flagged(nested(canPwm()))],
    }),
  {
    notMade: 'CAN controllers are made by their drivers; setLink() sets them, vcan and vxcan are made',
    readOnly: [
      'bittimingConst',
      'clock',
      'state',
      'berrCounter',
      'dataBittimingConst',
      'terminationConst',
      'bitrateConst',
      'dataBitrateConst',
      'bitrateMax',
      'ctrlmodeExt',
      'xlDataBittimingConst',
      'xlDataBitrateConst',
    ],
  },
)
