/** What user space keeps with objects of nf_tables. */

import { expect, it } from 'vitest'
import { commentOf, commentRecord, userdataOf } from '../../src/nftables/userdata.js'

it.each(['a', 'a comment', 'grüße', '名前', 'a\u{1f427}'])(
  'the comment %o is UTF-8 that ends with NUL',
  (comment) => {
    const { type, value } = commentRecord(comment)
    expect([type, Buffer.from(value).toString('hex')]).toEqual([
      0,
      Buffer.from(`${comment}\0`).toString('hex'),
    ])
    expect(commentOf(userdataOf([{ type, value }]))).toBe(comment)
  },
)
