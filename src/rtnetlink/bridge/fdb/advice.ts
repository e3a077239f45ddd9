/** Why the kernel has no entry where it says EINVAL alone: its reasons go to its log (br_fdb_add(), fdb_add_entry(), ndo_dflt_fdb_add()). */

import { toBits } from '../../../codec/choice.js'
import { NTF_STICKY, NTF_USE, NUD_PERMANENT } from '../../neighbour/constants.js'
import type { FdbInput } from './options.js'
import { fdbFlags, fdbStates } from './table.js'

/** What keeps an entry out of a table; undefined where that is not so. */
type Reason = (input: FdbInput) => string | false | undefined

const hasFlag = ({ flags = [] }: FdbInput, bit: number) => (toBits(fdbFlags, flags) & bit) !== 0
const isPermanent = ({ state = 'permanent' }: FdbInput) => (fdbStates.toNumber(state) & NUD_PERMANENT) !== 0

const noMac: Reason = ({ mac }) => /^[0:-]*$/.test(mac) && 'a bridge has no entry of the all-zero MAC'
const inactive: Reason = ({ activityNotify, inactive }) =>
  inactive === true && activityNotify !== true && 'inactive: it needs activityNotify'

/** In the order of the kernel: those of the bridge that a port has, and those of an interface's own table. */
const OF_MASTER: readonly Reason[] = [
  noMac,
  ({ vlan }) =>
    vlan != null &&
    `the port is not in VLAN ${vlan}: addBridgeVlan() puts it there; kernels without bridge VLAN filtering have none`,
  (input) =>
    hasFlag(input, NTF_STICKY) &&
    isPermanent(input) &&
    "a permanent entry moves to no other port anyway: 'sticky' is for state 'static' or 'dynamic'",
  inactive,
]
const OF_SELF: readonly Reason[] = [
  noMac,
  ({ vlan }) =>
    vlan != null &&
    `the interface is not in VLAN ${vlan}: addBridgeVlan() with self puts a bridge there; other devices, and kernels without bridge VLAN filtering, have none`,
  (input) =>
    !isPermanent(input) &&
    'state: in their own table bridges, and all else but vxlan devices, have permanent entries alone; that of a port is meant with master',
  (input) =>
    (hasFlag(input, NTF_STICKY) || hasFlag(input, NTF_USE)) &&
    "a bridge itself has no entry that is 'sticky' or 'use', which its ports have (master)",
  inactive,
]
const NO_REMOTE = 'a vxlan device that was made without a remote needs dst (or nhid)'

/** What it can have been, by what was given. */
export function adviseInvalid(input: FdbInput): string | undefined {
  const reasons = (input.master ? OF_MASTER : OF_SELF).map((reason) => reason(input) || '').filter(Boolean)
  if (reasons.length > 0) return reasons.join('; or ')
  return input.master || input.dst != null || input.nhid != null ? undefined : NO_REMOTE
}
