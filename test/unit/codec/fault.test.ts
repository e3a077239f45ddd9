import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  DecodeError,
  type Fault,
  guarded,
  isRecord,
  located,
  malformed,
  outOfRange,
  show,
  wrongType,
} from '../../../src/codec/fault.js'

describe('Fault', () => {
  it('gathers its path from the inside', () => {
    const fault = outOfRange(300, 'a byte').within('id').within('data').within('linkinfo')
    expect(fault.path).toBe('linkinfo.data.id')
  })

  it('writes indices without a dot', () => {
    expect(outOfRange(1, 'x').within('mac').within('[2]').within('entries').path).toBe('entries[2].mac')
    expect(outOfRange(1, 'x').within('[0]').within('[2]').within('entries').path).toBe('entries[2][0]')
  })

  it('becomes the error of its kind', () => {
    const range = outOfRange(300, 'an integer from 0 to 255 (u8)').within('id').toError('RTM_NEWLINK')
    expect(range).toBeInstanceOf(RangeError)
    expect(range.message).toBe('RTM_NEWLINK: id: 300 is not an integer from 0 to 255 (u8)')
    const type = wrongType('7', 'a number').toError('')
    expect(type).toBeInstanceOf(TypeError)
    expect(type.message).toBe("'7' is not a number")
  })

  it('becomes a DecodeError whose offset counts from the start of the message', () => {
    const error = malformed('bad', 57).within('mtu').toError('RTM_NEWLINK', 16) as DecodeError
    expect(error).toBeInstanceOf(DecodeError)
    expect(error).toMatchObject({ name: 'DecodeError', messageType: 'RTM_NEWLINK', path: 'mtu', offset: 41 })
    expect(error.message).toBe('RTM_NEWLINK mtu: bad (at byte 41)')
    expect(new DecodeError('RTM_NEWLINK', '', 3, 'bad').message).toBe('RTM_NEWLINK: bad (at byte 3)')
  })
})

describe('guarded', () => {
  it('returns the result', () => {
    expect(guarded('RTM_NEWLINK', () => 7)).toBe(7)
  })

  it('turns faults into errors and lets other errors be', () => {
    expect(() =>
      guarded('RTM_NEWLINK', () => {
        throw malformed('bad', 20)
      }),
    ).toThrow('RTM_NEWLINK: bad (at byte 20)')
    expect(() =>
      guarded(
        'RTM_NEWLINK',
        () => {
          throw malformed('bad', 20)
        },
        16,
      ),
    ).toThrow('RTM_NEWLINK: bad (at byte 4)')
    const other = new Error('other')
    expect(() =>
      guarded('RTM_NEWLINK', () => {
        throw other
      }),
    ).toThrow(other)
  })

  it('keeps the stack of the caller, however deep the fault was', () => {
    function deep(levels: number): never {
      if (levels === 0) throw outOfRange(1, 'x')
      return deep(levels - 1)
    }
    function callOfTheUser() {
      guarded('RTM_NEWLINK', () => deep(50))
    }
    let stack = ''
    try {
      callOfTheUser()
    } catch (error) {
      stack = (error as Error).stack ?? ''
    }
    expect(stack).toContain('callOfTheUser')
  })
})

it('located names faults only', () => {
  expect((located(outOfRange(1, 'x'), 'mtu') as Fault).path).toBe('mtu')
  const other = new Error('other')
  expect(located(other, 'mtu')).toBe(other)
})

it('a fault that nobody guards is a readable Error', () => {
  expect(outOfRange(300, 'a byte')).toBeInstanceOf(Error)
  expect(String(outOfRange(300, 'a byte'))).toBe('Fault: 300 is not a byte')
})

describe('DecodeError', () => {
  it('is recognised across copies of the package', async () => {
    const { vi } = await import('vitest')
    vi.resetModules()
    const copy = await import('../../../src/codec/fault.js')
    expect(copy.DecodeError).not.toBe(DecodeError)
    expect(new copy.DecodeError('RTM_NEWLINK', '', 0, 'bad')).toBeInstanceOf(DecodeError)
  })

  it('is not recognised in other things', () => {
    for (const other of [null, undefined, 'DecodeError', new Error('x'), { name: 'DecodeError' }])
      expect(other instanceof DecodeError).toBe(false)
  })
})

describe('isRecord', () => {
  it.each([
    ['a literal', {}],
    ['an object without prototype', Object.create(null)],
    ['an object of another realm', runInNewContext('({ mtu: 1500 })')],
  ])('takes %s', (_, value) => {
    expect(isRecord(value)).toBe(true)
  })

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['a string', 'x'],
    ['a function', () => 0],
    ['an array', []],
    ['an array of another realm', runInNewContext('[]')],
    ['bytes', new Uint8Array(1)],
    ['a Map', new Map()],
    ['a Date', new Date(0)],
    ['a Promise', Promise.resolve()],
  ])('refuses %s', (_, value) => {
    expect(isRecord(value)).toBe(false)
  })
})

describe('show', () => {
  it('ends with an array that holds itself', () => {
    const endless: unknown[] = []
    endless.push(endless)
    expect(show(endless)).toBe('[[…]]')
  })

  it.each<[unknown, string]>([
    ['veth0', "'veth0'"],
    ['a\nb\0"', "'a\\nb\\u0000\"'"],
    ['x'.repeat(81), `'${'x'.repeat(77)}…'`],
    ['x'.repeat(80), `'${'x'.repeat(80)}'`],
    [5, '5'],
    [Number.NaN, 'NaN'],
    [5n, '5n'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 0, 'a function'],
    [new Uint8Array(6), '6 bytes'],
    [['up', 3], "['up', 3]"],
    [[1, 2, 3, 4, 5, 6], '[1, 2, 3, 4, 5, …]'],
    [{ a: 1, b: 2 }, '{ a, b }'],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }, '{ a, b, c, d, e, … }'],
    [new Map(), '[object Map]'],
    [new (class Handle {})(), '[object Handle]'],
    [Promise.resolve(1), 'a promise (is an await missing?)'],
  ])('case %#: %o', (value, expected) => {
    expect(show(value)).toBe(expected)
  })
})
