import { bridge } from './bridge.js'
import { link } from './link.js'
import type { Scenario } from './scenario.js'
import { veth } from './veth.js'

export type { Scenario }

/** The scenarios by area; each area is one file of fixtures. */
export const areas: Record<string, Scenario[]> = { link, veth, bridge }
