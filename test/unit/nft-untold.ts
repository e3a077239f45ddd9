/** Rules of which nft notes less than the builder: of which fields the keys of a set are. */

/** Of which fields keys are, in the records of nft: the kind of an expression, and what tells it from others. */
const record = (type: number, value: string) => Buffer.from([type, value.length / 2]).toString('hex') + value
const field = (kind: string, ...numbers: string[]) =>
  `0004${kind}000000${record(1, numbers.map((one, i) => record(i, one)).join(''))}`
export const header = (id: string, number: string) => field('07', `${id}000000`, `${number}000000`)
export const meta = (key: string) => field('09', `${key}000000`)
export const tracked = (key: string) => field('0c', `${key}000000`, 'ffffffff')
const together = (fields: readonly string[]) =>
  record(3, `00040d000000${record(1, fields.map((one, i) => record(i, one)).join(''))}`)

/** `before` is what nft notes besides, `kept` the fields that it has noted. */
export function untold(
  name: string,
  [theirs, ours]: readonly [number, number],
  before: string,
  fields: readonly string[],
  kept = 0,
) {
  const why = 'nft forgets of which fields the keys are where it turns the bytes of one round, or masks them'
  const noted = (some: readonly string[]) => {
    const bytes = `000400000000${before}${some.length === 0 ? '' : together(some)}`
    return `13 (${4 + bytes.length / 2}) ${bytes}`
  }
  const lines = [
    `- header  length ${theirs}, type 2569, flags 0x401, portid 0`,
    `+ header  length ${ours}, type 2569, flags 0x401, portid 0`,
    `- ${noted(fields.slice(0, kept))}`,
    `+ ${noted(fields)}`,
  ]
  return { [name]: { why, lines } }
}
