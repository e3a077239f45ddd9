exports.nothing = null
