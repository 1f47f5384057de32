import type { ClientConfig } from 'pg'
import { createCatalogReader, rememberReadings } from '../catalog/catalog-reader.ts'
import type { Facts } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { openImageCache, type FoundImage, type ImageCache } from './image-cache.ts'
import type { ImageCacheOptions } from './image-cache.ts'
import { openPglite } from './pglite-session.ts'
import { replayStatements, type Replay, type ReplayOptions } from './replay.ts'
import type { ShadowStatement } from './replay.ts'
import { openScratch } from './scratch-session.ts'
import { readServerError } from './server-error.ts'
import type { ShadowSession } from './session.ts'

/** A database to try migrations on, which is thrown away. One call at a time. */
export type Shadow = {
  readonly kind: 'pglite' | 'server'
  /** Such as 18. */
  readonly major: number
  /** Leading checksums of the asked-for prefix that came out of an image; 0 for an empty database. */
  readonly restored: number
  /**
   * Replays the statements of one file: in a session as fresh as the executor's, in the executor's
   * transactions. Rejects only when the shadow itself breaks.
   */
  readonly replay: (
    statements: readonly ShadowStatement[],
    options?: ReplayOptions,
  ) => Promise<Replay>
  /** What it holds now. */
  readonly facts: () => Promise<Facts>
  /** For reading and for trying things out; in no transaction between two calls. */
  readonly query: Query
  /** Keeps what it holds as the image of a prefix. Does nothing on a server. */
  readonly saveImage: (checksums: readonly string[]) => Promise<void>
  /** Must be called: an open PGlite keeps the process alive, a scratch database takes space. */
  readonly close: () => Promise<void>
}

type CommonOptions = {
  /** Roles that migrations expect to be there; made where they are missing, without any right. */
  readonly roles?: readonly string[]
  /** Role that everything is made by, as on the target; default: the superuser. */
  readonly runAs?: string
  /** Settings of every file, such as `search_path` and `TimeZone` of the target. */
  readonly settings?: Readonly<Record<string, string>>
  /** Schema of the engine's ledger; default `public`. */
  readonly ledgerSchema?: string
}

export type ShadowOptions = CommonOptions & {
  /** Extensions that `create extension` must find; those that PGlite lacks are left out. */
  readonly extensions?: readonly string[]
  /** Where images lie, and the checksums of the prefix that is wanted. */
  readonly image?: ImageCacheOptions & {
    readonly checksums: readonly string[]
    /** Version of this package: another engine may replay differently. */
    readonly engineVersion: string
  }
}

/**
 * Opens a shadow inside this process. With `image` it starts from the longest prefix that was kept;
 * `restored` says how much of it remains to be replayed.
 */
export async function openShadow(options: ShadowOptions = {}): Promise<Shadow> {
  const { extensions = [], image } = options
  if (image === undefined) return shadowOf(await openPglite(extensions), options)
  const cache = openImageCache(image, {
    pgliteVersion: await pgliteVersion(),
    extensions,
    engineVersion: image.engineVersion,
    runAs: options.runAs,
  })
  const { session, restored } = await openFromCache(cache, extensions, image.checksums)
  return shadowOf(session, { ...options, cache, restored })
}

export type ScratchOptions = CommonOptions & {
  /** Of a role that may create databases; the scratch database gets its database's locale. */
  readonly connection: ClientConfig
}

/**
 * Opens a shadow as a database of its own on a server, for what PGlite cannot do.
 *
 * @throws the driver's error where the server cannot be reached or refuses
 */
export async function openScratchShadow(options: ScratchOptions): Promise<Shadow> {
  return shadowOf(await openScratch(options.connection), options)
}

