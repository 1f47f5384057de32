import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { analyseHistory } from '../analyse/analyse.ts'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import { readFacts } from '../catalog/read-facts.ts'
import type { Migration, PreparedMigration } from '../execute/migration.ts'
import { elaborate } from '../plan/elaborate.ts'
import type { ElaboratedMigration } from '../plan/elaboration.ts'
import { checksumOf } from '../text/checksum.ts'
import { sourcesOf } from '../text/directory.ts'
import { loadParser } from '../text/parser.ts'
import { type KeepOptions, keepingOf } from '../undo/keeper.ts'
import type { TestDatabase } from './server-database.ts'
import { serverMajor } from './test-database.ts'

/** Texts of files by their name without `.sql`; `.down` at the end of a name is allowed. */
export type Files = Readonly<Record<string, string>>

export type Undoable = {
  readonly migrations: readonly (Migration & { readonly checksum: string })[]
  readonly elaborated: readonly ElaboratedMigration[]
}

export type UndoableOptions = {
  readonly directory: string
  readonly rollbackOnFailure?: 'auto' | 'keep'
  /** So many files at the start are taken as they are: nothing is looked at, nothing kept. */
  readonly given?: number
} & Partial<Pick<KeepOptions, 'rowImages' | 'proof'>>

let known: Promise<number> | undefined

/** Tries files in a shadow and prepares them so that they can be taken back. */
export async function undoable(
  files: Files,
  { given = 0, ...options }: UndoableOptions,
): Promise<Undoable> {
  const parser = await loadParser()
  const { sources, objections } = sourcesOf(
    Object.entries(files).map(([name, text]) => ({
      name: `${name}.sql`,
      bytes: Buffer.from(text),
    })),
  )
  if (objections.length > 0) throw new Error(objections.map((one) => one.because).join('\n'))
  const analyses = analyseHistory(sources, { parser })
  const pending = sources.flatMap((source, index) => {
    const analysis = analyses[index]
    return analysis === undefined
      ? []
      : [{ source, analysis, checksum: checksumOf(source, parser) }]
  })
  const elaboration = await elaborate({
    parser,
    completed: pending.slice(0, given),
    pending: pending.slice(given),
    connection: { ...inject('migrateServer'), database: 'postgres' },
    target: {
      major: await (known ??= serverMajor()),
      extensions: ['plpgsql'],
      roles: [],
      role: 'postgres',
      searchPath: '"$user", public',
      timeZone: 'UTC',
      canCreateDatabase: true,
    },
    images: { directory: join(tmpdir(), 'studioops-migrate-test-images') },
  })
  if (elaboration.objections.length > 0)
    throw new Error(elaboration.objections.map((one) => one.because).join('\n'))
  const { migrations: elaborated } = elaboration
  return {
    elaborated,
    migrations: [
      ...pending.slice(0, given).map((one) => prepared(one, {})),
      ...elaborated.map((one) => prepare(one, options)),
    ],
  }
}

function prepare(elaborated: ElaboratedMigration, options: Omit<UndoableOptions, 'given'>) {
  const { source, fingerprints } = elaborated
  const { rollbackOnFailure, ...keeping } = options
  const fingerprint = fingerprints.at(-1)
  return prepared(elaborated, {
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(rollbackOnFailure === undefined ? {} : { rollbackOnFailure }),
    ...keepingOf({ migration: source.id, elaborated, ...keeping }),
  })
}

function prepared(
  { source, checksum, analysis }: Pick<ElaboratedMigration, 'source' | 'checksum' | 'analysis'>,
  details: Partial<PreparedMigration>,
): Migration & { readonly checksum: string } {
  const statements = analysis.statements.map(({ no, text, txClass, line, column, boundary }) => ({
    no,
    text,
    txClass,
    line,
    column,
    ...(boundary?.usedBy === undefined ? {} : { boundary: true }),
  }))
  return {
    name: source.id,
    checksum,
    prepare: async () => ({ type: 'schema_change', checksum, ...details, statements }),
  }
}

/** A directory of its own for pre-images. */
export async function createImageDirectory(): Promise<{
  readonly directory: string
  [Symbol.asyncDispose](): Promise<void>
}> {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-pre-images-'))
  return {
    directory,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

/** Every row of every table as text, with the columns in the order of their names. */
export async function exportRows(
  database: Pick<TestDatabase, 'query'>,
): Promise<Record<string, string[]>> {
  await database.query(`select set_config('search_path', '', false)`)
  const tables = await database.query<{ name: string; columns: string[] }>(
    `select c.oid::regclass::text as name,
        array(select quote_ident(a.attname) from pg_attribute a where a.attrelid = c.oid
          and a.attnum > 0 and not a.attisdropped order by a.attname collate "C") as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)' and c.relname !~ '^schema_migration'
      order by 1`,
  )
  const rows: Record<string, string[]> = {}
  for (const { name, columns } of tables) {
    const text = `select row(${columns.map((one) => `t.${one}`).join(', ')})::text as row
      from only ${name} t`
    const found = await database.query<{ row: string }>(text)
    rows[name] = found.map(({ row }) => row).toSorted()
  }
  return rows
}

/** Fingerprint of what the database holds. */
export async function structureOf(database: Pick<TestDatabase, 'query'>): Promise<string> {
  const facts = await readFacts(async (text, values) => ({
    rows: await database.query(text, values),
  }))
  return fingerprintOf(facts).structure
}
