import { describe, expect, test } from 'vitest'
import { type FileFact, factOf, lineOf } from '../kernels/reporter.js'

const fact: FileFact = {
  file: 'test/kernel/route.test.ts',
  release: '7.3.4',
  passed: 12,
  failed: 0,
  skipped: 3,
}
const line = lineOf(fact)

describe('a fact that comes through a console', () => {
  test('is read, whatever stands before it', () => {
    expect(factOf(line)).toEqual(fact)
    expect(factOf(` ✓ a test that prints no end of a line${line}`)).toEqual(fact)
  })

  test('is none when its end is cut, wherever', () => {
    for (let length = 0; length < line.length; length++) expect(factOf(line.slice(0, length))).toBeNull()
  })

  test('is none when something of it is lost, wherever', () => {
    for (let at = line.indexOf('{'); at < line.length; at++)
      expect(factOf(line.slice(0, at) + line.slice(at + 1))).toBeNull()
  })

  test('is none when something else is printed in between or behind', () => {
    for (let at = line.indexOf(':'); at <= line.length; at++)
      expect(factOf(`${line.slice(0, at)}[   12.345678] veth0: entered${line.slice(at)}`)).toBeNull()
  })

  test('lines of other programs are none', () => {
    for (const other of ['', 'netlink-ts fact of 2', '{"passed":1}', 'netlink-ts fact of 3: {}'])
      expect(factOf(other)).toBeNull()
  })
})
