import { posix, type PlatformPath } from 'node:path'

/** Where a repository lies, how its machine writes paths, and the source folder of each workspace. */
export type Repository = {
  readonly root: string
  readonly path: PlatformPath
  readonly workspaces: ReadonlyMap<string, string>
}

/** A file below the root as the tables write it: relative, with `/` on every system. */
export function repositoryPath({ root, path }: Repository, file: string): string {
  return path.relative(root, file).replaceAll('\\', '/')
}

/**
 * What a specifier means.
 *
 * @param from the importing file, as `repositoryPath` gives it
 * @returns a repository path, or the name of a library without its subpath (`node:fs` stays whole)
 */
export function importTarget({ workspaces }: Repository, from: string, specifier: string): string {
  const bare = specifier.split('?')[0] ?? specifier
  if (bare.startsWith('.')) return posix.join(posix.dirname(from), bare)
  const depth = bare.startsWith('@') ? 2 : 1
  const name = bare.split('/').slice(0, depth).join('/')
  return workspaces.get(name) ?? name
}
