/** Constants of the kernel's uapi headers, as the machine has them (linux-libc-dev); UAPI_HEADERS names another directory. */

import { existsSync, readFileSync } from 'node:fs'

const DIRECTORY = process.env['UAPI_HEADERS'] ?? '/usr/include'

/** Whether a header is there, 'linux/if_link.h'. */
export function hasHeader(name: string): boolean {
  return existsSync(`${DIRECTORY}/${name}`)
}

/** The enums of a header: the numbers of their enumerators, those for the compiler alone (__IFLA_MAX) left out. */
export function enumsOf(name: string): Map<string, number>[] {
  const text = readFileSync(`${DIRECTORY}/${name}`, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*#.*$/gm, '')
  return [...text.matchAll(/\benum\b[^{;]*\{([^}]*)\}/g)].map(([, body]) => enumerators(body!))
}

function enumerators(body: string): Map<string, number> {
  const found = new Map<string, number>()
  let next = 0
  for (const item of body.split(',')) {
    const match = /^\s*(\w+)\s*(?:=\s*(.+?))?\s*$/.exec(item)
    if (match === null) continue
    const [, enumerator, value] = match
    const number = value === undefined ? next : (found.get(value) ?? Number(value))
    // An expression over constants that are no enumerators: what follows is for the compiler.
    if (Number.isNaN(number)) break
    if (!enumerator!.startsWith('__')) found.set(enumerator!, number)
    next = number + 1
  }
  return found
}

/** The numbers that a header defines by `#define`, where it writes them as a number or as a bit. */
export function definesOf(name: string): Map<string, number> {
  const text = readFileSync(`${DIRECTORY}/${name}`, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const found = new Map<string, number>()
  for (const [, define, value] of text.matchAll(/^#define[ \t]+(\w+)[ \t]+(.+?)[ \t]*$/gm)) {
    const match = /^\(?(0x[\da-f]+|\d+)U?(?:\s*<<\s*(\d+))?\)?$/i.exec(value!)
    if (match !== null) found.set(define!, Number(match[1]) * 2 ** Number(match[2] ?? 0))
  }
  return found
}
