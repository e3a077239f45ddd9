// Calls are looked at as they are made, so that a mistake is thrown where it is; rules become messages when the transaction is sent, as do
// elements of sets that it does not make: what is wrong with them for the types of a set is thrown then, and names the call.

import type { OneOf } from '../codec/index.js'
import { checkKeys } from '../netlink/check.js'
import { ENOENT } from '../netlink/errno.js'
import { NetlinkError } from '../netlink/errors.js'
import type { Request } from '../netlink/request.js'
import { withAnonymous } from './anonymous.js'
import { compileRule } from './builder/rule.js'
import * as chains from './chain.js'
import type { Making } from './change.js'
import { ELEMENTS_KEYS, type NftElementsInput } from './element.js'
import { addElements, deleteElements, flushElements } from './element-request.js'
import * as flowtables from './flowtable.js'
import { anyOf, checkName, familyNumber } from './input.js'
import { getSet } from './messages.js'
import { type NftFamily, setFlags } from './names.js'
import * as objects from './object.js'
import { PutIntervals } from './put-intervals.js'
import { type Answers, describeKey, keyText, type Recorded, setKey } from './recorded.js'
import * as rules from './rule.js'
import * as sets from './set.js'
import { addSet, checkSet, deleteSet } from './set-request.js'
import * as tables from './table.js'
import { addedElements, deletedElements, type Made, notMade } from './written-elements.js'

/**
 * The calls of a transaction, in the order in which the kernel makes them. Names of calls are those of nft(8): `add` takes what is there as
 * it is, `create` refuses it (EEXIST), `delete` refuses what is not there (ENOENT), `destroy` does not (Linux 6.3).
 */
export class Transaction {
  readonly #recorded: Recorded[] = []
  readonly #sets = new Map<string, Made>()
  #ids: number
  #ended = false
  readonly #owns: boolean

  /** @internal The first set gets the number behind `ids`; `owns`: its socket is kept, so that tables may belong to it. */
  constructor(ids = 0, owns = false) {
    this.#ids = ids
    this.#owns = owns
  }

  /** @internal */
  get recorded(): readonly Recorded[] {
    return this.#recorded
  }

  /** @internal What comes later would be lost in silence: it is refused. */
  end(): void {
    this.#ended = true
  }

  #record(recorded: Recorded): void {
    if (this.#ended)
      throw new TypeError(`transaction: ${recorded.call}() comes after the transaction has left`)
    this.#recorded.push(recorded)
  }

