/** What a sample of perf(1) is counted as. */

import { expect, test } from 'vitest'
import { readProfile } from '../../bench/lib/profile.js'

const measured = { pid: 7, from: 10, to: 11 }

function sample(thread: number, seconds: string, ...frames: string[]): string {
  return `    7/${thread}    ${seconds}:\n${frames.map((frame) => `\t    ${frame.startsWith('ffff') ? '' : '7f0000 '}${frame}\n`).join('')}\n`
}

function partsOf(...samples: string[]) {
  const { parts, ...rest } = readProfile(samples.join(''), measured)
  return { ...rest, parts: Object.fromEntries(Object.entries(parts).filter(([, count]) => count > 0)) }
}

test('what the kernel does for new memory is told apart from what it was asked for', () => {
  const kernel = '([kernel.kallsyms])'
  const at = 'ffffffff81000c82'
  const fault = sample(
    7,
    '10.1',
    `${at} clear_page_erms ${kernel}`,
    `${at} asm_exc_page_fault ${kernel}`,
    '[unknown] (//anon)',
  )
  const asked = sample(
    9,
    '10.2',
    `${at} br_add_if ([bridge])`,
    `${at} __x64_sys_sendto ${kernel}`,
    '__send (/lib/libc.so.6)',
  )
  expect(partsOf(fault, asked)).toEqual({
    all: 2,
    main: 1,
    parts: { 'kernel: pages': 1, 'kernel: the rest': 1 },
  })
})

test('compiled code and builtins are JavaScript, wherever perf looks for their names', () => {
  const samples = [
    '[unknown] (/tmp/perf-7.map)',
    '[unknown] ([JIT] tid 7)',
    'Builtins_LoadIC (/usr/bin/node)',
  ]
  expect(partsOf(...samples.map((frame) => sample(7, '10.5', frame)))).toMatchObject({
    parts: { 'JavaScript and builtins': 3 },
  })
})

test('what is copied is of who copies it, and of none behind the JavaScript that called', () => {
  const copy = 'memmove (/lib/libc.so.6)'
  const scavenger = sample(8, '10.5', copy, 'v8::internal::Scavenger::ScavengePage (/usr/bin/node)')
  const compiler = sample(7, '10.5', copy, 'v8::internal::compiler::Node::New (/usr/bin/node)')
  const called = sample(
    7,
    '10.5',
    copy,
    'Builtins_CEntry (/usr/bin/node)',
    'v8::internal::Heap::Collect (/usr/bin/node)',
  )
  expect(partsOf(scavenger, compiler, called)).toEqual({
    all: 3,
    main: 2,
    parts: { 'garbage collection': 1, "V8's compiler": 1, rest: 1 },
  })
})

test('what V8 does on other threads is compiling, where it is not collecting; the addon has threads, too', () => {
  const zone = sample(8, '10.5', 'std::_Rb_tree_insert (/usr/bin/node)')
  const run = 'netlink::Workers::Run (/x/build/Release/netlink.node)'
  const addon = [sample(9, '10.5', run), sample(9, '10.5', 'uv_async_send (/usr/bin/node)', run)]
  expect(partsOf(zone, ...addon)).toMatchObject({ parts: { "V8's compiler": 1, rest: 2 } })
})

test("the compiler's own classes for the heap are the compiler's", () => {
  const broker = sample(8, '10.5', 'v8::internal::compiler::JSHeapBroker::TryGetOrCreateData (/usr/bin/node)')
  expect(partsOf(broker)).toMatchObject({ parts: { "V8's compiler": 1 } })
})

test('other processes, and what was before and after, do not count', () => {
  const frame = 'Builtins_LoadIC (/usr/bin/node)'
  const others = [
    sample(7, '9.9', frame),
    sample(7, '11.1', frame),
    sample(7, '10.5', frame).replace('7/', '6/'),
  ]
  expect(partsOf(...others, sample(7, '10.5', frame))).toMatchObject({ all: 1 })
})
