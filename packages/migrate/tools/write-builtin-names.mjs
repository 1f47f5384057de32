// Writes src/analyse/builtin-names.generated.ts: the names that PostgreSQL and its bundled
// extensions bring along, read from the catalog of PGlite. Run it when PGlite's version changes.
import { readdir, writeFile } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'

const contrib = new URL('contrib/', import.meta.resolve('@electric-sql/pglite'))
const files = (await readdir(contrib)).filter((file) => file.endsWith('.js'))
const extensions = Object.fromEntries(
  await Promise.all(
    files.map(async (file) => {
      const [extension] = Object.values(await import(new URL(file, contrib).href))
      return [extension.name, extension]
    }),
  ),
)
const db = await PGlite.create({ extensions })

const names = {
  functions: `select distinct proname as name, oid from pg_proc`,
  types: `select distinct typname as name, oid from pg_type where typcategory <> 'A' and typrelid = 0`,
  relations: `select case relnamespace when 'pg_catalog'::regnamespace then relname else relnamespace::regnamespace || '.' || relname end as name, oid
    from pg_class where relkind in ('r', 'v', 'm', 'p', 'f', 'S')`,
  opclasses: `select distinct opcname as name, oid from pg_opclass`,
}

async function read(condition) {
  const read = {}
  for (const [kind, query] of Object.entries(names)) {
    // oxlint-disable-next-line house/bans -- every part of this text stands in this file
    const { rows } = await db.query(
      `select distinct name from (${query}) o where ${condition} order by 1`,
    )
    const list = rows.map(({ name }) => name.replace(/^public\./, '')).join(' ')
    if (list !== '') read[kind] = list
  }
  return read
}

const core = await read('oid < 16384')
const bundled = {}
const { rows } = await db.query('select name from pg_available_extensions order by name')
for (const { name } of rows.filter(({ name }) => name !== 'plpgsql')) {
  await db.exec(`create extension if not exists "${name}" cascade`)
  bundled[name] = await read(
    `oid in (select objid from pg_depend where refclassid = 'pg_extension'::regclass
      and deptype = 'e' and refobjid = (select oid from pg_extension where extname = '${name}'))`,
  )
}
const { rows: version } = await db.query('show server_version')
await db.close()

await writeFile(
  new URL('../src/analyse/builtin-names.generated.ts', import.meta.url),
  `// Written by tools/write-builtin-names.mjs from PostgreSQL ${version[0].server_version}; not by hand.
type Names = {
  readonly functions?: string
  readonly types?: string
  readonly relations?: string
  readonly opclasses?: string
}

/** Names of pg_catalog and information_schema, separated by spaces. */
export const coreNames: Required<Names> = ${JSON.stringify(core, undefined, 2)}

/** Names that an extension brings along, by extension. */
export const extensionNames: Readonly<Record<string, Names>> = ${JSON.stringify(bundled, undefined, 2)}
`,
)
