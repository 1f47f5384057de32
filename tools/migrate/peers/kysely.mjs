import { Kysely, Migrator, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { job } from './files.mjs'

const pool = new pg.Pool({ connectionString: job.url })
pool.on('error', () => undefined)
const db = new Kysely({ dialect: new PostgresDialect({ pool }) })
// oxlint-disable-next-line no-restricted-properties -- the text is the migration
const run = (text) => (on) => sql.raw(text).execute(on)
const migrations = Object.fromEntries(
  job.migrations.map(({ id, sql: up, down }) => [
    id,
    { up: run(up), ...(down === undefined ? {} : { down: run(down) }) },
  ]),
)
const migrator = new Migrator({
  db,
  provider: { getMigrations: async () => migrations },
  disableTransactions: job.migrations.some(({ alone }) => alone === true),
})
const { error } =
  job.verb === 'down' ? await migrator.migrateDown() : await migrator.migrateToLatest()
await db.destroy()
if (error !== undefined) throw error
