import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Database, openDatabase } from '../../platform/db/database.ts'
import { toProblem } from '../../platform/errors/problem.ts'
import { createLog } from '../../platform/log/log.ts'
import { copyDatabase, type TestDatabase } from '../test-database.ts'
import { databaseFaults } from './database-faults.ts'

let copy: TestDatabase
let database: Database

beforeAll(async () => {
  copy = await copyDatabase(inject('postgres'))
  database = openDatabase(copy, createLog({ level: 'silent' }))
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

/** PostgreSQL itself answers with this state, in the middle of a transaction. */
async function fail(sqlstate: string): Promise<unknown> {
  try {
    await database.asMaintenance((db) =>
      sql`select set_config('studioops.fault', ${sqlstate}, true)`.execute(db).then(() =>
        sql`do $$ begin
            raise exception 'as told' using errcode = current_setting('studioops.fault');
          end $$`.execute(db),
      ),
    )
  } catch (error) {
    return error
  }
  throw new Error('PostgreSQL did not fail')
}

describe('a failure of PostgreSQL', () => {
  it.each(databaseFaults)(
    '"$id" ($sqlstate) is told in both languages, and the next one is served [HLT-1, D-28]',
    async ({ sqlstate, expect: wanted }) => {
      const problem = toProblem(await fail(sqlstate), { correlationId: 'c', language: 'en' })
      expect(problem).toMatchObject(wanted)
      expect(problem.message_en).toBeTruthy()
      expect(problem.message_he).toBeTruthy()
      await expect(database.ping()).resolves.toBeUndefined()
    },
  )
})
