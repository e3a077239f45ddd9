import { competitors, modes } from '../lib/competitors.js'
import type { Suite, SuiteOptions } from '../lib/suite.js'
import { bundledWorker } from '../lib/worker.js'

/** Encoding and decoding alone: without the kernel, warm. Nobody to compare with: the ratios are among our own. */
export async function prepare({ quick }: SuiteOptions): Promise<Suite[]> {
  const count = quick ? 2000 : 20_000
  const command = await bundledWorker('codec')
  const programs = modes(
    command,
    ['encode routes', 'encode-route'],
    ['decode routes', 'decode-route'],
    ['encode veth pairs', 'encode-pair'],
    ['decode links', 'decode-link'],
  )
  return [
    {
      name: 'codec',
      title: `encode or decode ${count} messages`,
      figure: 'unit',
      missing: [],
      competitors: competitors(programs, ['--count', `${count}`, '--repeat', quick ? '3' : '5']),
    },
  ]
}
