import type pg from 'pg'

/** A table whose rows belong to somebody, and the condition that finds the rows of `$1`. */
export type OwnedTable = { readonly table: string; readonly ofPerson: string }

/** Columns that name the person whom a row belongs to. */
export const ownerColumns = ['user_id', 'owner_id', 'actor_id']

/**
 * Every table whose rows belong to a person, by a column or through a table with which they go.
 * Read from the catalogue, so that a new table is among them on its first day.
 */
export async function findOwnedTables(db: pg.Client): Promise<OwnedTable[]> {
  const { rows: direct } = await db.query<{ table: string; column: string }>(
    `select c.relname as table, min(a.attname) as column
     from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
     where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
       and a.attname = any($1) and a.atttypid = 'uuid'::regtype
     group by c.relname`,
    [ownerColumns],
  )
  const owned = new Map<string, string>([
    ['users', 'id = $1'],
    ['projects', 'id in (select project_id from project_members where user_id = $1)'],
    // Kept when the project goes, so the foreign key does not say whose they are.
    ['purchases', 'created_by = $1'],
  ])
  for (const { table, column } of direct) owned.set(table, `${column} = $1`)
  const { rows: links } = await db.query<Link>(
    `select c.conrelid::regclass::text as table, a.attname as column,
       c.confrelid::regclass::text as target, f.attname as key
     from pg_constraint c
     join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
     join pg_attribute f on f.attrelid = c.confrelid and f.attnum = c.confkey[1]
     where c.contype = 'f' and array_length(c.conkey, 1) = 1 and c.confdeltype = 'c'
       and c.connamespace = 'public'::regnamespace`,
  )
  let found = true
  while (found) {
    found = false
    for (const { table, column, target, key } of links) {
      const above = owned.get(target)
      if (above === undefined || owned.has(table)) continue
      owned.set(table, `${column} in (select ${key} from ${target} where ${above})`)
      found = true
    }
  }
  return [...owned].map(([table, ofPerson]) => ({ table, ofPerson }))
}

type Link = { table: string; column: string; target: string; key: string }

/** Every row of a person as the text of its JSON, by table. */
export async function readRows(
  db: pg.Client,
  tables: readonly OwnedTable[],
  userId: string,
): Promise<Map<string, Record<string, unknown>[]>> {
  const rows = new Map<string, Record<string, unknown>[]>()
  for (const { table, ofPerson } of tables) {
    // oxlint-disable-next-line house/bans -- both parts come from the catalogue
    const answer = await db.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(one) as row from ${table} one where ${ofPerson} order by one::text`,
      [userId],
    )
    rows.set(
      table,
      answer.rows.map(({ row }) => row),
    )
  }
  return rows
}

type Column = {
  readonly name: string
  readonly type: string
  readonly optional: boolean
  readonly target: string | null
  readonly key: string | null
  readonly check: string | null
}

type Planting = { readonly table: OwnedTable; readonly userId: string; readonly marker: string }

/**
 * Makes a row of a person in a table that no seed reached: the owner from the column, what it points
 * to from the person's other rows, words of a check from the check, the marker everywhere else.
 *
 * @throws PostgreSQL's error where the table wants more than that
 */
export async function plantRow(db: pg.Client, { table, userId, marker }: Planting): Promise<void> {
  const { rows: columns } = await db.query<Column>(
    `select a.attname as name, format_type(a.atttypid, null) as type,
       (not a.attnotnull or a.atthasdef) and a.attname <> all($2) as optional,
       f.confrelid::regclass::text as target, k.attname as key,
       (select string_agg(pg_get_constraintdef(c.oid), ' ') from pg_constraint c
        where c.conrelid = a.attrelid and c.contype = 'c' and c.conkey = array[a.attnum]) as check
     from pg_attribute a
     left join pg_constraint f on f.conrelid = a.attrelid and f.contype = 'f' and f.conkey = array[a.attnum]
     left join pg_attribute k on k.attrelid = f.confrelid and k.attnum = f.confkey[1]
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped`,
    [table.table, ownerColumns],
  )
  const values: unknown[] = []
  const names: string[] = []
  for (const column of columns.filter(({ optional, type }) => !optional || type === 'text')) {
    names.push(column.name)
    values.push(await valueFor(db, column, { userId, marker }))
  }
  const slots = names.map((_, index) => `$${index + 1}`)
  // oxlint-disable-next-line house/bans -- names come from the catalogue
  await db.query(
    `insert into ${table.table} (${names.join(', ')}) values (${slots.join(', ')})`,
    values,
  )
}

async function valueFor(
  db: pg.Client,
  { name, type, target, key, check }: Column,
  { userId, marker }: { userId: string; marker: string },
): Promise<unknown> {
  if (ownerColumns.includes(name)) return userId
  if (target !== null && key !== null) return keyIn(db, { target, key, userId })
  // The last word of a list is the one of something that is over.
  const word = [...(check ?? '').matchAll(/'([^']+)'::text/g)].at(-1)?.[1]
  if (word !== undefined) return word
  return samples[type]?.(marker) ?? null
}

/** Of a row that has to do with the person; the owner column is not always at hand. */
async function keyIn(
  db: pg.Client,
  { target, key, userId }: { target: string; key: string; userId: string },
): Promise<unknown> {
  const found = await db.query(
    // oxlint-disable-next-line house/bans -- names come from the catalogue
    `select ${key} as key from ${target} one where one::text like '%' || $1 || '%' limit 1`,
    [userId],
  )
  return (found.rows[0] as { key?: unknown } | undefined)?.key
}

const samples: Readonly<Record<string, (marker: string) => unknown>> = {
  text: (marker) => `${marker} ${crypto.randomUUID()}`,
  'character varying': (marker) => marker,
  uuid: () => crypto.randomUUID(),
  integer: () => 1,
  smallint: () => 1,
  bigint: () => Math.floor(performance.now() * 1_000),
  'double precision': () => 1,
  numeric: () => 1,
  boolean: () => false,
  jsonb: (marker) => JSON.stringify({ marker: `${marker} ${crypto.randomUUID()}` }),
  bytea: (marker) => Buffer.from(`${marker} ${crypto.randomUUID()}`),
  'timestamp with time zone': () => new Date(),
  'text[]': (marker) => [marker],
}

/** Every text in a value that could be recognised elsewhere: ids, and words of some length. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length < 8 || isTime(value) ? [] : [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}

const isTime = (text: string) => /^\d{4}-\d\d-\d\dT/.test(text)
