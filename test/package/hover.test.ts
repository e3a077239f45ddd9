import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, inject, test } from 'vitest'
import { findAny } from './any.js'
import { Editor } from './hover.js'

const project = inject('project')
const DIST = join(project, 'node_modules/netlink-ts/dist/esm')

type Face = 'netlink-ts' | 'netlink-ts/sync'

/** What a face really exports. */
async function exportsOf(face: Face) {
  const module = await import(join(DIST, face === 'netlink-ts' ? 'index.js' : 'sync.js'))
  const isClass = (value: unknown) => /^class\b/.test(Function.prototype.toString.call(value))
  const functions = Object.keys(module).filter(
    (name) => typeof module[name] === 'function' && !isClass(module[name]),
  )
  const methods = Object.getOwnPropertyNames(module.Netns.prototype).filter((name) => name !== 'constructor')
  return { functions, methods }
}

const root = await exportsOf('netlink-ts')
const sync = await exportsOf('netlink-ts/sync')

test('there is something to look at', () => {
  expect(root.functions).toEqual(expect.arrayContaining(['createNetns', 'createVethPair', 'listLinks']))
  expect(root.methods).toEqual(expect.arrayContaining(['createVethPair', 'listLinks', 'delete']))
  expect(sync.functions.filter((name) => !/Sync/.test(name))).toEqual(
    expect.arrayContaining(root.functions.filter((name) => name.startsWith('create'))),
  )
})

// In ./sync tsc writes out some of the options, to put aside their signal.
test('the types that a signature names can all be imported', () => {
  const named = readFileSync(join(DIST, 'index.d.ts'), 'utf8').matchAll(/import\("(\.[^"]+)"\)\.(\w+)/g)
  const types = [...named].filter(([, from]) => from !== './public.js').map(([, , type]) => type)
  expect(types).toEqual([])
})

function open(face: Face, name: string): Editor {
  const { functions, methods } = face === 'netlink-ts' ? root : sync
  return new Editor(
    project,
    name,
    [
      `import { type Netns, ${functions.join(', ')} } from '${face}'`,
      ...functions.map((name) => `void ${name}`),
      'declare const netns: Netns',
      ...methods.map((name) => `void netns.${name}`),
      `export { ${functions.join(', ')}, netns }`,
    ].join('\n'),
  )
}

