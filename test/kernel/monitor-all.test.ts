/** One socket that is told what happens in several namespaces. */

import { describe, expect, it } from 'vitest'
import { type AllNetnsEvent, monitorAllNetns, setNsid } from '../../src/index.js'
import { lines, program } from './program.js'
import { ip, withNetns } from './support.js'

const asText = ({ nsid, event }: AllNetnsEvent) => {
  if (event.type === 'link') return `${nsid} ${event.action} ${event.link.name}`
  if (event.type === 'address') return `${nsid} ${event.action} ${event.address.address} ${event.address.dev}`
  return `${nsid} ${event.type}`
}

describe('monitorAllNetns', () => {
  it('tells what happens in namespaces that have an id, and here, and which it was', () =>
    withNetns((red) =>
      withNetns((blue) =>
        withNetns(async (netns) => {
          await setNsid(red, 10, { netns })
          await using events = await monitorAllNetns(['link', 'address'], { netns })
          ip('link add br0 type bridge', blue) // has no id here
          ip('link add br1 type bridge', red)
          ip('address add 192.0.2.1/24 dev br1', red)
          ip('link add br2 type bridge', netns)
          ip('address add 192.0.2.2/24 dev br2', netns)
          const seen: string[] = []
          for await (const event of events) {
            seen.push(asText(event))
            if (seen.at(-1)!.includes('192.0.2.2')) break
          }
          expect(seen).toEqual([
            '10 new br1',
            // Which interface it is cannot be asked for there.
            '10 new 192.0.2.1/24 null',
            'null new br2',
            'null new 192.0.2.2/24 br2',
          ])
        }),
      ),
    ))

  it('keeps apart what came together', () =>
    withNetns((a) =>
      withNetns((b) =>
        withNetns(async (netns) => {
          await setNsid(a, 1, { netns })
          await setNsid(b, 2, { netns })
          await using events = await monitorAllNetns(['address'], { netns })
          for (let i = 1; i <= 20; i++) ip(`address add 10.0.0.${i}/32 dev lo`, i % 2 === 0 ? a : b)
          const seen: (number | null)[] = []
          for await (const { nsid } of events) {
            seen.push(nsid)
            if (seen.length === 20) break
          }
          expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 2 : 1)))
        }),
      ),
    ))

  it('refuses groups and options that do not exist', async () => {
    await expect(monitorAllNetns(['links' as never])).rejects.toThrow("groups: 'links' is not one of")
    await expect(monitorAllNetns(['link'], { all: true } as never)).rejects.toThrow("unknown option 'all'")
  })

  it('says what an ordinary user may not', async () => {
    const source = `print(await caught(() => nl.monitorAllNetns(['link'])))`
    const wrapper = ['setpriv', '--bounding-set=-all', '--inh-caps=-all']
    const [answer] = await lines(program(source, { wrapper }))
    expect(answer).toMatchObject({ code: 'EPERM' })
  })
})
