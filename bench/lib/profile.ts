/** What the threads of a program did while it was measured, from the samples of perf(1). */

/** In the order of a table's columns. */
export const PARTS = [
  'kernel: pages',
  'kernel: the rest',
  'JavaScript and builtins',
  "V8's compiler",
  'garbage collection',
  'rest',
] as const
export type Part = (typeof PARTS)[number]

/** Of one run. */
export interface Profile {
  /** How many samples of each part there are. */
  readonly parts: Readonly<Record<Part, number>>
  /** How many of them are of the thread that runs JavaScript. */
  readonly main: number
  readonly all: number
}

/** A run as it was measured: the process, and from when to when in seconds of CLOCK_MONOTONIC. */
export interface Measured {
  readonly pid: number
  readonly from: number
  readonly to: number
}

/** What `perf script` has to print of each sample, for readProfile(). */
export const FIELDS = 'pid,tid,time,ip,sym,dso'

const HEADER = /^\s*(\d+)\/(\d+)\s+([\d.]+):/
const FRAME = /^\s+([0-9a-f]+) (.*) \((.*)\)$/

const PAGES = /^(asm_exc_page_fault|do_user_addr_fault|__x64_sys_(mmap|munmap|madvise|mprotect|brk))\b/
const COLLECTING =
  /v8::.*(Scaveng|Mark|Sweep|Evacuat|Heap|GC|Collector|Collection|MemoryChunk|NewSpace|OldSpace|PagedSpace|FreeList|Remembered|SlotSet)/
const COMPILING = /v8::internal::(compiler|maglev|baseline|interpreter|Parse|Scanner|Ast|Compil)/

/** Reads the output of `perf script -F` with FIELDS, of a recording that has the kernel's call chains. */
export function readProfile(script: string, { pid, from, to }: Measured): Profile {
  const parts = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>
  let main = 0
  let all = 0
  for (const sample of script.split(/\n\s*\n/)) {
    const [header = '', ...frames] = sample.replace(/^\n+/, '').split('\n')
    const [, process, thread, seconds] = HEADER.exec(header) ?? []
    if (Number(process) !== pid || Number(seconds) < from || Number(seconds) > to) continue
    const isMain = thread === process
    parts[partOf(frames, isMain)]++
    all++
    if (isMain) main++
  }
  return { parts, main, all }
}

function partOf(lines: readonly string[], isMain: boolean): Part {
  const frames = lines.map((line) => FRAME.exec(line) ?? [])
  const [, address = '', symbol = '', dso = ''] = frames[0] ?? []
  if (address.startsWith('ffff'))
    return frames.some(([, , name = '']) => PAGES.test(name)) ? 'kernel: pages' : 'kernel: the rest'
  if (isJavaScript(symbol, dso)) return 'JavaScript and builtins'
  // Copying is the garbage collector's or the compiler's: whoever called.
  for (const [, , name = '', where = ''] of frames) {
    if (isJavaScript(name, where)) break
    // First, since the compiler has classes of its own for the heap.
    if (COMPILING.test(name)) return "V8's compiler"
    if (COLLECTING.test(name)) return 'garbage collection'
  }
  // Node's other threads do what V8 gives them, and most of that is compiling; but for the addon's.
  const isAddon = frames.some(([, , , where = '']) => where.endsWith('/netlink.node'))
  return isMain || isAddon || !dso.endsWith('/node') ? 'rest' : "V8's compiler"
}

/** What V8 has compiled lies in memory without a file, for which perf looks for names in /tmp/perf-PID.map. */
function isJavaScript(symbol: string, dso: string): boolean {
  return symbol.startsWith('Builtins_') || /^(\[JIT\]|\/tmp\/perf-|\/\/anon)/.test(dso)
}
