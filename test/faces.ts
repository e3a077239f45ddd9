/** Both faces of the library; `await` suits either. */

import * as promises from '../src/index.js'
import * as sync from '../src/sync.js'

export const FACES = [
  { face: 'promises', nl: promises },
  { face: 'sync', nl: sync },
] as const
export type Face = typeof promises | typeof sync
