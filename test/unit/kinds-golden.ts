/** What iproute2 sends by itself for kinds of link, and options that several have. */

import type { CreateLinkOptions } from '../../src/rtnetlink/link/create.js'
import { createLink } from '../../src/rtnetlink/link/create.js'
import { setLink } from '../../src/rtnetlink/link/set.js'
import type { SetLinkOptions } from '../../src/rtnetlink/link/set-options.js'
import { at, type Difference, kindWithNul, type LinkCase } from './link-golden.js'

export const INFO_DATA = [18, 2]

export function made(
  name: string,
  options: CreateLinkOptions,
  differs: readonly Difference[] = [],
): LinkCase {
  return { name, operation: () => createLink(options), readings: 1, differs: [kindWithNul, ...differs] }
}

export function set(
  name: string,
  dev: string,
  options: SetLinkOptions,
  differs: readonly Difference[] = [],
): LinkCase {
  return { name, operation: () => setLink(dev, options), differs: [kindWithNul, ...differs] }
}

/** Attributes of IFLA_INFO_DATA that iproute2 sends with the value that the kernel takes without them. */
export function defaults(values: Readonly<Record<number, string>>): Difference {
  return {
    why: `iproute2 sends options with the kernel's defaults: ${Object.keys(values).join(', ')}`,
    same(tree) {
      const nodes = at(tree, INFO_DATA)
      for (const [type, payload] of Object.entries(values)) {
        const index = nodes.findIndex((node) => node.type === Number(type) && node.payload === payload)
        if (index >= 0) nodes.splice(index, 1)
      }
      return tree
    },
  }
}

export const ZERO8 = '00'

export const ZERO16 = '0000'

export const ZERO32 = '00000000'

/** IFLA_GRE_*: no key, no flags, path MTU discovery, nothing inherited, no encapsulation. */
export const NO_ENCAP = { 14: ZERO16, 15: ZERO16, 16: ZERO16, 17: ZERO16 }

export const GRE = { ...NO_ENCAP, 10: '01', 9: ZERO8, 8: ZERO8, 20: ZERO32 }

/** IFLA_IPTUN_* */
export const IPTUN = {
  10: '01',
  5: ZERO8,
  4: ZERO8,
  1: ZERO32,
  20: ZERO32,
  15: ZERO16,
  16: ZERO16,
  17: ZERO16,
  18: ZERO16,
}

export const V4 = { local: '192.0.2.1', remote: '192.0.2.2' }

export const V6 = { local: '2001:db8::1', remote: '2001:db8::2' }

export const ETH0 = { link: 'eth0' }

/** iproute2 asks for UDP checksums of an encapsulation that there is not. */
export function noEncapFlags(type: number): Difference {
  return {
    ...defaults({ [type]: '0200' }),
    why: 'flags of an outer UDP header, without one',
  }
}