  #push(call: string, requests: readonly Request[]): void {
    this.#record({ call, make: () => requests })
  }

  addTable(table: tables.NftTableInput): void {
    this.#push('addTable', [tables.addTable(table, 'add', this.#owns)])
  }

  createTable(table: tables.NftTableInput): void {
    this.#push('createTable', [tables.addTable(table, 'create', this.#owns)])
  }

  /** Deletes a table with everything in it. */
  deleteTable(table: tables.NftTableRef): void {
    this.#push('deleteTable', [tables.deleteTable(table, false)])
  }

  destroyTable(table: tables.NftTableRef): void {
    this.#push('destroyTable', [tables.deleteTable(table, true)])
  }

  /** Deletes the rules of all chains of a table. */
  flushTable(table: tables.NftTableRef): void {
    this.#push('flushTable', [
      rules.flushRules({ family: table.family, table: checkName(table.name, 'name') }),
    ])
  }

  /** Adds a chain, or changes the policy of the one that there is and adds its devices to it (Linux 6.4). */
  addChain(chain: chains.NftChainInput): void {
    this.#push('addChain', [chains.addChain(chain, 'add')])
  }

  createChain(chain: chains.NftChainInput): void {
    this.#push('createChain', [chains.addChain(chain, 'create')])
  }

  /** Gives the chain of a handle another name. */
  renameChain(chain: chains.NftChainRef, name: string): void {
    this.#push('renameChain', [chains.renameChain(chain, name)])
  }

  /** Deletes a chain, which must have no rules and none that jump to it (EBUSY); with `devices` and no `hook`, these alone. */
  deleteChain(chain: chains.NftChainRef): void {
    this.#push('deleteChain', chains.deleteChain(chain, false))
  }

  destroyChain(chain: chains.NftChainRef): void {
    this.#push('destroyChain', chains.deleteChain(chain, true))
  }

  /** Deletes the rules of a chain. */
  flushChain({ family, table, name }: chains.NftChainRef): void {
    this.#push('flushChain', [rules.flushRules({ family, table, chain: checkName(name, 'name') })])
  }

  /** Adds a rule at the end of its chain, or behind the one with the handle `after`. */
  addRule(rule: rules.NftRuleInput & { after?: number | undefined }): void {
    this.#putRule(rule, 'add')
  }

  /** Adds a rule at the beginning of its chain, or before the one with the handle `before`. */
  insertRule(rule: rules.NftRuleInput & { before?: number | undefined }): void {
    this.#putRule(rule, 'insert')
  }

  /** Puts a rule in the place of the one with its handle. */
  replaceRule(rule: rules.NftRuleInput & { handle: number }): void {
    this.#putRule(rule, 'replace')
  }

  #putRule(input: rules.NftRuleInput & rules.RulePosition, how: rules.PutRule): void {
    rules.checkRule(input, how)
    const call = `${how}Rule`
    const { rule: body, table } = input
    const family = familyNumber(input.family)
    const nextId = () => ++this.#ids
    if (body === undefined) {
      const { messages, renamed } = withAnonymous(input, { family, table, nextId })
      this.#push(call, [...messages, rules.putRule(input, renamed, how)])
      return
    }
    const make = ({ ifindex, shapeOf }: Answers) => {
      const madeSet = (set: string) => {
        const key = { family, table, set }
        const made = this.#sets.get(keyText(key))
        const shape = made ? made.shape : shapeOf(key)
        return shape && { id: made?.id, shape }
      }
      const compiled = compileRule(body, { family, table, ifindex, nextId, madeSet })
      return [...compiled.sets, rules.putRule(input, compiled.expressions, how)]
    }
    this.#record({ call, make })
  }

  deleteRule(rule: rules.NftRuleRef): void {
    this.#push('deleteRule', [rules.deleteRule(rule, false)])
  }

  destroyRule(rule: rules.NftRuleRef): void {
    this.#push('destroyRule', [rules.deleteRule(rule, true)])
  }

  /** Adds a set or, with `map`, a map; `elements` are those that it has from the beginning, which a constant set needs. */
  addSet(set: sets.NftSetInput, elements: NftElementsInput['elements'] = []): void {
    this.#addSet('addSet', set, 'add', elements)
  }

  createSet(set: sets.NftSetInput, elements: NftElementsInput['elements'] = []): void {
    this.#addSet('createSet', set, 'create', elements)
  }

  #addSet(call: string, set: sets.NftSetInput, making: Making, elements: NftElementsInput['elements']): void {
    checkSet(call, set)
    const id = ++this.#ids
    const made = { id, shape: sets.shapeOfInput(set), put: new PutIntervals() }
    const written = addedElements(made, elements)
    const count = written.raw.length
    const isConstant = anyOf(setFlags, set.flags, 'flags').includes('constant')
    const request = addSet(set, making, id, isConstant ? count : undefined)
    const { family, table, name } = set
    this.#sets.set(keyText({ family: familyNumber(family), table, set: name }), made)
    const input = { family, table, set: name, elements }
    this.#push(call, [request, ...addElements(input, written, making, id)])
  }

  /** @internal A set that is there already, so that the types of its elements need not be asked for. */
  knowSet(set: sets.NftSetInput): void {
    const { family, table, name } = set
    const key = keyText({ family: familyNumber(family), table, set: name })
    if (!this.#sets.has(key)) this.#sets.set(key, notMade(sets.shapeOfInput(set)))
  }

  /** Deletes a set; no rule may refer to it (EBUSY). */
  deleteSet(set: sets.NftSetRef): void {
    this.#push('deleteSet', [deleteSet(set, false)])
  }

  destroySet(set: sets.NftSetRef): void {
    this.#push('destroySet', [deleteSet(set, true)])
  }

  /** Deletes the elements of a set. */
  flushSet({ family, table, name }: sets.NftSetRef): void {
    const set = { family, table, set: checkName(name, 'name') }
    const key = keyText(setKey(set))
    this.#push('flushSet', [flushElements(set)])
    this.#sets.get(key)?.put.clear()
  }

  /**
   * Adds elements, whose keys and values are of the types of the set; merged in one with `autoMerge`. An empty list changes nothing. Throws RangeError for one that ends with
   * another one or lies in an endless one, if that is of the same call, or of an earlier one behind the addSet() of this transaction: what
   * the set has already is not read.
   */
  addElements(input: NftElementsInput): void {
    this.#elements('addElements', input, (made) =>
      addElements(input, addedElements(made, input.elements), 'add', made.id),
    )
  }

  /** Adds elements; one that is there already is refused (EEXIST). */
  createElements(input: NftElementsInput): void {
    this.#elements('createElements', input, (made) =>
      addElements(input, addedElements(made, input.elements), 'create', made.id),
    )
  }

  /** Deletes elements, none for an empty list; what was merged as the one that is listed, of which no part can be deleted (ENOENT). */
  deleteElements(input: NftElementsInput): void {
    this.#elements('deleteElements', input, (made) =>
      deleteElements(input, deletedElements(made, input.elements), false),
    )
  }

  /** Deletes elements, absent ones without an error. For a part that an interval begins with the kernel deletes the whole interval. */
  destroyElements(input: NftElementsInput): void {
    this.#elements('destroyElements', input, (made) =>
      deleteElements(input, deletedElements(made, input.elements), true),
    )
  }

  #elements(call: string, input: NftElementsInput, requests: (made: Made) => Request[]): void {
    checkKeys(call, input, ELEMENTS_KEYS)
    const key = setKey(input)
    const made = this.#sets.get(keyText(key))
    if (made !== undefined) this.#push(call, requests(made))
    else
      this.#record({
        call,
        make: ({ shapeOf }) => {
          const shape = shapeOf(key)
          // Without the types there are no messages, so that the kernel has no call to refuse.
          if (shape === undefined)
            throw new NetlinkError({ operation: getSet.name, errno: ENOENT, subject: describeKey(key) })
          return requests(notMade(shape))
        },
      })
  }

  addObject(object: objects.NftObjectInput): void {
    this.#push('addObject', [objects.addObject(object, 'add')])
  }

  createObject(object: objects.NftObjectInput): void {
    this.#push('createObject', [objects.addObject(object, 'create')])
  }

  deleteObject(object: objects.NftObjectRef): void {
    this.#push('deleteObject', [objects.deleteObject(object, false)])
  }

  destroyObject(object: objects.NftObjectRef): void {
    this.#push('destroyObject', [objects.deleteObject(object, true)])
  }

  /** Adds a flowtable, or its devices to the one that there is. */
  addFlowtable(flowtable: flowtables.NftFlowtableInput): void {
    this.#push('addFlowtable', [flowtables.addFlowtable(flowtable, 'add')])
  }

  createFlowtable(flowtable: flowtables.NftFlowtableInput): void {
    this.#push('createFlowtable', [flowtables.addFlowtable(flowtable, 'create')])
  }

  /** Deletes a flowtable; with `devices` and no `priority`, these alone (Linux 5.13). */
  deleteFlowtable(flowtable: flowtables.NftFlowtableRef): void {
    this.#push('deleteFlowtable', [flowtables.deleteFlowtable(flowtable, false)])
  }

  destroyFlowtable(flowtable: flowtables.NftFlowtableRef): void {
    this.#push('destroyFlowtable', [flowtables.deleteFlowtable(flowtable, true)])
  }

  /** Deletes every table, those of other programs too; with a family, the tables of that family. */
  flushRuleset(family?: OneOf<NftFamily>): void {
    this.#push('flushRuleset', [tables.flushTables(family)])
  }
}
