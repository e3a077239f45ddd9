/**
 * What the tests of this project share, made once: the package's tarball, and a project into which npm has installed it and built its
 * addon. The tarball holds what `npm run build` has made last.
 */

import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the packed package. */
    tarball: string
    /** A project's directory with the package in its node_modules, ready to be used. */
    project: string
    /** The same, but its install script was not run. */
    unbuilt: string
  }
}

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')

export default async function setup(vitest: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'netlink-ts-package-'))
  const remove = () => rm(directory, { recursive: true, force: true })
  try {
    const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory], {
      cwd: ROOT,
    })
    const tarball = join(directory, JSON.parse(packed.stdout)[0].filename)
    const project = join(directory, 'project')
    const unbuilt = join(directory, 'unbuilt')
    await cp(join(import.meta.dirname, 'project'), unbuilt, { recursive: true })
    await run(
      'npm',
      ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball],
      {
        cwd: unbuilt,
      },
    )
    await cp(unbuilt, project, { recursive: true })
    // Of a compiler that warns of something nobody is kept from installing.
    const env = { ...process.env, CXXFLAGS: '-Wnamespaces' }
    await run('npm', ['rebuild', 'netlink-ts'], { cwd: project, env })
    await mkdir(join(project, 'node_modules/@types'))
    await symlink(join(ROOT, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'))
    vitest.provide('tarball', tarball)
    vitest.provide('project', project)
    vitest.provide('unbuilt', unbuilt)
  } catch (error) {
    await remove()
    throw error
  }
  return remove
}
