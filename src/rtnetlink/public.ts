export type { Address } from './address/address.js'
export type { AddAddressOptions, DeleteAddressOptions } from './address/change.js'
export type { ListAddressesOptions } from './address/list.js'
export type {
  AddressFlag,
  AddressInput,
  AddressOptions,
  AddressProtocol,
  AddressScope,
  Lifetime,
} from './address/options.js'
export { isKind, type Link, type LinkFlag, type LinkStats, type OperState } from './link/link.js'
export type { Dev, IncludeOptions } from './link/request.js'
