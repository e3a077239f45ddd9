/** One call of a runtime, whoever it comes through. */
import * as bridge from './bridge.js'
import { asCniError, CniError } from './error.js'
import { askedVersion, type Call, parseCall, VERSIONS } from './input.js'
import * as portmap from './portmap.js'
import { inVersion, type Result } from './result.js'

interface Plugin {
  add(call: Call): Promise<Result>
  check(call: Call): Promise<void>
  del(call: Call): Promise<void>
  gc(call: Call): Promise<void>
  status(call: Call): Promise<void>
}

const PLUGINS: Record<string, Plugin> = { bridge, portmap }

export interface Answer {
  /** What is printed; null for nothing. */
  readonly output: object | null
  readonly status: number
}

/**
 * One call of a runtime, from its environment and standard input. A long-lived process can serve as many as it likes. `signal` ends an IPAM plugin
 * that is being asked (error 11); the plugin's own work is done to its end.
 */
export async function handle(env: NodeJS.ProcessEnv, input: string, signal?: AbortSignal): Promise<Answer> {
  if (env['CNI_COMMAND'] === 'VERSION')
    return { output: { cniVersion: askedVersion(input), supportedVersions: VERSIONS }, status: 0 }
  try {
    return { output: await perform({ ...parseCall(env, input), signal }), status: 0 }
  } catch (error) {
    return refusal(error, input)
  }
}

/** An error as an answer. */
export function refusal(error: unknown, input = ''): Answer {
  const { code, message: msg, details } = asCniError(error)
  const cniVersion = askedVersion(input)
  return { output: { cniVersion, code, msg, ...(details ? { details } : {}) }, status: 1 }
}

/** An answer as it is printed. */
export function printed({ output }: Answer): string {
  return output === null ? '' : `${JSON.stringify(output)}\n`
}

async function perform(call: Call): Promise<object | null> {
  const { command, config } = call
  const plugin = Object.hasOwn(PLUGINS, config.type) ? PLUGINS[config.type] : undefined
  if (plugin === undefined)
    throw new CniError('invalidConfig', `type: '${config.type ?? ''}' is none of ${Object.keys(PLUGINS)}`)
  if (command === 'ADD') return inVersion(await plugin.add(call), config.cniVersion)
  await { CHECK: plugin.check, DEL: plugin.del, GC: plugin.gc, STATUS: plugin.status }[command](call)
  return null
}
