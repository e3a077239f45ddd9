/** RTM_NEWADDRLABEL, RTM_DELADDRLABEL and RTM_GETADDRLABEL: struct ifaddrlblmsg and enum IFAL_* (linux/if_addrlabel.h). */

import { attributes, ip, message, padding, struct, u8, u32 } from '../../codec/index.js'
import * as c from './constants.js'

export const ifaddrlblmsg = struct({
  family: u8,
  reserved: padding(1),
  prefixLength: u8,
  flags: u8,
  ifindex: u32,
  seq: u32,
})

export const labelAttributes = attributes('IFAL', {
  address: [c.IFAL_ADDRESS, ip],
  label: [c.IFAL_LABEL, u32],
})

export const newAddressLabel = message('RTM_NEWADDRLABEL', c.RTM_NEWADDRLABEL, ifaddrlblmsg, labelAttributes)
export const delAddressLabel = message('RTM_DELADDRLABEL', c.RTM_DELADDRLABEL, ifaddrlblmsg, labelAttributes)
export const getAddressLabel = message('RTM_GETADDRLABEL', c.RTM_GETADDRLABEL, ifaddrlblmsg, labelAttributes)
