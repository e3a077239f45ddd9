/** Ways to name a namespace. */

import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import type * as promises from '../../src/index.js'

/** What is opened, or started, lasts as long as the test. */
export const NETNS_WAYS: Record<string, (netns: string, nl: typeof promises) => Promise<promises.NetnsLike>> =
  {
    name: async (netns) => netns,
    handle: async (netns, nl) => {
      const handle = await nl.openNetns(netns)
      onTestFinished(() => handle.close())
      return handle
    },
    path: async (netns) => ({ path: `/run/netns/${netns}` }),
    fd: async (netns) => {
      const fd = openSync(`/run/netns/${netns}`, 'r')
      onTestFinished(() => closeSync(fd))
      return { fd }
    },
    pid: async (netns) => {
      const child = spawn('ip', ['netns', 'exec', netns, 'sh', '-c', 'echo ready; exec sleep 60'])
      onTestFinished(() => void child.kill())
      await new Promise((resolve) => child.stdout.once('data', resolve))
      return { pid: child.pid! }
    },
  }
