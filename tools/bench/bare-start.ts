// The limit of the start and memory benches: Fastify and the same PostgreSQL, and nothing of ours above.
import fastify from 'fastify'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../apps/server/src/platform/db/embedded/embedded-postgres.ts'
import { readSettings } from './program.ts'

export type BareStartSettings = { readonly directory: string; readonly port: number }

const { directory, port } = await readSettings<BareStartSettings>()
const database = await startEmbeddedPostgres({ directory })
const pool = new pg.Pool({ ...database.connection, database: 'studioops', max: 10 })
const http = fastify()
http.get('/readyz', async () => {
  await pool.query('select 1')
  return { status: 'pass' }
})
await http.listen({ port, host: '127.0.0.1' })
process.once('SIGTERM', () => {
  void http
    .close()
    .then(() => pool.end())
    .then(() => database.stop())
    .then(() => process.exit())
})
