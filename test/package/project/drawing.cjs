const { drawTopology, drawTopologySvg } = require('netlink-ts/topology')
const { title } = require('netlink-ts/topology.schema.json')

const value = { namespaces: { red: {} } }
const drawing = drawTopology(value)
drawTopologySvg(value).then(
  () => null,
  ({ code, message }) => console.log(JSON.stringify({ drawing, error: { code, message }, title })),
)
