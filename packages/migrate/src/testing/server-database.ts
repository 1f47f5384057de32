import { randomUUID } from 'node:crypto'
import pg from 'pg'

/** Where the server of the tests listens; whatever `pg` takes, as long as it can be copied. */
export type TestServer = {
  readonly connectionString?: string
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly ssl?: false
}

export type TestDatabase = {
  /** Can be given to another process. */
  readonly target: TestServer & { readonly database: string }
  /** A connection of its own, which the caller or the end of the database closes. */
  connect(): Promise<pg.Client>
  /** On one connection that all calls share. */
  query<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<R[]>
  [Symbol.asyncDispose](): Promise<void>
}

/** An empty database of its own; dropped with whoever is still connected. */
export async function createDatabaseOn(server: TestServer): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const admin = async (textFor: (version: number) => string) => {
    const client = await connectTo({ ...server, database: 'postgres' })
    const { rows } = await client.query<{ server_version_num: string }>('show server_version_num')
    const text = textFor(Number(rows[0]?.server_version_num))
    await client.query(text)
    await client.end()
  }
  // What 14 always does; since then it has to be asked for, and is much cheaper without a disk.
  const copying = (version: number) => (version < 150_000 ? '' : ' strategy file_copy')
  await admin((version) => `create database ${name} template template0${copying(version)}`)
  const target = { ...server, database: name }
  const opened: pg.Client[] = []
  const connect = async () => {
    const client = await connectTo(target)
    opened.push(client)
    return client
  }
  let shared: Promise<pg.Client> | undefined
  return {
    target,
    connect,
    async query<R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      shared ??= connect()
      const { rows } = await (await shared).query<R>(text, [...values])
      return rows
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((client) => client.end().catch(() => undefined)))
      await admin(() => `drop database if exists ${name} with (force)`)
    },
  }
}

/** `pg` lets a connection string win over everything else, so the database is put into it. */
export async function connectTo(
  target: TestServer & { readonly database: string },
): Promise<pg.Client> {
  const { connectionString, database, ...rest } = target
  const url = connectionString === undefined ? undefined : new URL(connectionString)
  if (url !== undefined) url.pathname = `/${database}`
  const client = new pg.Client(url === undefined ? { ...rest, database } : url.toString())
  // A server that drops a connection says so to the query that runs; without one, nobody must fall.
  client.on('error', () => undefined)
  await client.connect()
  return client
}
