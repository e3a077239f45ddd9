/** Kernel parameters that make a network better, and without which it is one. */

/** A kernel without IPv6 has not all of them; who may not write in /proc/sys leaves them as whoever forbids that has them. */
const LEFT = ['ENOENT', 'EROFS', 'EACCES']

export async function prefer(setting: Promise<void>): Promise<void> {
  try {
    await setting
  } catch (error) {
    if (!LEFT.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
