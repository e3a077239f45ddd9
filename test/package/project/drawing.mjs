import { createRequire } from 'node:module'
import { drawTopology, drawTopologySvg } from 'netlink-ts/topology'

const { title } = createRequire(import.meta.url)('netlink-ts/topology.schema.json')
const value = { namespaces: { red: {} } }
const drawing = drawTopology(value)
const error = await drawTopologySvg(value).then(
  () => null,
  ({ code, message }) => ({ code, message }),
)
console.log(JSON.stringify({ drawing, error, title }))
