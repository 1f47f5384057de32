import { objectTo } from '../objection.ts'
import { ledgerReasons } from './ledger-reasons.ts'
import { detailColumns, prescribedColumns } from './ledger-tables.ts'
import type { Adoption, PreparedLedger } from './prepare-ledger.ts'

/** Takes over a table with the prescribed columns: adds what is missing, keeps every row. */
export async function adoptPrescribed({ query, ledger }: Adoption): Promise<PreparedLedger> {
  const table = ledger.migrations
  const details = Object.entries(detailColumns)
  const add = details.map(([name, type]) => `add column if not exists ${name} ${type}`)
  await query(`alter table ${table} ${add.join(', ')}`)
  const relax = details.map(([name]) => `alter column ${name} drop not null`)
  await query(
    `alter table ${table} ${relax.join(', ')}, alter column created_at drop not null,
       alter column duration_ms type bigint`,
  )
  await dropUniqueConstraint({ query, ledger })
  return { kind: 'ready', adopted: [] }
}

/** The unique index of ours replaces the constraint, whatever that one is called. */
async function dropUniqueConstraint({ query, ledger }: Pick<Adoption, 'query' | 'ledger'>) {
  const constraints = await query<{ name: string }>(
    `select quote_ident(c.conname) as name
       from pg_catalog.pg_constraint c
       join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and array[a.attnum] = c.conkey
      where c.conrelid = $1::regclass and c.contype = 'u' and a.attname = 'migration_name'`,
    [ledger.migrations],
  )
  for (const { name } of constraints)
    await query(`alter table ${ledger.migrations} drop constraint ${name}`)
}

/** Takes over a table of versions: one completed row for each of them, under the name of its file. */
export async function adoptVersions(
  adoption: Adoption,
  appliedAt: string | undefined,
): Promise<PreparedLedger> {
  const { query, ledger } = adoption
  const rails = await query('select 1 as one from pg_catalog.pg_class where relname = $1', [
    'ar_internal_metadata',
  ])
  if (rails.length > 0) return refuse(adoption, ledgerReasons.stillUsed, { tool: 'Rails' })

  const versions = await query<{ version: string }>(
    `select version::text as version from ${ledger.migrations} order by 1`,
  )
  const names = new Map(versions.map(({ version }) => [version, nameOf(version, adoption.names)]))
  const objection = await adoption.proveClaims?.([...names.values()])
  if (objection !== undefined) return { kind: 'refused', objection }
  const origin = ['version', ...(appliedAt === undefined ? [] : [appliedAt])].join(', ')
  await addPrescribed(adoption)
  await query(
    `update ${ledger.migrations} t set migration_name = n.name, origin = $2,
        completed_at = ${appliedAt ?? 'null'}, created_at = ${appliedAt ?? 'null'}
       from jsonb_each_text($1::jsonb) n (version, name) where n.version = t.version::text`,
    [JSON.stringify(Object.fromEntries(names)), `schema_migrations (${origin})`],
  )
  await finishPrescribed(adoption)
  await query(
    `create unique index if not exists schema_migrations_version on ${ledger.migrations} (version)`,
  )
  return { kind: 'ready', adopted: [...names.values()] }
}

/** Takes over golang-migrate's one row, if the caller can prove that every file up to it ran. */
export async function adoptHighWaterMark(adoption: Adoption): Promise<PreparedLedger> {
  const { query, ledger, proveClaims } = adoption
  const [mark] = await query<{ version: string; dirty: boolean }>(
    `select version::text as version, dirty from ${ledger.migrations}`,
  )
  const version = mark?.version ?? '0'
  if (mark?.dirty === true) return refuse(adoption, ledgerReasons.dirtyMark, { version })
  if (proveClaims === undefined) return refuse(adoption, ledgerReasons.highWaterMark, { version })
  const names = adoption.names.filter((name) => {
    const number = prefixOf(name)
    return number !== undefined && BigInt(number) <= BigInt(version)
  })
  const objection = await proveClaims(names)
  if (objection !== undefined) return { kind: 'refused', objection }
  await addPrescribed(adoption)
  await query(`delete from ${ledger.migrations}`)
  await query(
    `insert into ${ledger.migrations} (migration_name, status, origin)
     select name, 'completed', 'schema_migrations (version, dirty)' from unnest($1::text[]) name`,
    [names],
  )
  await finishPrescribed(adoption)
  return { kind: 'ready', adopted: names }
}

/** Whatever key and rules the other tool had, its columns stay as nullable details. */
async function addPrescribed({ query, ledger }: Adoption): Promise<void> {
  const keys = await query<{ change: string }>(
    `select format('drop constraint %I', conname) as change from pg_catalog.pg_constraint
      where conrelid = $1::regclass and contype in ('p', 'u')`,
    [ledger.migrations],
  )
  await change(keys.map((key) => key.change))
  const strict = await query<{ change: string }>(
    `select format('alter column %I drop not null', attname) as change from pg_catalog.pg_attribute
      where attrelid = $1::regclass and attnum > 0 and attnotnull and not attisdropped`,
    [ledger.migrations],
  )
  await change(strict.map((column) => column.change))
  const rules: Readonly<Record<string, string>> = {
    id: 'uuid default gen_random_uuid()',
    migration_type: `text default 'schema_change'`,
    status: `text default 'completed'`,
    created_at: 'timestamptz default now()',
  }
  const columns = Object.entries({ ...prescribedColumns, ...detailColumns, ...rules })
  await change(columns.map(([name, rule]) => `add column if not exists ${name} ${rule}`))

  async function change(changes: readonly string[]) {
    if (changes.length > 0) await query(`alter table ${ledger.migrations} ${changes.join(', ')}`)
  }
}

async function finishPrescribed({ query, ledger }: Adoption): Promise<void> {
  await query(
    `alter table ${ledger.migrations} add primary key (id),
       alter column created_at type timestamptz,
       alter column migration_name set not null,
       alter column migration_type set not null, alter column migration_type drop default,
       alter column status set not null, alter column status set default 'pending',
       add check (migration_type in ('consolidation', 'schema_change', 'data_migration')),
       add check (status in ('pending', 'in_progress', 'completed', 'failed', 'rolled_back'))`,
  )
}

function refuse(
  { ledger }: Adoption,
  reason: Parameters<typeof objectTo>[0],
  facts: Readonly<Record<string, string>>,
): PreparedLedger {
  const place = { migration: '', object: `${ledger.schema}.schema_migrations` }
  return { kind: 'refused', objection: objectTo(reason, place, facts) }
}

/** The file whose name is the version or begins with it; numbers are compared as numbers. */
function nameOf(version: string, names: readonly string[]): string {
  const isNumber = /^\d+$/.test(version)
  const found = names.find((name) => {
    const prefix = prefixOf(name)
    if (name === version) return true
    return isNumber && prefix !== undefined && BigInt(prefix) === BigInt(version)
  })
  return found ?? `legacy_${version}`
}

function prefixOf(name: string): string | undefined {
  return /^[Vv]?(\d+)/.exec(name)?.[1]
}
