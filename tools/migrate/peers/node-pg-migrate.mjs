import { runner } from 'node-pg-migrate'
import { job, writeFiles } from './files.mjs'

// SQL files run in a transaction; what cannot needs a file of its own kind.
await writeFiles(
  Object.fromEntries(
    job.migrations.map(({ id, sql, down, alone }) =>
      alone
        ? [
            `${id}.mjs`,
            `export const up = (pgm) => { pgm.noTransaction(); pgm.sql(${JSON.stringify(sql)}) }\nexport const down = false\n`,
          ]
        : [
            `${id}.sql`,
            down === undefined ? sql : `-- Up Migration\n${sql}\n-- Down Migration\n${down}\n`,
          ],
    ),
  ),
)
await runner({
  databaseUrl: job.url,
  dir: job.directory,
  direction: job.verb,
  migrationsTable: 'pgmigrations',
  // As its command does.
  singleTransaction: true,
  count: job.verb === 'down' ? 1 : Infinity,
  log: () => undefined,
})
