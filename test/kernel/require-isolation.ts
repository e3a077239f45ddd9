// Kernel tests change interfaces and /run/netns: without private namespaces they must not start at all.
if (process.env['NETLINK_TS_ISOLATED'] !== '1') {
  throw new Error(
    'kernel tests run only inside private namespaces: test/isolated vitest run --project kernel',
  )
}
