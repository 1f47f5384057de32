import pg from 'pg'
import { type PostgresConnection } from './address.ts'

export const databaseName = 'studioops'

const undefinedDatabase = '3D000'

export async function answersAt(connection: PostgresConnection): Promise<boolean> {
  try {
    await ask(connection, { database: 'postgres', sql: 'select 1' })
    return true
  } catch {
    return false
  }
}

/** Makes sure that our database exists. @returns the server's version, such as `18.4` */
export async function prepareDatabase(
  connection: PostgresConnection,
  { fresh }: { readonly fresh: boolean },
): Promise<string> {
  if (fresh) await createDatabase(connection)
  try {
    return await askVersion(connection)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== undefinedDatabase) throw error
    await createDatabase(connection)
    return askVersion(connection)
  }
}

async function createDatabase(connection: PostgresConnection): Promise<void> {
  await ask(connection, { database: 'postgres', sql: `create database ${databaseName}` })
}

async function askVersion(connection: PostgresConnection): Promise<string> {
  return ask(connection, { database: databaseName, sql: 'show server_version' })
}

async function ask(
  connection: PostgresConnection,
  { database, sql }: { readonly database: string; readonly sql: string },
): Promise<string> {
  const client = new pg.Client({
    ...connection,
    database,
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  })
  // A client without a listener ends the process when its connection breaks between two queries.
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query<string[]>({ text: sql, rowMode: 'array' })
    return String(rows[0]?.[0] ?? '')
  } finally {
    await client.end()
  }
}
