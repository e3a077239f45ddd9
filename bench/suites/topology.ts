import { checkAnswers, missingPing } from '../lib/answers.js'
import { limitProgram, runLimit } from '../lib/child.js'
import { competitors, modes, type Program } from '../lib/competitors.js'
import type { Suite, SuiteOptions } from '../lib/suite.js'
import { missingBuild, worker } from '../lib/worker.js'

/** As for attach: a process that has done it before. */
const WARM = 200
/** So many until V8 has optimized what runs. */
const STEADY = 2500

/** A star as one value, next to the C program that attaches as many one after another. Making the bridge counts for ours alone. */
export async function prepare(options: SuiteOptions): Promise<Suite[]> {
  const few = options.quick ? 20 : WARM
  const warm = ['--warm', `${few}`]
  const many = options.quick ? 20 : STEADY
  const settled = ['--warm', `${many}`]
  const limit = limitProgram('attach')
  const command = await worker('topology')
  const c: Program = { name: 'C, the least the kernel allows', command: limit }
  const check = checkAnswers(([program]) => (program === limit[0] ? 'br-bench' : 'c-br'))
  const suite = (name: string, count: number, title: string, programs: readonly Program[]): Suite => ({
    name,
    title: `a topology of ${count} namespaces on a bridge${title}`,
    figure: 'run',
    missing: [...missingBuild(), ...missingPing()],
    competitors: competitors(
      programs,
      ['--count', `${count}`],
      check && ((command) => check([...command, '--warm', '0'])),
    ),
    afterRun: () => runLimit('settle'),
  })
  return [
    suite('topology', options.quick ? 20 : 100, `, after ${few} others`, [
      { ...c, command: [...limit, ...warm] },
      ...modes(
        command,
        ['sync', 'sync', { ratio: 1.3 }, ...warm],
        ['promises', 'promises', { ratio: 1.3 }, ...warm],
      ),
    ]),
    {
      ...suite('topology-steady', options.quick ? 20 : 100, `, after ${many} others`, [
        { ...c, command: [...limit, ...settled] },
        ...modes(
          command,
          ['sync', 'sync', undefined, ...settled],
          ['promises', 'promises', undefined, ...settled],
        ),
      ]),
      long: true,
    },
    {
      ...suite('topology-large', options.quick ? 50 : 1000, '', [
        c,
        ...modes(command, ['sync', 'sync'], ['promises', 'promises']),
      ]),
      long: true,
    },
  ]
}
