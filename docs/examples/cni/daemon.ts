/**
 * The plugin as a process that stays, so that Node does not start for each call. Runtimes start forward.c in its place, which hands
 * their calls over:
 *
 *   node --import tsx docs/examples/cni/daemon.ts /run/netlink-ts-cni.sock
 */
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { handle, printed } from './handle.js'

/** The variables of a call, each with a NUL behind it, one more NUL, the configuration, and a NUL: what is cut off is no call. */
const REQUEST = /^((?:[^\0]+\0)*)\0([^\0]*)\0$/
const VARIABLE = /([^=\0]+)=([^\0]*)\0/g

/** What a plugin that is asked in turn needs besides (PATH). A call has the variables of the specification from its runtime alone. */
const SURROUNDINGS = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('CNI_')),
)

class Daemon {
  /** The last call of each container that is under way. */
  readonly #turns = new Map<string, Promise<void>>()
  /** Of calls that have not come as a whole. */
  readonly #incoming = new Set<Socket>()
  /** Of the others, until they are answered. */
  readonly #underWay = new Set<AbortController>()

  private constructor(
    private readonly server: Server,
    private readonly lock: Server,
  ) {
    server.on('connection', (socket) => this.#receive(socket))
  }

  /** Listens on a path to which its own user alone can connect. Throws EADDRINUSE where another daemon does. */
  static async listen(path: string): Promise<Daemon> {
    // A name without a file, which the kernel frees with its process. Who has it knows that a file at the path is a leftover.
    const lock = createServer()
    await listening(lock, `\0netlink-ts-cni:${path}`)
    const server = createServer()
    const umask = process.umask(0o177)
    try {
      rmSync(path, { force: true })
      const bound = listening(server, path)
      process.umask(umask)
      await bound
    } catch (error) {
      process.umask(umask)
      lock.close()
      throw error
    }
    return new Daemon(server, lock)
  }

  /** Takes no more calls; resolves when those that it has taken are answered. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    for (const socket of this.#incoming) socket.destroy()
    for (const call of this.#underWay) call.abort(new Error('the daemon ends'))
    await Promise.all([closed, ...this.#turns.values()])
    this.lock.close()
  }

  #receive(socket: Socket): void {
    this.#incoming.add(socket)
    socket.on('close', () => this.#incoming.delete(socket))
    // Whoever called was killed: nobody is left to be told.
    socket.on('error', () => {})
    let text = ''
    const read = (chunk: string) => {
      text += chunk
      const [, variables, input] = REQUEST.exec(text) ?? []
      if (variables === undefined || input === undefined) return
      socket.off('data', read)
      this.#incoming.delete(socket)
      const call = new AbortController()
      this.#underWay.add(call)
      socket.on('close', () => {
        this.#underWay.delete(call)
        call.abort(new Error('the caller has gone'))
      })
      const ofCall = [...variables.matchAll(VARIABLE)].map(([, name, value]) => [name, value])
      const env: NodeJS.ProcessEnv = { ...SURROUNDINGS, ...Object.fromEntries(ofCall) }
      void this.#inTurn(env['CNI_CONTAINERID'] ?? '', async () => {
        const answer = await handle(env, input, call.signal)
        socket.end(answer.status + printed(answer), () => socket.destroy())
      })
    }
    socket.setEncoding('utf8').on('data', read)
  }

  /** Calls of one container one after another: a runtime that was killed, or gave up, sends DEL while its ADD may be under way. */
  async #inTurn(container: string, work: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(container) ?? Promise.resolve()).then(work)
    this.#turns.set(container, turn)
    await turn
    if (this.#turns.get(container) === turn) this.#turns.delete(container)
  }
}

/** The socket is bound when this returns, and takes connections when the promise resolves. */
async function listening(server: Server, path: string): Promise<void> {
  const done = once(server, 'listening')
  server.listen(path)
  await done
}

const path = process.argv[2]
if (path === undefined) throw new TypeError('usage: daemon.ts SOCKET')
const daemon = await Daemon.listen(path)
// A second signal ends it at once.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void daemon.close())
console.log(`listening on ${path}`)
