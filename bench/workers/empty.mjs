// What every ES module that is made of a CommonJS one costs: see bench/suites/startup.ts.
import empty from './empty.cjs'

export const { nothing } = empty
