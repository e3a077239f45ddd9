import { describe, expect, it } from 'vitest'
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
            { nsid: 10, current: null },
            { nsid: 20, current: null },
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
          expect(await nl.listNsids({ target: 10, netns })).toContainEqual({ nsid: 5, current: 20 })
          await expect(async () => nl.listNsids({ target: 99, netns })).rejects.toMatchObject({
            code: 'EINVAL',
            operation: 'RTM_GETNSID',
          })
        }),
      ),
    ))

  it.each([
    [{ target: -1 }, /target: -1 is not an id/],
    [{ target: '10' }, /target: '10' is not an id/],
    [{ nsid: 10 }, /unknown option 'nsid'/],
  ])('refuse %j', async (options, message) => {
    await expect(async () => nl.listNsids(options as never)).rejects.toThrow(message)
  })
})
