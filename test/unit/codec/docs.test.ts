import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import * as codec from '../../../src/codec/index.js'
import { hex, onLittleEndianHost } from './hex.js'

onLittleEndianHost()

const root = resolve(import.meta.dirname, '../../..')
const text = readFileSync(resolve(root, 'docs/codec.md'), 'utf8')
const example = /```ts\n(.*?)```/s.exec(text)?.[1] ?? ''

/** What the example exports, run as it stands in the document. */
function run(): { askFor(name: string): Uint8Array; read(bytes: Uint8Array): unknown } {
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  })
  const module = { exports: {} }
  const require = (name: string) => {
    expect(name).toBe('netlink-ts/codec')
    return codec
  }
  new Function('require', 'exports', outputText)(require, module.exports)
  return module.exports as ReturnType<typeof run>
}

describe('the example of docs/codec.md', () => {
  it('writes what `genl ctrl get name nlctrl` writes', () => {
    // iproute2-6.1.0, without struct nlmsghdr
    expect(run().askFor('nlctrl')).toStrictEqual(hex('03 00 0000', '0b00 0200 6e6c6374726c 00 00'))
  })

  it('reads what Linux 6.18 answers', () => {
    const answer = hex(
      '01 02 0000', // struct genlmsghdr: CTRL_CMD_NEWFAMILY, version 2
      '0b00 0200 6e6c6374726c 00 00', // CTRL_ATTR_FAMILY_NAME
      '0600 0100 1000 0000', // CTRL_ATTR_FAMILY_ID
      '0800 0300 02000000', // CTRL_ATTR_VERSION
      '0800 0400 00000000', // CTRL_ATTR_HDRSIZE
      '0800 0500 00000000', // CTRL_ATTR_MAXATTR
      '2c00 0600', // CTRL_ATTR_OPS
      '  1400 0100', // 1
      '    0800 0100 03000000', // CTRL_ATTR_OP_ID
      '    0800 0200 0e000000', // CTRL_ATTR_OP_FLAGS
      '  1400 0200', // 2
      '    0800 0100 0a000000',
      '    0800 0200 0c000000',
      '1c00 0700', // CTRL_ATTR_MCAST_GROUPS
      '  1800 0100', // 1
      '    0800 0200 10000000', // CTRL_ATTR_MCAST_GRP_ID
      '    0b00 0100 6e6f74696679 00 00', // CTRL_ATTR_MCAST_GRP_NAME
    )
    expect(run().read(answer)).toStrictEqual({ id: 16, groups: ['notify'] })
  })

  it('compiles under the strictest settings', () => {
    const file = resolve(root, 'test/unit/codec/example.ts')
    const { config } = ts.readConfigFile(resolve(root, 'tsconfig.json'), ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
    const host = ts.createCompilerHost(options)
    const { fileExists, readFile } = host
    host.fileExists = (name) => name === file || fileExists(name)
    host.readFile = (name) => (name === file ? example : readFile(name))
    const paths = { 'netlink-ts/codec': [resolve(root, 'src/codec/index.ts')] }
    const program = ts.createProgram([file], { ...options, types: [], paths }, host)
    const source = program.getSourceFile(file)
    expect(source?.text).toBe(example)
    const problems = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    expect(
      problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    ).toStrictEqual([])
  })
})

describe('docs/codec.md', () => {
  it('names every type', () => {
    for (const [name, value] of Object.entries(codec))
      if (typeof value === 'object' && 'encode' in value) expect(text).toContain(`\`${name}\``)
  })

  it('shows an error as it is', () => {
    const message = codec.message(
      'RTM_NEWLINK',
      16,
      codec.struct({ family: codec.u8 }),
      codec.attributes('IFLA', {
        linkinfo: [
          18,
          codec.nested(
            codec.attributes('IFLA_INFO', {
              data: [2, codec.nested(codec.attributes('IFLA_VLAN', { id: [1, codec.u16] }))],
            }),
          ),
        ],
      }),
    )
    let shown = ''
    try {
      codec.encodeBody(message, new codec.Writer(), {
        header: {},
        attributes: { linkinfo: { data: { id: 4096.5 } } },
      })
    } catch (error) {
      shown = (error as Error).message
    }
    expect(shown).not.toBe('')
    expect(text).toContain(`\`${shown}\``)
  })
})
