// Prints for each pack of files that is run from V8's cache whether V8 refused it, and the links.
const { basename } = require('node:path')
const vm = require('node:vm')

const packs = {}
vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options)
    packs[basename(options.filename)] = this.cachedDataRejected
  }
}

const links = require('netlink-ts/sync').listLinks()
console.log(JSON.stringify({ packs, links: links.map((link) => link.name) }))
