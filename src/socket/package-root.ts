import { fileURLToPath } from 'node:url'

/** The package's own directory: this file lies two levels below it, in src/ as in dist/. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url))
