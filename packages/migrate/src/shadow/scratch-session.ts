import { randomBytes } from 'node:crypto'
import pg, { type ClientConfig } from 'pg'
import { readNotice, type Notice } from './server-error.ts'
import type { ShadowSession } from './session.ts'

const prefix = 'studioops_shadow_'
/** No replay takes this long; whoever made an older one is gone. */
const oldestMs = 6 * 60 * 60 * 1000

/**
 * Makes an empty database beside the one of the connection, with the same encoding and locale, and
 * opens it. Removes those that killed runs have left behind.
 *
 * @param connection as a role that may create databases
 * @throws the driver's error, such as 42501 where the role may not
 */
export async function openScratch(connection: ClientConfig): Promise<ShadowSession> {
  const name = `${prefix}${Date.now()}_${randomBytes(4).toString('hex')}`
  await asAdmin(connection, async (admin) => {
    await removeLeftovers(admin)
    await admin.query(await createDatabaseSql(admin, name))
  })
  try {
    return await openSession(connection, name)
  } catch (error) {
    await dropDatabase(connection, name)
    throw error
  }
}

async function openSession(connection: ClientConfig, name: string): Promise<ShadowSession> {
  const client = new pg.Client(within(connection, name))
  client.on('error', () => {})
  await client.connect()
  let closed = false
  return {
    kind: 'server',
    async query(text, values) {
      const { rows } = await client.query<Record<string, unknown>>(text, values && [...values])
      return { rows }
    },
    async run(text) {
      const notices: Notice[] = []
      const listen = (notice: object) => notices.push(readNotice(notice))
      client.on('notice', listen)
      try {
        await client.query(text)
        return notices
      } finally {
        client.off('notice', listen)
      }
    },
    async close() {
      if (closed) return
      closed = true
      await client.end().catch(() => {})
      await dropDatabase(connection, name)
    },
  }
}

async function asAdmin<Result>(
  connection: ClientConfig,
  work: (admin: pg.Client) => Promise<Result>,
): Promise<Result> {
  const admin = new pg.Client(connection)
  admin.on('error', () => {})
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}

function dropDatabase(connection: ClientConfig, name: string): Promise<void> {
  return asAdmin(connection, async (admin) => {
    const database = pg.escapeIdentifier(name)
    const text = `drop database if exists ${database} with (force)`
    await admin.query(text)
  })
}

/** A connection string says which database; everything else is taken as it is. */
function within(connection: ClientConfig, database: string): ClientConfig {
  if (connection.connectionString === undefined) return { ...connection, database }
  const url = new URL(connection.connectionString)
  url.pathname = `/${database}`
  return { ...connection, connectionString: url.toString() }
}

async function createDatabaseSql(admin: pg.Client, name: string): Promise<string> {
  const { rows } = await admin.query<{ options: string }>(localeSql)
  const options = rows[0]?.options ?? ''
  return `create database ${pg.escapeIdentifier(name)} template template0 ${options}`
}

/** The names of these columns differ by version, hence the way through JSON. */
const localeSql = `
  select format('encoding %L lc_collate %L lc_ctype %L', pg_encoding_to_char(d.encoding),
      d.datcollate, d.datctype)
    || case j ->> 'datlocprovider' when 'i' then ' locale_provider icu' when 'b' then
      ' locale_provider builtin' else '' end
    || case when locale is null then '' else format(
      case j ->> 'datlocprovider' when 'b' then ' builtin_locale %L' else ' icu_locale %L' end,
      locale) end as options
  from pg_database d, to_jsonb(d) as j, coalesce(j ->> 'datlocale', j ->> 'daticulocale') as locale
  where d.datname = current_database()`

async function removeLeftovers(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>(
    'select datname from pg_database where starts_with(datname, $1)',
    [prefix],
  )
  for (const { datname } of rows) {
    const madeAt = Number(datname.slice(prefix.length).split('_')[0])
    if (!(Date.now() - madeAt > oldestMs)) continue
    const text = `drop database if exists ${pg.escapeIdentifier(datname)} with (force)`
    // Somebody else may be removing it at this moment.
    await admin.query(text).catch(() => {})
  }
}
