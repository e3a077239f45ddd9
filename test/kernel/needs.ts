/** What the tests of a file take of their kernel. It is the kernel that is asked, not its version. */

import { spawnSync } from 'node:child_process'
import { beforeEach } from 'vitest'

const TRANSLATES =
  'add table inet t; add chain inet t c { type nat hook prerouting priority 0; }; add rule inet t c dnat ip to 10.0.0.1'

/** What a kernel answers that is built without the family or without the expression. */
const LACKING = /Operation not supported|No such file or directory/

let lacksNftables: boolean | undefined

/** Skips the tests of a file, visibly, where the kernel has no tables of family inet or no address translation in them. */
export function needNftables(): void {
  beforeEach(({ skip }) => {
    // Where nft itself is missing, the tests that take it say so.
    lacksNftables ??= LACKING.test(
      spawnSync('unshare', ['-n', 'nft', TRANSLATES], { encoding: 'utf8' }).stderr ?? '',
    )
    skip(lacksNftables, 'cannot be installed: this kernel has no NAT by nftables of family inet')
  })
}
