/** What valgrind's callgrind counted in one thread of Node, with the names that V8 gives to compiled JavaScript. */

import { readFileSync } from 'node:fs'

/** Instructions and calls by function. Of V8's own functions the name is the one of the symbol. */
export interface Counts {
  readonly own: ReadonlyMap<string, number>
  readonly calls: ReadonlyMap<string, number>
}

interface CodeSymbol {
  readonly start: number
  readonly end: number
  readonly name: string
}

/** Reads a dump of `--dump-instr=yes` and the map that `--perf-basic-prof` wrote. */
export function readCallgrind(dump: string, map: string): Counts {
  const symbols = readMap(map)
  const names = new Map<string, string>()
  const own = new Map<string, number>()
  const calls = new Map<string, number>()
  let address = 0
  let inside = ''
  let called = ''
  let isCall = false
  for (const line of readFileSync(dump, 'utf8').split('\n')) {
    const [, key, value = ''] = /^(c?fn|calls)=(.*)$/.exec(line) ?? []
    if (key === 'fn') inside = nameIn(names, value)
    else if (key === 'cfn') called = nameIn(names, value)
    else if (key === 'calls') {
      add(calls, symbolOf(symbols, called), Number.parseInt(value, 10))
      isCall = true
    } else if (/^[\d+*-]/.test(line)) {
      const [position = '', , cost] = line.split(' ')
      address = positionOf(position, address)
      // What the line behind calls= tells is the cost of the called, which counts there.
      if (!isCall) add(own, symbolOf(symbols, inside, address), Number(cost))
      isCall = false
    }
  }
  return { own, calls }
}

/** Names are written once, '(12) name', and then by their numbers. */
function nameIn(names: Map<string, string>, text: string): string {
  const [, id = '', name] = /^(\(\d+\)) ?(.*)$/.exec(text) ?? []
  if (name) names.set(id, name)
  // Of a function that calls itself: 'name'2'.
  return (names.get(id) ?? '?').replace(/'\d+$/, '')
}

function positionOf(text: string, last: number): number {
  if (text === '*') return last
  const number = Number(text.replace(/^[+-]/, ''))
  return text.startsWith('+') ? last + number : text.startsWith('-') ? last - number : number
}

/** Compiled JavaScript has an address for a name. */
function symbolOf(symbols: readonly CodeSymbol[], name: string, address = Number(name)): string {
  if (!name.startsWith('0x')) return name
  let low = 0
  let high = symbols.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (symbols[middle]!.start <= address) low = middle + 1
    else high = middle
  }
  const found = symbols[low - 1]
  return found !== undefined && address < found.end ? found.name : 'code without a name'
}

/** Sorted; where code was moved or dropped, what came last at an address counts. */
function readMap(path: string): CodeSymbol[] {
  const last = new Map<number, CodeSymbol>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, start = '', size = '', name = ''] = /^([\da-f]+) ([\da-f]+) (.*)$/.exec(line) ?? []
    const at = Number.parseInt(start, 16)
    if (name !== '')
      last.set(at, {
        start: at,
        end: at + Number.parseInt(size, 16),
        name: name.replace(/ \S*\/dist\//, ' '),
      })
  }
  return [...last.values()].sort((a, b) => a.start - b.start)
}

function add(to: Map<string, number>, name: string, count: number): void {
  to.set(name, (to.get(name) ?? 0) + count)
}
