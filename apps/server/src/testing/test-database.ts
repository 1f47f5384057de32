import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import type { DatabaseServer } from '../platform/db/database.ts'
import type { TestServer } from './global-setup.ts'

export type TestDatabase = DatabaseServer & {
  readonly name: string
  /** As the owner, past the row policies: for looking, and for what no feature does. */
  asOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T>
  [Symbol.asyncDispose](): Promise<void>
}

/** A copy of the migrated database, for one test file. */
export async function copyDatabase(server: TestServer = inject('postgres')): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const as = async <T>(database: string, work: (client: pg.Client) => Promise<T>) => {
    const client = new pg.Client({ ...server, database })
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }
  await as('postgres', (admin) => admin.query(`create database ${name} template template_app`))
  return {
    name,
    target: { ...server, database: name },
    roles: 'own-logins',
    isStrict: true,
    asOwner: (work) => as(name, work),
    [Symbol.asyncDispose]: async () => {
      await as('postgres', (admin) => admin.query(`drop database ${name} with (force)`))
    },
  }
}
