import { describe, expect, test } from 'vitest'
import { explain } from '../../src/socket/addon.js'

// Each text is what bindings, glibc's loader, musl's loader or Node said, with the directories shortened.
const NOT_BUILT = `Could not locate the bindings file. Tried:
 → /app/node_modules/netlink-ts/build/netlink.node
 → /app/node_modules/netlink-ts/build/Release/netlink.node`

const FOREIGN = [
  [
    'built on a newer glibc',
    "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /app/netlink.node)",
  ],
  [
    'built with a newer compiler',
    "/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/netlink.node)",
  ],
  ['built on Alpine', 'libc.musl-x86_64.so.1: cannot open shared object file: No such file or directory'],
  ['no C++ library', 'libstdc++.so.6: cannot open shared object file: No such file or directory'],
  ['another processor', '/app/netlink.node: cannot open shared object file: No such file or directory'],
  ['32 bits', '/app/netlink.node: wrong ELF class: ELFCLASS32'],
  ['built on macOS', '/app/netlink.node: invalid ELF header'],
  ['built on Debian, loaded on Alpine', 'Error relocating /app/netlink.node: __memcpy_chk: symbol not found'],
  [
    'no C++ library on Alpine',
    'Error loading shared library libstdc++.so.6: No such file or directory (needed by /app/netlink.node)',
  ],
  ['another processor on Alpine', 'Error loading shared library /app/netlink.node: Exec format error'],
]

describe('an addon that does not load', () => {
  test('was not built: how npm is told to build it, and what that needs', () => {
    const said = explain(new Error(NOT_BUILT))
    expect(said).toContain('it has not been built')
    expect(said).toContain('npm install-scripts approve netlink-ts && npm rebuild netlink-ts')
    expect(said).toContain('apt-get install g++ make python3')
    expect(said).not.toContain('→')
  })

  test.each(FOREIGN)('%s: the loader’s words, and to build it on this machine', (_, reason) => {
    const said = explain(new Error(reason))
    expect(said).toContain(`it was built for another C library or machine (${reason})`)
    expect(said).toContain('npm rebuild netlink-ts')
    expect(said).toContain('musl')
  })

  test.each([
    '/app/netlink.node: file too short',
    "Module did not self-register: '/app/netlink.node'.",
    '/app/netlink.node: failed to map segment from shared object',
  ])('another reason is passed on: %s', (reason) => {
    expect(explain(new Error(`${reason}\nmore`))).toBe(
      `netlink-ts: the native addon cannot be loaded: ${reason}. Run \`npm rebuild netlink-ts\``,
    )
  })

  test('what was thrown need not be an Error', () => {
    expect(explain('text')).toContain('cannot be loaded: text.')
  })
})
