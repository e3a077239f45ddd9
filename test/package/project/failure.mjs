// Prints the messages of the errors that calls of each face throw where the addon cannot be loaded.
import { listLinks } from 'netlink-ts'
import * as sync from 'netlink-ts/sync'

async function messageOf(call) {
  try {
    await call()
  } catch (error) {
    return error.message
  }
  return 'nothing was thrown'
}

console.log(
  JSON.stringify([await messageOf(() => listLinks()), await messageOf(async () => sync.listLinks())]),
)
