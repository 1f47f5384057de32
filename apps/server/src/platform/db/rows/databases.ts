import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { ConnectionTarget } from '../database.ts'
import { openOwner } from './schema-rows.ts'

/** The name of the database that a target leads to. */
export function databaseOf({ connectionString, database, user }: ConnectionTarget): string {
  if (connectionString === undefined) return database ?? user ?? 'postgres'
  const { pathname, username } = new URL(connectionString)
  return decodeURIComponent(pathname.slice(1) || username)
}

/** Another database of the same server. */
export function onDatabase(target: ConnectionTarget, database: string): ConnectionTarget {
  if (target.connectionString === undefined) return { ...target, database }
  const url = new URL(target.connectionString)
  url.pathname = `/${encodeURIComponent(database)}`
  return { ...target, connectionString: url.href }
}

const scratchPattern = '^studioops_restore_[0-9a-f]{8}$'

const run = async (client: pg.ClientBase, text: string) => void (await client.query(text))

/** What restores that were killed have left, unless somebody works there. */
export async function dropLeftovers(target: ConnectionTarget): Promise<void> {
  await using session = await openOwner(target)
  const { rows } = await session.client.query<{ name: string }>(
    `select datname as name from pg_database
     where datname ~ $1 and pg_has_role(datdba, 'usage')
       and not exists (select from pg_stat_activity where datname = pg_database.datname)`,
    [scratchPattern],
  )
  for (const { name } of rows)
    await run(session.client, `drop database if exists ${pg.escapeIdentifier(name)}`)
}

/**
 * An empty database beside the one of the target, which sorts and compares as that one does.
 *
 * @returns undefined where this login may not make one
 */
export async function makeScratch(target: ConnectionTarget): Promise<ConnectionTarget | undefined> {
  await using session = await openOwner(target)
  const { rows } = await session.client.query<{ may: boolean; locale: Record<string, string> }>(
    `select (select rolcreatedb or rolsuper from pg_roles where rolname = current_user) as may,
       to_jsonb(pg_database) as locale from pg_database where datname = current_database()`,
  )
  const [own] = rows
  if (own?.may !== true) return undefined
  const name = `studioops_restore_${randomBytes(4).toString('hex')}`
  await run(
    session.client,
    `create database ${pg.escapeIdentifier(name)} template template0 encoding 'UTF8' ${localeOf(own.locale)}`,
  )
  return onDatabase(target, name)
}

/** The columns changed their names in PostgreSQL 15 and 17. */
function localeOf(row: Record<string, string | null>): string {
  const text = (value: string | null | undefined) => pg.escapeLiteral(value ?? '')
  const common = `lc_collate ${text(row['datcollate'])} lc_ctype ${text(row['datctype'])}`
  const locale = row['datlocale'] ?? row['daticulocale']
  if (row['datlocprovider'] === 'b')
    return `${common} locale_provider builtin builtin_locale ${text(locale)}`
  if (row['datlocprovider'] === 'i')
    return `${common} locale_provider icu icu_locale ${text(locale)}`
  return common
}

export async function dropDatabase(target: ConnectionTarget, dropped: ConnectionTarget) {
  await using session = await openOwner(target)
  const name = pg.escapeIdentifier(databaseOf(dropped))
  await run(session.client, `drop database if exists ${name} with (force)`)
}

/**
 * Puts a database in the place of another in one transaction.
 *
 * @returns the name under which the earlier one is kept
 * @throws PostgreSQL's 55006 where somebody is connected to one of them
 */
export async function exchange(
  target: ConnectionTarget,
  next: ConnectionTarget,
  at: Date,
): Promise<string> {
  const name = databaseOf(target)
  const stamp = at.toISOString().replace(/\.\d+Z|\D/g, '')
  const kept = `${name}_before_${stamp}`
  await using session = await openThird(target)
  const { client } = session
  const id = pg.escapeIdentifier
  await client.query('begin')
  await run(client, `alter database ${id(name)} rename to ${id(kept)}`)
  await run(client, `alter database ${id(databaseOf(next))} rename to ${id(name)}`)
  await client.query('commit')
  return kept
}

/** Neither of two databases can be renamed by who is connected to it. */
async function openThird(target: ConnectionTarget) {
  try {
    return await openOwner(onDatabase(target, 'postgres'))
  } catch {
    return openOwner(onDatabase(target, 'template1'))
  }
}

export type Occupant = {
  /** Somebody has an account there. */
  readonly hasPeople: boolean
  /** No table at all. */
  readonly isEmpty: boolean
  /** Undefined where the schema is older than that. */
  readonly installationId?: string
  /** Sessions of the product. */
  readonly sessions: number
  readonly rows: Readonly<Record<string, number>>
}

/** Who lives in the database of a target. */
export async function lookAt(target: ConnectionTarget): Promise<Occupant> {
  await using session = await openOwner(target)
  const { client } = session
  const { rows: tables } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace
       and relkind = 'r' and not starts_with(relname, 'schema_migration') order by 1`,
  )
  const { rows: sessions } = await client.query<{ count: number }>(
    `select count(*)::int from pg_stat_activity where datname = current_database()
       and pid <> pg_backend_pid() and application_name like 'studioops studioops%'`,
  )
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const text = `select count(*)::int from public.${pg.escapeIdentifier(name)}`
    counts[name] = (await client.query<{ count: number }>(text)).rows[0]?.count ?? 0
  }
  const id = await readInstallationId(client)
  return {
    isEmpty: tables.length === 0,
    hasPeople: (counts['users'] ?? 0) > 0,
    sessions: sessions[0]?.count ?? 0,
    rows: counts,
    ...(id === undefined ? {} : { installationId: id }),
  }
}

async function readInstallationId(client: pg.ClientBase): Promise<string | undefined> {
  const { rows: found } = await client.query(
    `select from pg_attribute where attrelid = to_regclass('public.workspace')
       and attname = 'installation_id'`,
  )
  if (found.length === 0) return undefined
  const { rows } = await client.query<{ id: string }>(
    'select installation_id as id from public.workspace',
  )
  return rows[0]?.id
}
