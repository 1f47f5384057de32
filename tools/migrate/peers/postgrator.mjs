import { join } from 'node:path'
import Postgrator from 'postgrator'
import { job, withClient, writeFiles } from './files.mjs'

const numberOf = (id) => /^\d+/.exec(id)?.[0]
await writeFiles(
  Object.fromEntries(
    job.migrations.flatMap(({ id, sql, down }) => {
      const name = id.replace(/^\d+_/, '')
      return [
        [`${numberOf(id)}.do.${name}.sql`, sql],
        ...(down === undefined ? [] : [[`${numberOf(id)}.undo.${name}.sql`, down]]),
      ]
    }),
  ),
)
await withClient(async (client) => {
  const postgrator = new Postgrator({
    migrationPattern: join(job.directory, '*'),
    driver: 'pg',
    database: new URL(job.url).pathname.slice(1),
    execQuery: (query) => client.query(query),
  })
  const target = job.verb === 'down' ? Number(numberOf(job.migrations.at(-1).id)) - 1 : undefined
  await postgrator.migrate(target === undefined ? undefined : String(target))
})
