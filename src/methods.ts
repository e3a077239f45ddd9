/** The operations that act in a namespace: the methods of its handle. */

export { getSysctl, setSysctl } from './netns/sysctl.js'
export * from './rtnetlink/operations.js'
