/** The operations on nf_tables, by the names that they have in both faces. */

export { getCgroupId } from './cgroup.js'
export { getElement } from './get-element.js'
export {
  getGeneration,
  listChains,
  listElements,
  listFlowtables,
  listObjects,
  listRules,
  listSets,
  listTables,
} from './list.js'
export { listHooks } from './list-hooks.js'
export { listRuleset } from './ruleset.js'
export { transaction } from './transaction.js'
