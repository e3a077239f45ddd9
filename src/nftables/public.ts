/** What both faces of netlink-ts/nftables export besides the operations. */

export * from './builder/index.js'
export type { NftChain, NftChainInput, NftChainRef, NftChainType, NftPolicy } from './chain.js'
export type { NftData } from './data.js'
export type { DatatypeName, Scalar } from './datatypes.js'
export type {
  ElementKey,
  ElementValue,
  KeyPart,
  NftElement,
  NftElementFilter,
  NftElementInput,
  NftElementsInput,
} from './element.js'
export type { Expression, ExpressionName, KnownExpression, UnknownExpression } from './expression.js'
export type { NftFlowtable, NftFlowtableInput, NftFlowtableRef } from './flowtable.js'
export type { NftElementRef } from './get-element.js'
export type { NftHook, PriorityName } from './hooks.js'
export type { NftFilter, NftObjectFilter, NftRuleFilter, NftTableFilter } from './list.js'
export type { NftHookFilter, NftHookFunction, NftHookPlace } from './list-hooks.js'
export type {
  ChainFlag,
  FlowtableFlag,
  NftFamily,
  ObjectType,
  SetFlag,
  SetPolicy,
  TableFlag,
} from './names.js'
export type { NftObject, NftObjectInput, NftObjectRef, ObjectData } from './object.js'
export type { Transaction } from './recorder.js'
export type { AnonymousChainInput, AnonymousSetInput, NftRule, NftRuleInput, NftRuleRef } from './rule.js'
export type {
  ListRulesetOptions,
  NftChainContents,
  NftRuleContents,
  NftRuleset,
  NftSetContents,
  NftTableContents,
} from './ruleset.js'
export type { FieldName, MapType, NftSet, NftSetInput, NftSetRef, SetFields, SetType } from './set.js'
export type { NftTable, NftTableInput, NftTableRef } from './table.js'
export type { NftTrace } from './trace.js'
export type { TransactionOptions, TransactionResult } from './transaction.js'
export type { Range, Verdict } from './value.js'