async function openFromCache(
  cache: ImageCache,
  extensions: readonly string[],
  checksums: readonly string[],
): Promise<{ session: ShadowSession; restored: number }> {
  let found: FoundImage | undefined
  while ((found = await cache.find(checksums)) !== undefined) {
    const session = await openPglite(extensions, found.bytes).catch(() => undefined)
    if (session !== undefined) return { session, restored: found.length }
    await found.discard()
  }
  const session = await openPglite(extensions)
  // A first start takes ten times as long as one from an image, even an empty one.
  if (session.dump !== undefined) await cache.save([], await session.dump())
  return { session, restored: 0 }
}

async function pgliteVersion(): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  const { createRequire } = await import('node:module')
  const { dirname, join } = await import('node:path')
  const main = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const text = await readFile(join(dirname(main), '..', 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

type Opened = CommonOptions & { readonly cache?: ImageCache; readonly restored?: number }

async function shadowOf(session: ShadowSession, options: Opened): Promise<Shadow> {
  const { cache, restored = 0, ledgerSchema } = options
  try {
    const { rows } = await session.query(
      `select current_setting('server_version_num')::integer / 10000 as major`,
    )
    const made = await makeRoles(session, options)
    if (session.kind === 'pglite') rememberReadings(session.query)
    const reader = createCatalogReader(
      session.query,
      ledgerSchema === undefined ? {} : { ledgerSchema },
    )
    return {
      kind: session.kind,
      major: Number(rows[0]?.['major']),
      restored,
      query: session.query,
      async replay(statements, replayOptions = {}) {
        await freshen(session, options)
        return replayStatements({ session, reader }, statements, replayOptions)
      },
      facts: () => reader.refresh(),
      async saveImage(checksums) {
        if (cache === undefined || session.dump === undefined) return
        await session.run('checkpoint')
        await cache.save(checksums, await session.dump())
      },
      async close() {
        if (session.kind === 'server') await dropRoles(session, made)
        await session.close()
      },
    }
  } catch (error) {
    await session.close()
    throw error
  }
}

/** What the executor does before each file, too: nothing of one file's session reaches the next. */
async function freshen(session: ShadowSession, options: CommonOptions): Promise<void> {
  await session.run('reset session authorization')
  await session.run('reset all')
  await session.run('discard temp')
  if (options.runAs !== undefined)
    await session.run(`set session authorization ${quoteName(options.runAs)}`)
  const settings = { search_path: '"$user", public', ...options.settings }
  for (const [name, value] of Object.entries(settings))
    await session.query('select set_config($1, $2, false)', [name, value])
}

/** @returns the roles that were not there before */
async function makeRoles(
  session: ShadowSession,
  { roles = [], runAs }: CommonOptions,
): Promise<readonly string[]> {
  const wanted = [...new Set([...roles, ...(runAs === undefined ? [] : [runAs])])]
  const { rows } = await session.query('select rolname from pg_roles')
  const there = new Set(rows.map(({ rolname }) => rolname))
  const missing = wanted.filter((role) => !there.has(role) && !isReserved(role))
  for (const role of missing) {
    // Whoever makes everything must be able to make extensions, as the superuser here can.
    const rights = role === runAs && session.kind === 'pglite' ? 'superuser' : 'nologin'
    await session.run(`create role ${quoteName(role)} ${rights}`)
  }
  return missing
}

function isReserved(role: string): boolean {
  return role.startsWith('pg_') || role === 'public' || role === 'none'
}

/** Roles belong to the whole server, where they would stay; those that own something do stay. */
async function dropRoles(session: ShadowSession, roles: readonly string[]): Promise<void> {
  await session.run('reset session authorization').catch(() => {})
  for (const role of roles) {
    await dropOwned(session, role)
    await session.run(`drop role ${quoteName(role)}`).catch(ignoreServerErrors)
  }
}

async function dropOwned(session: ShadowSession, role: string): Promise<void> {
  await session.run(`drop owned by ${quoteName(role)} cascade`).catch(ignoreServerErrors)
}

function ignoreServerErrors(error: unknown): void {
  if (readServerError(error) === undefined) throw error
}
