import pg from 'pg'
import type { ConnectionTarget } from '../database.ts'

/** What of a database is data: everything in `public` but the ledger of the migrations. */
export type SchemaRows = {
  readonly tables: readonly TableShape[]
  readonly sequences: readonly SequencePlace[]
}

export type TableShape = {
  readonly name: string
  /** Without those that the database computes. */
  readonly columns: readonly string[]
}

export type SequencePlace = {
  readonly name: string
  /** Decimal digits of 64 bits. */
  readonly last: string
  readonly isCalled: boolean
}

/** The engine's own tables; migrating writes them anew. */
const ledgerPrefix = 'schema_migration'

export type OwnerClient = pg.Client

/** A session of the owner without deadlines, which ends with the block. */
export async function openOwner(
  target: ConnectionTarget,
): Promise<{ readonly client: pg.Client; [Symbol.asyncDispose](): Promise<void> }> {
  const client = new pg.Client({
    ...target,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'studioops backup',
    statement_timeout: 0,
  })
  // The query that runs fails with the same error; without a listener the process would end.
  client.on('error', () => undefined)
  await client.connect()
  return {
    client,
    [Symbol.asyncDispose]: () => client.end().catch(() => undefined),
  }
}

/** The texts of values do not depend on the settings of a server or a role then. */
export const settledTexts = `
  set local statement_timeout = 0;
  set local idle_in_transaction_session_timeout = 0;
  set local lock_timeout = 0;
  set local client_encoding = 'UTF8';
  set local datestyle = 'ISO, YMD';
  set local intervalstyle = 'postgres';
  set local timezone = 'UTC';
  set local bytea_output = 'hex';
  set local extra_float_digits = 1;
  set local xmloption = 'content';
  set local synchronize_seqscans = off;
  set local search_path = public;
  set local row_security = off`

export async function readSchemaRows(client: pg.ClientBase): Promise<SchemaRows> {
  const { rows: tables } = await client.query<TableShape>(
    `select relname as name, array(
        select attname::text from pg_attribute
        where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
        order by attnum) as columns
     from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
       and not starts_with(relname, $1)
     order by relname collate "C"`,
    [ledgerPrefix],
  )
  const { rows: names } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace
       and relkind = 'S' and not starts_with(relname, $1) order by relname collate "C"`,
    [ledgerPrefix],
  )
  const sequences: SequencePlace[] = []
  for (const { name } of names) {
    const text = `select last_value::text as last, is_called as "isCalled" from ${quoted(name)}`
    const { rows } = await client.query<Omit<SequencePlace, 'name'>>(text)
    sequences.push(...rows.map((row) => ({ name, ...row })))
  }
  return { tables, sequences }
}

const quoted = (name: string) => `public.${pg.escapeIdentifier(name)}`

const columnsOf = ({ name, columns }: TableShape) =>
  `${quoted(name)} (${columns.map((column) => pg.escapeIdentifier(column)).join(', ')})`

export const copyOutText = (table: TableShape) => `copy ${columnsOf(table)} to stdout`
export const copyInText = (table: TableShape) => `copy ${columnsOf(table)} from stdin`

/** In the order in which they have to be held, so that no table changes its shape meanwhile. */
export async function holdShapes(
  client: pg.ClientBase,
  tables: readonly TableShape[],
): Promise<void> {
  if (tables.length === 0) return
  const text = `lock table ${tables.map(({ name }) => quoted(name)).join(', ')} in access share mode`
  await client.query(text)
}

type ForeignKey = { readonly table: string; readonly name: string; readonly definition: string }

/**
 * Makes every table of `public` empty and ready to be filled in any order: no trigger fires, no
 * foreign key is looked at. Within the transaction of the caller.
 *
 * @returns what puts triggers and foreign keys back, which looks at all rows
 */
export async function openForFilling(
  client: pg.ClientBase,
  tables: readonly TableShape[],
): Promise<() => Promise<void>> {
  const { rows: keys } = await client.query<ForeignKey>(
    `select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition
     from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace
       and conparentid = 0 order by 1, 2`,
  )
  const run = async (text: string) => void (await client.query(text))
  for (const { name } of tables) await run(`alter table ${quoted(name)} disable trigger user`)
  for (const { table, name } of keys)
    await run(`alter table ${table} drop constraint ${pg.escapeIdentifier(name)}`)
  await run(`truncate ${tables.map(({ name }) => quoted(name)).join(', ')}`)
  return async () => {
    for (const { table, name, definition } of keys)
      await run(`alter table ${table} add constraint ${pg.escapeIdentifier(name)} ${definition}`)
    for (const { name } of tables) await run(`alter table ${quoted(name)} enable trigger user`)
  }
}

export async function placeSequences(
  client: pg.ClientBase,
  sequences: readonly SequencePlace[],
): Promise<void> {
  for (const { name, last, isCalled } of sequences)
    await client.query('select setval($1::regclass, $2::bigint, $3)', [
      quoted(name),
      last,
      isCalled,
    ])
}

/** Ids of the migrations that have run, in the order of their files; none in an empty database. */
export async function readMigrations(client: pg.ClientBase): Promise<string[]> {
  const { rows: found } = await client.query(
    `select from pg_class where oid = to_regclass('public.schema_migrations')`,
  )
  if (found.length === 0) return []
  const { rows } = await client.query<{ name: string }>(
    `select migration_name as name from public.schema_migrations
     where status = 'completed' order by 1`,
  )
  return rows.map(({ name }) => name)
}
