import { describe, expect, it } from 'vitest'
import { encodeBody, Writer } from '../../src/codec/index.js'
import { setBridgeLink } from '../../src/rtnetlink/bridge/link-table.js'
import {
  getBridgePort,
  listBridgePorts,
  type SetBridgePortOptions,
  setBridgePort,
} from '../../src/rtnetlink/bridge/port/operations.js'
import { readBridgePort } from '../../src/rtnetlink/bridge/port/port.js'
import { bridgePort } from '../../src/rtnetlink/link/kinds/bridge-port.js'
import { refusal } from './refusal.js'
import { sentBy } from './sent-by.js'

const port = (options: object) => () => setBridgePort('eth0', options as SetBridgePortOptions)

const BOOLEANS = [
  ...['hairpin', 'guard', 'rootBlock', 'fastLeave', 'learning', 'flood', 'proxyArp', 'learningSync'],
  ...['proxyArpWifi', 'flush', 'mcastFlood', 'mcastToUnicast', 'vlanTunnel', 'bcastFlood', 'neighSuppress'],
  ...['isolated', 'locked', 'mab', 'neighVlanSuppress', 'neighForwardGrat', 'master', 'self'],
]
const NUMBERS = {
  priority: 0xffff,
  cost: 0xffffffff,
  mcastRouter: 0xff,
  groupFwdMask: 0xffff,
  mcastEhtHostsLimit: 0xffffffff,
  mcastMaxGroups: 0xffffffff,
  backupNhid: 0xffffffff,
}

describe('what is refused before anything is sent', () => {
  it.each(BOOLEANS)('%s that is no boolean', (key) => {
    for (const value of [1, 'on', null]) {
      const error = refusal(port({ [key]: value }))
      expect(error).toBeInstanceOf(TypeError)
      expect(error.message).toContain(key)
    }
  })

  it.each(Object.entries(NUMBERS))('%s beyond %d', (key, max) => {
    for (const value of [-1, max + 1, 1.5, '1', Number.NaN])
      expect(refusal(port({ [key]: value })).message).toContain(key)
    expect(sentBy(port({ [key]: max })())).toHaveLength(1)
  })

  it.each([
    ['state', { state: 'Forwarding' }],
    ['state', { state: 256 }],
    ['backupPort', { backupPort: '' }],
    ['backupPort', { backupPort: 0 }],
    ['backupPort', { backupPort: true }],
    ['hwMode', { hwMode: 'vebx' }],
    ['hwMode', { hwMode: -1 }],
    ['self: 5', { hwMode: 'vepa', self: 5 }],
    ['self: false', { hwMode: 'vepa', self: false }],
    ['master: 1', { hwMode: 'vepa', master: 1 }],
    ["'hairpinn'", { hairpinn: true }],
  ])('a bad %s', (field, options) => {
    expect(refusal(port(options)).message).toContain(field)
  })

  it.each([
    ['dev', () => setBridgePort('', {})],
    ['dev', () => getBridgePort('a b')],
    ['dev', () => getBridgePort(0)],
    ['bridge', () => listBridgePorts({ bridge: 1.5 })],
    ["'master'", () => listBridgePorts({ master: 'br0' } as object)],
    ['options', () => setBridgePort('eth0', null as never)],
  ])('a bad %s of a call', (field, operation) => {
    expect(refusal(operation).message).toContain(field)
  })

  it('covers every option of a port', () => {
    const tested = [...BOOLEANS, ...Object.keys(NUMBERS), 'state', 'backupPort']
    expect(tested).toEqual(expect.arrayContaining([...bridgePort.options]))
  })
})

it('passes over what only the kernel sets', () => {
  const plain = sentBy(setBridgePort('eth0', { cost: 7 }))
  expect(
    sentBy(setBridgePort('eth0', { cost: 7, number: 1, designatedCost: 3, unknown: [] } as object)),
  ).toEqual(plain)
})

it('takes a backup port away with null', () => {
  const [sent] = sentBy(setBridgePort('eth0', { backupPort: null }))
  expect(Buffer.from(sent!).toString('hex')).toMatch(/0c000c80(08002200)00000000$/)
})

it('an interface with a master and without what a bridge has of its ports is a port that has gone, or none', () => {
  const out = new Writer()
  encodeBody(setBridgeLink, out, { header: { family: 7, index: 11 }, attributes: { master: 20 } })
  const read = (gone: boolean) => readBridgePort(out.bytes, 0, out.length, () => 'br0', gone)
  expect(read(false)).toBeNull()
  expect(read(true)).toMatchObject({ ifindex: 11, master: 20, bridge: 'br0', data: {} })
})

it('of a network card that switches itself has the way that it does', () => {
  const out = new Writer()
  encodeBody(setBridgeLink, out, {
    header: { family: 7, index: 11 },
    attributes: { master: 20, protinfo: { cost: 7 }, afSpec: { flags: ['self'], mode: 'vepa' } },
  })
  expect(readBridgePort(out.bytes, 0, out.length, () => 'br0')).toMatchObject({ hwMode: 'vepa' })
})
