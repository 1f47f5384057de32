import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'
import type { ToolDefinition } from './tools.pins.ts'

export type NewServer = {
  readonly id: string
  readonly userId: string
  readonly name: string
  readonly kind: 'http' | 'stdio'
  readonly address: string
  readonly encryptedToken: string | null
  readonly tokenHint: string | null
  readonly isVerified: boolean
  /** PEM. */
  readonly certificate: string | null
}

/** @returns false where the name is taken */
export async function insertServer(db: Db, server: NewServer): Promise<boolean> {
  const done = await db
    .insertInto('tool_servers')
    .values({
      id: server.id,
      user_id: server.userId,
      name: server.name,
      kind: server.kind,
      address: server.address,
      encrypted_token: server.encryptedToken,
      token_hint: server.tokenHint,
      is_verified: server.isVerified,
      certificate: server.certificate,
    })
    .onConflict((conflict) => conflict.columns(['user_id', 'name']).doNothing())
    .executeTakeFirst()
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function listServers(db: Db) {
  return db
    .selectFrom('tool_servers')
    .select([
      'id',
      'name',
      'kind',
      'address',
      'encrypted_token',
      'token_hint',
      'is_verified',
      'certificate',
    ])
    .where('user_id', '=', transactionUser)
    .orderBy('created_at')
    .limit(100)
    .execute()
}
export type ServerRow = Awaited<ReturnType<typeof listServers>>[number]

/** With its list and what was accepted of it. @returns false where there is none */
export async function removeServer(db: Db, server: string): Promise<boolean> {
  await forget(db, server)
  const gone = await db
    .deleteFrom('tool_servers')
    .where('id', '=', server)
    .where('user_id', '=', transactionUser)
    .executeTakeFirst()
  return gone.numDeletedRows > 0n
}

export async function forget(db: Db, server: string): Promise<void> {
  for (const table of ['tool_cache', 'tool_pins'] as const)
    await db
      .deleteFrom(table)
      .where('server', '=', server)
      .where('user_id', '=', transactionUser)
      .execute()
}

export async function listCached(db: Db) {
  return db
    .selectFrom('tool_cache')
    .select([
      'server',
      'tools',
      'fetched_at',
      'failing_since',
      'failure_code',
      'failure_facts',
      'next_refresh_at',
    ])
    .where('user_id', '=', transactionUser)
    .execute()
}
export type CacheRow = Awaited<ReturnType<typeof listCached>>[number]

export async function listPins(db: Db) {
  return db
    .selectFrom('tool_pins')
    .select(['server', 'tool', 'hash', 'definition'])
    .where('user_id', '=', transactionUser)
    .execute()
}
export type PinRow = Awaited<ReturnType<typeof listPins>>[number]

type Place = { readonly userId: string; readonly server: string }

export async function saveTools(
  db: Db,
  { userId, server }: Place,
  { tools, nextInMs }: { tools: readonly ToolDefinition[]; nextInMs: number },
): Promise<void> {
  const values = {
    tools: toJsonb(tools),
    fetched_at: sql<Date>`clock_timestamp()`,
    failing_since: null,
    failure_code: null,
    failure_facts: null,
    next_refresh_at: sql<Date>`now() + ${nextInMs} * interval '1 millisecond'`,
    lease_until: null,
  }
  await db
    .insertInto('tool_cache')
    .values({ user_id: userId, server, ...values })
    .onConflict((conflict) => conflict.columns(['user_id', 'server']).doUpdateSet(values))
    .execute()
}

/** The list stays as it was; only that it is not fresh is noted. */
export async function saveFailure(
  db: Db,
  { userId, server }: Place,
  { code, facts, nextInMs }: { code: string; facts: unknown; nextInMs: number },
): Promise<void> {
  const values = {
    failure_code: code,
    failure_facts: toJsonb(facts),
    next_refresh_at: sql<Date>`now() + ${nextInMs} * interval '1 millisecond'`,
    lease_until: null,
  }
  await db
    .insertInto('tool_cache')
    .values({ user_id: userId, server, failing_since: sql<Date>`now()`, ...values })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'server']).doUpdateSet({
        ...values,
        failing_since: sql<Date>`coalesce(tool_cache.failing_since, now())`,
      }),
    )
    .execute()
}

export async function savePin(
  db: Db,
  { userId, server }: Place,
  { definition, hash }: { definition: ToolDefinition; hash: string },
): Promise<void> {
  const values = { hash, definition: toJsonb(definition), approved_at: sql<Date>`now()` }
  await db
    .insertInto('tool_pins')
    .values({ user_id: userId, server, tool: definition.name, ...values })
    .onConflict((conflict) => conflict.columns(['user_id', 'server', 'tool']).doUpdateSet(values))
    .execute()
}

export type Due = { readonly userId: string; readonly server: string }

/** Lists that are due and not planned yet. Disabled people are left alone. */
export async function takeDue(
  db: Db,
  { plannedMs, limit }: { readonly plannedMs: number; readonly limit: number },
): Promise<Due[]> {
  const { rows } = await sql<Due>`
    update tool_cache cache set lease_until = now() + ${plannedMs} * interval '1 millisecond'
    from (
      select due.user_id, due.server from tool_cache due
      join users on users.id = due.user_id and users.disabled_at is null
      where due.next_refresh_at <= now()
        and (due.lease_until is null or due.lease_until < now())
      order by due.next_refresh_at limit ${limit} for update of due skip locked) next
    where cache.user_id = next.user_id and cache.server = next.server
    returning cache.user_id as "userId", cache.server`.execute(db)
  return rows
}
