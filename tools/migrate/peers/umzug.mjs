import { Umzug } from 'umzug'
import { job, withClient } from './files.mjs'

// umzug leaves the table to its user; this is the smallest that its documentation describes.
const storage = (client) => ({
  executed: async () => {
    await client.query('create table if not exists executed (name text primary key)')
    return (await client.query('select name from executed order by name')).rows.map(
      ({ name }) => name,
    )
  },
  logMigration: ({ name }) => client.query('insert into executed values ($1)', [name]),
  unlogMigration: ({ name }) => client.query('delete from executed where name = $1', [name]),
})

await withClient(async (client) => {
  const umzug = new Umzug({
    migrations: job.migrations.map(({ id, sql, down }) => ({
      name: id,
      up: () => client.query(sql),
      ...(down === undefined ? {} : { down: () => client.query(down) }),
    })),
    storage: storage(client),
    logger: undefined,
  })
  await (job.verb === 'down' ? umzug.down() : umzug.up())
})
