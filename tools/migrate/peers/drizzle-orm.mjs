import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { job, withClient, writeFiles } from './files.mjs'

if (job.verb === 'down') throw new Error('drizzle-orm has no way back')
const entries = job.migrations.map(({ id }, idx) => ({
  idx,
  version: '7',
  // When the file was generated.
  when: Number(/^\d+/.exec(id)?.[0]) * 1_000,
  tag: id,
  breakpoints: true,
}))
await writeFiles({
  ...Object.fromEntries(job.migrations.map(({ id, sql }) => [`${id}.sql`, sql])),
  'meta/_journal.json': JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
})
await withClient((client) => migrate(drizzle(client), { migrationsFolder: job.directory }))
