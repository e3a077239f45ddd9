// Prints the messages of the errors that calls of each face throw where the addon cannot be loaded.
const { listLinks } = require('netlink-ts')
const sync = require('netlink-ts/sync')

async function messageOf(call) {
  try {
    await call()
  } catch (error) {
    return error.message
  }
  return 'nothing was thrown'
}

async function main() {
  console.log(
    JSON.stringify([await messageOf(() => listLinks()), await messageOf(async () => sync.listLinks())]),
  )
}

main()
