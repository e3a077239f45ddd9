import { importNft, importNftSync, inputEnd, readOptions, Stopwatch } from './worker.js'

const TABLE = { family: 'inet', table: 'bench' } as const
const CHAIN = { ...TABLE, chain: 'input' }
const SET = { ...TABLE, name: 'addresses', type: 'ipv4_addr' } as const
const FIRST_PORT = 1

const sync = await importNftSync()
const promises = await importNft()
const { accept, counter, ip, rule, tcp } = sync
type Transaction = Parameters<Parameters<typeof sync.transaction>[0]>[0]
type Rule = ReturnType<typeof sync.listRules>[number]

const { count, mode, repeat, beside, warm, hold } = readOptions()
const watch = new Stopwatch()
const address = (number: number) => `44.${number >> 16}.${(number >> 8) & 255}.${number & 255}`

/** Not timed; so many at once as the send buffer of an ordinary user holds. */
const TOGETHER = 500

function makeRules(count: number): void {
  sync.transaction((tx) => {
    tx.addTable({ family: TABLE.family, name: TABLE.table })
    tx.addChain({ ...TABLE, name: CHAIN.chain, type: 'filter', hook: 'input', priority: 'filter' })
  })
  for (let first = 0; first < count; first += TOGETHER)
    sync.transaction((tx) => {
      for (let i = first; i < Math.min(first + TOGETHER, count); i++)
        tx.addRule({
          ...CHAIN,
          rule: rule(ip.saddr(address(i)), tcp.dport(FIRST_PORT + i), counter(), accept()),
        })
    })
}

/** What a caller has before the clock begins, as nft(8) has its text. */
const elements = mode.startsWith('elements') ? Array.from({ length: count }, (_, i) => address(i)) : []

function addElements(tx: Transaction): void {
  tx.addTable({ family: TABLE.family, name: TABLE.table })
  tx.addSet(SET, elements)
}

/** Every rule compares its own port. */
function check(rules: readonly Rule[], count: number): void {
  let ports = 0
  for (const { expressions } of rules)
    for (const one of expressions) {
      const value = one.name === 'cmp' ? (one.data as { data: { value: Uint8Array } }).data.value : null
      if (value?.length === 2) ports += value[0]! * 256 + value[1]!
    }
  if (rules.length !== count || ports !== (count * (count + 2 * FIRST_PORT - 1)) / 2)
    throw new Error(`${rules.length} of ${count} rules, or wrong ones`)
}

async function list(read: () => Rule[] | Promise<Rule[]>): Promise<void> {
  for (let i = 0; i < repeat; i++) {
    const begun = performance.now()
    check(await read(), count)
    watch.record(begun)
  }
}

/** For bench/instructions.ts: `count` listings of `beside` rules, after `warm` others that are not counted. */
const LISTINGS: Record<string, () => Rule[] | Promise<Rule[]>> = {
  listings: () => promises.listRules(TABLE),
  'listings-sync': () => sync.listRules(TABLE),
}

const listing = LISTINGS[mode]
if (listing !== undefined) {
  makeRules(beside)
  for (let i = 0; i < warm; i++) check(await listing(), beside)
}

const MODES: Record<string, () => unknown> = {
  'make-rules': () => makeRules(count),
  rules: () => list(() => promises.listRules(TABLE)),
  'rules-sync': () => list(() => sync.listRules(TABLE)),
  elements: () => promises.transaction(addElements),
  'elements-sync': () => sync.transaction(addElements),
  'count-elements': () => {
    const found = sync.listElements({ ...TABLE, set: SET.name })
    const wanted = new Set(Array.from({ length: count }, (_, number) => address(number)))
    for (const { key } of found) wanted.delete(key as string)
    if (found.length !== count || wanted.size > 0) throw new Error(`${found.length} of ${count} elements`)
  },
}

watch.begin()
if (listing === undefined) await MODES[mode]!()
else for (let i = 0; i < count; i++) await listing()
watch.end()
if (listing !== undefined)
  sync.transaction((tx) => tx.deleteTable({ family: TABLE.family, name: TABLE.table }))
if (hold) {
  console.log('ready')
  await inputEnd()
}
watch.report()
