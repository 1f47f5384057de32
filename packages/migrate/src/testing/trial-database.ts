import { createHash } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import type { Query, Row } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { connectTo, createDatabaseOn, type TestServer } from './server-database.ts'

/** A file as the database gets it. */
export type TrialFile = { readonly id: string; readonly text: string }

/** What became of files that ran one after the other. */
export type TrialResult =
  | {
      readonly kind: 'done'
      /** Hashes of the schema and of all rows of all tables; asking takes longer than running. */
      read(): Promise<{ readonly schema: string; readonly rows: string }>
    }
  | {
      readonly kind: 'failed'
      readonly id: string
      readonly sqlstate: string
      readonly message: string
    }

/** A database that runs files and forgets them, hundreds of times. */
export type TrialDatabase = {
  /**
   * In one transaction, which is rolled back afterwards; the session is fresh for each file.
   *
   * @param look what to find out while the transaction stands
   */
  run<Found>(
    files: readonly TrialFile[],
    look: (result: TrialResult) => Promise<Found>,
  ): Promise<Found>
  [Symbol.asyncDispose](): Promise<void>
}

/** Inside this process, as the shadow is. */
export async function openTrialPglite(): Promise<TrialDatabase> {
  const database = await PGlite.create()
  return trialOn({
    query: async (text, values) => database.query<Row>(text, values && [...values]),
    exec: async (text) => void (await database.exec(text)),
    close: () => database.close(),
  })
}

/** On a real server. */
export async function openTrialServer(server: TestServer): Promise<TrialDatabase> {
  const database = await createDatabaseOn(server)
  const client = await connectTo(database.target)
  return trialOn({
    query: (text, values) => client.query<Row>(text, values && [...values]),
    exec: async (text) => void (await client.query(text)),
    async close() {
      await client.end()
      await database[Symbol.asyncDispose]()
    },
  })
}

type Connection = {
  readonly query: Query
  readonly exec: (text: string) => Promise<void>
  readonly close: () => Promise<void>
}

function trialOn({ query, exec, close }: Connection): TrialDatabase {
  const tryAll = async (files: readonly TrialFile[]): Promise<TrialResult> => {
    for (const { id, text } of files) {
      try {
        await exec('set local search_path to "$user", public')
        await exec(text)
      } catch (error) {
        return { kind: 'failed', id, ...describe(error) }
      }
    }
    return { kind: 'done', read }
  }
  const read = async () => {
    const facts = await readFacts(query, { transaction: 'open' })
    return { schema: fingerprintOf(facts).structure, rows: await hashRows(query) }
  }
  return {
    async run(files, look) {
      await exec('begin')
      try {
        return await look(await tryAll(files))
      } finally {
        await exec('rollback')
      }
    },
    [Symbol.asyncDispose]: close,
  }
}

function describe(error: unknown): { sqlstate: string; message: string } {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error
  return { sqlstate: error.code, message: error.message }
}

/**
 * Rows as a set, by the names of their columns: neither their order nor the moment at which they were
 * made is a difference.
 */
async function hashRows(query: Query): Promise<string> {
  const { rows: tables } = await query(
    `select format('%I.%I', n.nspname, c.relname) as name
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
        and n.nspname not like 'pg_toast%'
      order by 1`,
  )
  const hash = createHash('sha256')
  for (const { name } of tables) {
    const { rows } = await query(
      `select coalesce(string_agg(line, e'\\n' order by line), '') as lines
         from (select replace(to_jsonb(t)::text, to_jsonb(now())::text, '"now"') as line
                 from ${String(name)} t) l`,
    )
    hash.update(`${String(name)}\n${String(rows[0]?.['lines'])}\n`)
  }
  return hash.digest('hex')
}