// '.mts' resolves as ESM, '.cts' as CommonJS.
describe.each(['hover.mts', 'hover.cts'])('%s', (file) => {
  const editors: Record<Face, Editor> = {
    'netlink-ts': open('netlink-ts', file),
    'netlink-ts/sync': open('netlink-ts/sync', file),
  }

  const undocumented = (face: Face, expressions: string[]) =>
    expressions.filter((code) => !/\w+ \w+/.test(editors[face].hover(`void ${code}`).documentation))

  for (const [face, { functions, methods }] of [
    ['netlink-ts', root],
    ['netlink-ts/sync', sync],
  ] as const) {
    test(`${face}: a program that names everything has no error`, () => {
      expect(editors[face].errors).toEqual([])
    })

    test(`${face}: every function shows its documentation`, () => {
      expect(undocumented(face, functions)).toEqual([])
    })

    test(`${face}: every member of a namespace handle shows its documentation`, () => {
      expect(
        undocumented(
          face,
          methods.map((name) => `netns.${name}`),
        ),
      ).toEqual([])
    })

    test(`${face}: no function has any in its types`, () => {
      const { checker } = editors[face]
      const found = functions.flatMap((name) =>
        findAny(checker, editors[face].typeOf(name)).map((path) => name + path),
      )
      expect(found).toEqual([])
    })
  }

  // What is made of an operation shows as a constant with a signature; openNetlinkSocket() and spawnInNetns() are not.
  const isOperation = (name: string) =>
    /^\(alias\) const \w+: (<.*>)?\(/.test(editors['netlink-ts'].hover(`void ${name}`).text)
  const operations = root.functions.filter((name) => sync.functions.includes(name) && isOperation(name))

  // An editor has another comment for a call than for a name: with several signatures, theirs.
  test('a command that is started shows the comment, and the streams that it has', () => {
    const called = ["spawnInNetns('red', 'ls')", "netns.spawnInNetns('ls')"].map((call) => {
      const text = `import { type Netns, spawnInNetns } from 'netlink-ts'\ndeclare const netns: Netns\n${call}`
      return new Editor(project, file, text).hover(`\n${call.split('(')[0]}`)
    })
    const { documentation } = editors['netlink-ts'].hover('void spawnInNetns')
    expect(called.map((hover) => hover.documentation)).toEqual([documentation, documentation])
    for (const { text } of called) expect(text).toContain('ChildProcessWithoutNullStreams')
  })

  test('there are operations', () => {
    expect(operations).toEqual(expect.arrayContaining(['createNetns', 'createVethPair', 'listLinks']))
  })

  test.each(operations)('%s shows the same in both faces, a promise or the value', (name) => {
    const [promises, values] = [editors['netlink-ts'], editors['netlink-ts/sync']]
    expect(values.hover(`void ${name}`).documentation).toBe(promises.hover(`void ${name}`).documentation)
    const promised = shape(promises, promises.typeOf(name))
    const immediate = shape(values, values.typeOf(name))
    expect(promised.result).toBe(`Promise<${immediate.result}>`)
    expect(promised.parameters).toEqual(immediate.parameters)
  })

  test.each(root.methods.filter((name) => operations.includes(name)))(
    'netns.%s is the same operation',
    (name) => {
      for (const editor of Object.values(editors)) {
        const documentation = editor.hover(`void ${name}`).documentation
        expect(editor.hover(`void netns.${name}`).documentation).toBe(documentation)
        const operation = shape(editor, editor.typeOf(name))
        const method = shape(editor, editor.typeOf('netns', name))
        expect(method.result).toBe(operation.result)
        // What is done to a namespace takes it first; its method does not.
        expect([operation.parameters, operation.parameters.filter((one) => one !== 'netns')]).toContainEqual(
          method.parameters,
        )
      }
    },
  )
})

describe.each([
  ['netlink-ts/conntrack', 'conntrack.js', 'flushConntrackPort'],
  ['netlink-ts/conntrack/sync', 'conntrack-sync.js', 'flushConntrackPort'],
  ['netlink-ts/nftables', 'nftables.js', 'publishPort'],
  ['netlink-ts/nftables/sync', 'nftables-sync.js', 'publishPort'],
  ['netlink-ts/topology', 'topology.js', 'applyTopology'],
  ['netlink-ts/topology/sync', 'topology-sync.js', 'applyTopology'],
  ['netlink-ts/codec', 'codec/index.js', 'attributes'],
  ['netlink-ts/testing', 'testing/index.js', 'fakeKernel'],
])('%s', async (path, file, known) => {
  const functions = Object.entries(await import(join(DIST, file)))
    .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
    .map(([name]) => name)

  // Each entry as one of the formats: the other has the same declarations.
  test('every function shows its documentation and has no any', () => {
    expect(functions).toContain(known)
    const named = `{ ${functions.join(', ')} }`
    const uses = functions.map((one) => `void ${one}`)
    const editor = new Editor(
      project,
      path.endsWith('/sync') ? 'hover.cts' : 'hover.mts',
      [`import ${named} from '${path}'`, ...uses, `export ${named}`].join('\n'),
    )
    expect(editor.errors).toEqual([])
    const silent = functions.filter((one) => !/\w+ \w+/.test(editor.hover(`void ${one}`).documentation))
    expect(silent).toEqual([])
    const loose = functions.flatMap((one) =>
      findAny(editor.checker, editor.typeOf(one)).map((where) => one + where),
    )
    expect(loose).toEqual([])
  })
})

/** Names of the parameters, with '?' where they may be left out, and the result. */
function shape({ checker }: Editor, type: ts.Type): { parameters: string[]; result: string } {
  const [signature, ...more] = type.getCallSignatures()
  expect(more).toEqual([])
  const { FunctionType } = ts.SyntaxKind
  const { parameters } = checker.signatureToSignatureDeclaration(
    signature!,
    FunctionType,
    undefined,
    undefined,
  )!
  return {
    parameters: parameters.map(
      ({ name, questionToken }) => (name as ts.Identifier).text + (questionToken ? '?' : ''),
    ),
    result: checker.typeToString(signature!.getReturnType()),
  }
}
