/** Records that processes leave that are killed as they write: a line that was cut off is none, and no damage. */

import { describe, expect, it } from 'vitest'
import { type Line, readLines } from '../../src/topology/journal-line.js'

const HOST = { netns: '', dev: 'br0' } as const
const LINES: readonly Line[] = [
  { make: { name: 'é', bridges: { br0: {} } }, host: 'x' },
  { step: 'bridges.br0', undo: { call: 'deleteLink', ...HOST } },
  { is: '7' },
  { step: 'bridges.br0.addresses[0]', undo: null },
  { step: 'namespaces.red', undo: { call: 'deleteNetns', netns: 'red' }, ahead: true },
  { failed: true, ahead: true },
  { complete: true },
  { make: { name: 'é' }, host: null },
  { step: 'sysctls', undo: { call: 'setSysctl', netns: '', key: 'a', value: '1', also: { b: '2' } } },
  { undone: true },
]
const TEXT = LINES.map((line) => `${JSON.stringify(line)}\n`).join('')

/** How many lines end before a place in the text. */
const wholeAt = (at: number) => TEXT.slice(0, at).split('\n').length - 1

describe('a record that was cut off at any place', () => {
  const places = Array.from({ length: TEXT.length + 1 }, (_, at) => at)

  it('tells the lines before that', () => {
    for (const at of places)
      expect(readLines(TEXT.slice(0, at))).toEqual({ lines: LINES.slice(0, wholeAt(at)), damage: null })
  })

  it.each(['!\n', '!!\n', '!\n!\n'])(
    'and that was written on after %j: those that follow, too',
    (spoiled) => {
      for (const at of places) {
        const whole = LINES.slice(0, wholeAt(at))
        const rest = whole.length === 0 ? TEXT : '{"undone":true}\n'
        const lines = whole.length === 0 ? LINES : [...whole, { undone: true }]
        expect(readLines(`${TEXT.slice(0, at)}${spoiled}${rest}`)).toEqual({ lines, damage: null })
      }
    },
  )
})

it('a line with a character that no record has is none, wherever it stands', () => {
  for (const [index, line] of LINES.entries()) {
    const text = JSON.stringify(line)
    const before = TEXT.split('\n').slice(0, index)
    const after = TEXT.split('\n').slice(index + 1)
    for (let at = 0; at < text.length; at++) {
      const changed = `${text.slice(0, at)}\0${text.slice(at + 1)}`
      const { damage } = readLines([...before, changed, ...after].join('\n'))
      expect(damage, changed).toBe(`line ${index + 1} is none of a record`)
    }
  }
})
