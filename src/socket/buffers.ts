/**
 * The receive buffers of the asynchronous face. There are few, which take turns: the addon's thread sends and receives one submission after
 * another, and a buffer for each that waits would be a megabyte to fill with zeros, which V8 collects garbage for besides.
 */

import { RECEIVE_SIZE } from './settings.js'

/** So many submissions are with the addon's thread, which has work while the JavaScript thread reads the answers to others. */
const MAX_BUFFERS = 8

const spare: Uint8Array[] = []
const waiting: ((buffer: Uint8Array) => void)[] = []
let made = 0

/** Calls `then` with a buffer: at once where one is free, otherwise in the order of asking. */
export function takeBuffer(then: (buffer: Uint8Array) => void): void {
  const buffer = spare.pop()
  if (buffer !== undefined) then(buffer)
  else if (made < MAX_BUFFERS) {
    made++
    then(new Uint8Array(RECEIVE_SIZE))
  } else waiting.push(then)
}

/** Nothing may keep a view of it. */
export function giveBuffer(buffer: Uint8Array): void {
  const next = waiting.shift()
  if (next === undefined) spare.push(buffer)
  else next(buffer)
}
