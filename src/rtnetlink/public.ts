export { isKind, type Link, type LinkFlag, type LinkStats, type OperState } from './link/link.js'
export type { Dev, IncludeOptions } from './link/request.js'
