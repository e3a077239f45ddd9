/** Every operation, by the name that it has in all faces. */

export * from './netns/operations.js'
export * from './rtnetlink/operations.js'
