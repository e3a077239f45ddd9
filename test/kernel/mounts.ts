import { readFileSync } from 'node:fs'

/**
 * The mounts on a path below /run, each true where it is shared. What the machine itself has mounted there lies hidden below the /run that
 * the test got, and does not count.
 */
export function mountsOn(path: string): boolean[] {
  const rows = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
  const run = rows.filter((fields) => fields[4] === '/run').at(-1)![0]
  const isVisible = (fields: string[] | undefined): boolean =>
    fields !== undefined && (fields[1] === run || isVisible(rows.find(([id]) => id === fields[1])))
  return rows
    .filter((fields) => fields[4] === path && isVisible(fields))
    .map((fields) => fields[6]!.startsWith('shared:'))
}
