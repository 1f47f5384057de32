import type { Query } from '../catalog/query.ts'

/** What of the database decides where its migrations can be tried, and what they find there. */
export type TargetFacts = {
  /** Such as 18. */
  readonly major: number
  /** Extensions that it has; `plpgsql` included. */
  readonly extensions: readonly string[]
  /** Names of the roles of its server, those of the system left out. */
  readonly roles: readonly string[]
  /** The role that makes what the migrations make. */
  readonly role: string
  /** As in `SET search_path`. */
  readonly searchPath: string
  readonly timeZone: string
  /** Whether a scratch database may be made beside it. */
  readonly canCreateDatabase: boolean
}

export type ReadTargetOptions = {
  /** The role that owns what the migrations make; default: the one that connects. */
  readonly role?: string | undefined
  /** What every file begins with; default: what the role has. */
  readonly searchPath?: string | undefined
}

/**
 * Reads them in one query.
 *
 * @throws the driver's error
 */
export async function readTarget(
  query: Query,
  { role, searchPath }: ReadTargetOptions = {},
): Promise<TargetFacts> {
  const { rows } = await query(
    `select current_setting('server_version_num')::integer / 10000 as major,
        current_user::text as role, current_setting('search_path') as search_path,
        current_setting('TimeZone') as time_zone,
        (select rolcreatedb or rolsuper from pg_catalog.pg_roles where rolname = current_user)
          and version() not like '%PGlite%' as can_create,
        to_json(array(select extname::text from pg_catalog.pg_extension order by 1)) as extensions,
        to_json(array(select rolname::text from pg_catalog.pg_roles
          where rolname !~ '^pg_' order by 1)) as roles`,
  )
  const row = rows[0] ?? {}
  return {
    major: Number(row['major']),
    extensions: names(row['extensions']),
    roles: names(row['roles']),
    role: role ?? String(row['role']),
    searchPath: searchPath ?? String(row['search_path']),
    timeZone: String(row['time_zone']),
    canCreateDatabase: row['can_create'] === true,
  }
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
