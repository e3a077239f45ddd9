/** Which of some files speak of something: to look for it in all of them takes far less time than to read each as a text. */

import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** Most files are shorter. */
const ROOM = 65_536

/** Those that have one of the texts in them, or cannot be read. */
export function filesWith(directory: string, files: readonly string[], texts: readonly string[]): string[] {
  const wanted = texts.map((text) => Buffer.from(text))
  const room = Buffer.allocUnsafe(ROOM)
  return files.filter((name) => hasOne(join(directory, name), wanted, room))
}

function hasOne(path: string, wanted: readonly Buffer[], room: Buffer): boolean {
  try {
    const bytes = contentOf(path, room)
    return wanted.some((text) => bytes.includes(text))
  } catch (error) {
    // It may have gone meanwhile; of others whoever reads it is told.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

function contentOf(path: string, room: Buffer): Buffer {
  const fd = openSync(path, 'r')
  try {
    const length = readSync(fd, room, 0, room.length, null)
    return length < room.length ? room.subarray(0, length) : readFileSync(path)
  } finally {
    closeSync(fd)
  }
}
