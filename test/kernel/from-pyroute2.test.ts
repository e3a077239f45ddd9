/** Every row of docs/from-pyroute2.md: both columns are run, and leave or read the same. */

import { afterAll, describe } from 'vitest'
import { describeRows } from './document-rows.js'
import { ENCAP_ROWS } from './from-pyroute2-encaps.js'
import { LINK_ROWS } from './from-pyroute2-links.js'
import { LATER_ROWS, NDB_ROWS } from './from-pyroute2-ndb.js'
import { READ_ROWS } from './from-pyroute2-reads.js'
import { TABLE_ROWS } from './from-pyroute2-tables.js'
import { endPython, hasPyroute2, python } from './pyroute2.js'

afterAll(endPython)

/** None for what later versions have. */
const theirs = async (text: string) => (text in LATER_ROWS ? undefined : python(text))

describe.skipIf(!hasPyroute2())('pyroute2', () => {
  describeRows(
    'from-pyroute2.md',
    { ...LINK_ROWS, ...TABLE_ROWS, ...READ_ROWS, ...NDB_ROWS, ...LATER_ROWS, ...ENCAP_ROWS },
    theirs,
  )
})
