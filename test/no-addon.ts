/** Pure tests, which anyone runs on any machine, and as root, have no addon: what would reach the kernel fails. */

import { createRequire, Module } from 'node:module'

const { cache, resolve } = createRequire(import.meta.url)
const path = resolve('bindings')
const none = Object.assign(new Module(path), { filename: path, loaded: true })
none.exports = () => {
  throw new Error('a pure test has called the addon')
}
cache[path] = none
