/** pyroute2 in a process that stays, since it takes half a second to start: it is given a line of Python at a time. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { PATIENCE } from './patience.js'

/** The interpreter that the package python3-pyroute2 is for; another one may stand before it in the path. */
const PYTHON = '/usr/bin/python3'

/** Every name that is an interface's is its ifindex; what is opened is closed when the line has ended. */
const PROGRAM = `
import ast, json, os, sys
from contextlib import ExitStack, closing
from socket import AF_INET, AF_INET6, if_nameindex
from subprocess import PIPE
import pyroute2
from pyroute2 import IPBatch, netns
from pyroute2.common import AF_MPLS
from pyroute2.netlink import nla_slot
from pyroute2.netlink.rtnl import RTMGRP_LINK, rt_scope
from pyroute2.netlink.rtnl.ifaddrmsg import IFA_F_NODAD
from pyroute2.netlink.rtnl.ifinfmsg import IFF_PROMISC
from pyroute2.netlink.rtnl.ndmsg import NTF_MASTER, NTF_PROXY, NUD_REACHABLE, NUD_STALE
from pyroute2.netns.manager import NetNSManager

BRIDGE_FLAGS_SELF = 2

def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, nla_slot):
        return value[0], value[1]
    return value._as_dict() if hasattr(value, '_as_dict') else str(value)

def run(line, stack):
    def opened(name):
        return lambda *argv, **kwarg: stack.enter_context(closing(getattr(pyroute2, name)(*argv, **kwarg)))
    scope = dict(globals())
    for name in ('IPRoute', 'NDB', 'NetNS'):
        scope[name] = opened(name)
    scope['NSPopen'] = pyroute2.NSPopen
    scope.update((name.replace('-', '_'), index) for index, name in if_nameindex())
    scope['ipr'] = scope['IPRoute']()
    if 'ndb' in line:
        scope['ndb'] = scope['NDB']()
    *statements, last = ast.parse(line).body
    exec(compile(ast.Module(statements, []), line, 'exec'), scope)
    value = eval(compile(ast.Expression(last.value), line, 'eval'), scope)
    return json.dumps({'value': value}, default=plain)

for line in sys.stdin:
    with ExitStack() as stack:
        try:
            answer = run(json.loads(line), stack)
        except Exception as error:
            answer = json.dumps({'error': f'{type(error).__name__}: {error}'})
    print(answer, flush=True)
`

/** Whether it is there: the package python3-pyroute2 has it. */
export const hasPyroute2 = (): boolean => existsSync('/usr/lib/python3/dist-packages/pyroute2')

interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly answers: AsyncIterator<string>
}

let running: Running | undefined

function start(): Running {
  const child = spawn(PYTHON, ['-W', 'ignore', '-c', PROGRAM])
  child.stderr.pipe(process.stderr)
  return { child, answers: createInterface(child.stdout)[Symbol.asyncIterator]() }
}

/** What the last expression of a line comes to, by JSON. Throws what it raised, or where it takes too long. */
export async function python(line: string): Promise<unknown> {
  running ??= start()
  const { child, answers } = running
  child.stdin.write(`${JSON.stringify(line)}\n`)
  let timer: NodeJS.Timeout | undefined
  // Its own children may hold its output longer than it lives.
  const late = new Promise<{ value?: string }>((resolve) => {
    timer = setTimeout(resolve, 10_000 * PATIENCE, {})
  })
  const { value: answer } = await Promise.race([answers.next(), late])
  clearTimeout(timer)
  if (answer === undefined) {
    child.kill('SIGKILL')
    running = undefined
    throw new Error(`python3 has no answer to ${line}`)
  }
  const { value, error } = JSON.parse(answer) as { value: unknown; error?: string }
  if (error !== undefined) throw new Error(`${line}: ${error}`)
  return value
}

export function endPython(): void {
  running?.child.stdin.end()
  running = undefined
}
