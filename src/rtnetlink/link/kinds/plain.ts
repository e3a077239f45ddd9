/** Kinds without data of their own. */

import { plainKind } from './kind.js'

export const dummy = plainKind('dummy')
export const ifb = plainKind('ifb')
export const nlmon = plainKind('nlmon')
export const team = plainKind('team')
export const vcan = plainKind('vcan')
export const wireguard = plainKind('wireguard')
