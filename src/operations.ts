/** Every operation, by the name that it has in all faces. */

export * from './methods.js'
export * from './netns/operations.js'
