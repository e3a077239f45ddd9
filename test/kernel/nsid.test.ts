import { describe, expect, it } from 'vitest'
import * as promises from '../../src/index.js'
import { FACES, ip, ipJson, withNetns } from './support.js'

describe.each(FACES)('ids of namespaces, $face', ({ nl }) => {
  it('are those that ip lists', () =>
    withNetns((a) =>
      withNetns((b) =>
        withNetns(async (netns) => {
          expect(await nl.listNsids({ netns })).toEqual([])
          await nl.setNsid(a, 10, { netns })
          ip(`netns set ${b} 20`, netns)
          const ids = await nl.listNsids({ netns })
          expect(ids).toEqual([
            { nsid: 10, current: null, name: null },
            { nsid: 20, current: null, name: null },
          ])
          expect(ids.map(({ nsid }) => nsid)).toEqual(ipJson('netns list-id', netns).map(({ nsid }) => nsid))
        }),
      ),
    ))

  it('that another namespace gives are told with those of here', () =>
    withNetns((a) =>
      withNetns((b) =>
        withNetns(async (netns) => {
          await nl.setNsid(a, 10, { netns })
          await nl.setNsid(b, 20, { netns })
          await nl.setNsid(b, 5, { netns: a })
          expect(await nl.listNsids({ target: 10, netns })).toContainEqual({
            nsid: 5,
            current: 20,
            name: null,
          })
          await expect(async () => nl.listNsids({ target: 99, netns })).rejects.toMatchObject({
            code: 'EINVAL',
            operation: 'RTM_GETNSID',
          })
        }),
      ),
    ))

  it('are told one by one, with the id that another namespace gives', () =>
    withNetns((a) =>
      withNetns((b) =>
        withNetns(async (netns) => {
          ip(`netns set ${a} 10`, netns)
          ip(`netns set ${b} 20`, netns)
          ip(`netns set ${b} 5`, a)
          const told = { nsid: 20, current: null, name: null }
          expect(await nl.listNsids({ nsid: 20, netns })).toEqual([told])
          expect(await nl.listNsids({ nsid: 20, names: true, netns })).toEqual([{ ...told, name: b }])
          expect(ipJson('netns list-id nsid 20', netns)).toMatchObject([{ nsid: 20, name: b }])
          expect(await nl.listNsids({ nsid: 20, target: 10, netns })).toEqual([
            { nsid: 5, current: 20, name: null },
          ])
          // It has none there, and nobody has it here.
          expect(await nl.listNsids({ nsid: 10, target: 20, netns })).toEqual([])
          expect(await nl.listNsids({ nsid: 99, netns })).toEqual([])
          await expect(async () => nl.listNsids({ nsid: 20, target: 99, netns })).rejects.toMatchObject({
            code: 'EINVAL',
          })
        }),
      ),
    ))

  it('have the names that ip tells, where there are any', () =>
    withNetns((a) =>
      withNetns(async (netns) => {
        await nl.setNsid(a, 10, { netns })
        const unnamed = await promises.createNetns()
        await nl.setNsid(unnamed, 20, { netns })
        expect(await nl.listNsids({ names: true, netns })).toEqual([
          { nsid: 10, current: null, name: a },
          { nsid: 20, current: null, name: null },
        ])
        expect(ipJson('netns list-id', netns)).toMatchObject([{ nsid: 10, name: a }, { nsid: 20 }])
        unnamed.close()
      }),
    ))

  it.each([
    [{ names: 1 }, /names: 1 is not/],
    [{ names: true, target: 10 }, /names: not with target/],
    [{ target: -1 }, /target: -1 is not an id/],
    [{ target: '10' }, /target: '10' is not an id/],
    [{ nsid: 1.5 }, /nsid: 1.5 is not an id/],
    [{ id: 10 }, /unknown option 'id'/],
  ])('refuse %j', async (options, message) => {
    await expect(async () => nl.listNsids(options as never)).rejects.toThrow(message)
  })
})
