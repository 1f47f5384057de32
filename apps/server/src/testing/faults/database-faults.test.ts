import { randomUUID } from 'node:crypto'
import type { ErrorCode } from '@studioops/contracts/errors'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { type Database, openDatabase } from '../../platform/db/database.ts'
import { toProblem } from '../../platform/errors/problem.ts'
import { createLog } from '../../platform/log/log.ts'
import { copyDatabase, type TestDatabase } from '../test-database.ts'
import type { DatabaseFault, DatabaseInjection } from './database-faults.ts'
import { cellsOf } from './fault-table.ts'
import { type DatabaseLine, openDatabaseLine } from './database-line.ts'

const user = randomUUID()
const log = createLog({ level: 'silent' })
const limits = { connectionsMax: 3, connectMs: 1_000, statementMs: 2_000, idleMs: 30_000 }
/** The longest of our own waits, twice, on a busy machine. */
const endsWithinMs = 20_000
const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)

let copy: TestDatabase
let line: DatabaseLine
let database: Database

const owner = (text: string) => copy.asOwner((client) => client.query(text))

beforeAll(async () => {
  copy = await copyDatabase(inject('postgres'))
  await owner(`create table fault_effects (id uuid); create table fault_rows (id int primary key, n int);
    insert into fault_rows values (1, 0), (2, 0); create sequence fault_turns;
    grant all on fault_effects, fault_rows, fault_turns to studioops_app`)
  const { host = '', port = 0, ...login } = copy.target
  line = await openDatabaseLine(`${host}/.s.PGSQL.${port}`)
  const target = { ...login, host: '127.0.0.1', port: line.port }
  database = openDatabase({ target, roles: 'own-logins' }, log, limits)
  process.on('unhandledRejection', note)
})
afterAll(async () => {
  process.off('unhandledRejection', note)
  await database[Symbol.asyncDispose]()
  await line[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

/** A write as a feature makes it; `during` runs in its transaction, before it is written. */
async function write(id: string, during?: (turn: number) => string | undefined) {
  await database.asUser(user, async (db) => {
    const { rows } = await sql<{
      turn: number
    }>`select nextval('fault_turns')::int as turn`.execute(db)
    const failing = during?.(rows[0]?.turn ?? 0)
    if (failing !== undefined) {
      await sql`select set_config('studioops.fault', ${failing}, true)`.execute(db)
      await sql`do $$ begin
        raise exception 'as told' using errcode = current_setting('studioops.fault');
      end $$`.execute(db)
    }
    await sql`insert into fault_effects values (${id})`.execute(db)
  })
}

/** Both lock one row and then want the other's; PostgreSQL ends one of them. */
async function meet(id: string): Promise<void> {
  const both = Promise.withResolvers<void>()
  let waiting = 0
  const lock = async (first: number, second: number, work?: string) =>
    database.asUser(user, async (db) => {
      await sql`update fault_rows set n = n + 1 where id = ${first}`.execute(db)
      waiting += 1
      if (waiting === 2) both.resolve()
      await both.promise
      await sql`update fault_rows set n = n + 1 where id = ${second}`.execute(db)
      if (work !== undefined) await sql`insert into fault_effects values (${work})`.execute(db)
    })
  await Promise.all([lock(1, 2, id), lock(2, 1)])
}

/** And lets the pool notice, so that the next one is a new one. */
async function loseConnections(): Promise<void> {
  line.resetAll()
  await new Promise((resolve) => setTimeout(resolve, 100))
}

type Injector = {
  begin?(): Promise<unknown>
  write?(id: string): Promise<void>
  end?(): Promise<unknown>
}

function injectorOf(fault: DatabaseInjection): Injector {
  switch (fault.kind) {
    case 'state':
      return {
        begin: () => owner('alter sequence fault_turns restart'),
        write: (id) =>
          write(id, (turn) => (turn <= (fault.times ?? Infinity) ? fault.sqlstate : undefined)),
      }
    case 'refused':
      return { begin: () => line.refuse(), end: () => line.reopen() }
    case 'restarted':
      return {
        write: (id) =>
          write(id, () => {
            line.resetAll()
            return undefined
          }),
      }
    case 'half-open':
      return {
        begin: async () => line.set('silent'),
        end: async () => line.set('none'),
      }
    case 'commit-lost':
      return {
        begin: async () => line.set('lose-commit'),
        end: async () => line.set('none'),
      }
    case 'no-connections':
      return {
        async begin() {
          await owner(`alter database ${copy.name} connection limit 0`)
          await loseConnections()
        },
        end: () => owner(`alter database ${copy.name} connection limit -1`),
      }
    case 'standby':
      return {
        async begin() {
          await owner(`alter database ${copy.name} set default_transaction_read_only = on`)
          await loseConnections()
        },
        async end() {
          await owner(
            `set transaction read write; alter database ${copy.name} reset default_transaction_read_only`,
          )
          line.resetAll()
        },
      }
    case 'deadlock':
      return { write: meet }
  }
}

let started = 0
beforeEach(() => {
  started = performance.now()
})
afterEach(() => {
  expect(unhandled.splice(0)).toEqual([])
  expect(performance.now() - started).toBeLessThan(endsWithinMs)
})

async function suffer({ inject: fault }: DatabaseFault, id: string): Promise<unknown> {
  const injector = injectorOf(fault)
  await database.asUser(user, (db) => sql`select 1`.execute(db))
  await injector.begin?.()
  try {
    await (injector.write ?? write)(id)
    return undefined
  } catch (error) {
    return error
  } finally {
    await injector.end?.()
  }
}

/** What whoever asked is told, once it is there in both languages. */
function told(error: unknown): DatabaseFault['expect'] {
  if (error === undefined) return 'saved'
  const problem = toProblem(error, { correlationId: 'c', language: 'en' })
  if (problem.message_en === '' || problem.message_he === '') throw new Error('it has no words')
  return { status: problem.status, code: problem.code as ErrorCode }
}

const rowsOf = async (id: string) =>
  (await copy.asOwner((client) => client.query('select from fault_effects where id = $1', [id])))
    .rowCount

describe('a failure of PostgreSQL', () => {
  it.each(cellsOf('database').map(({ fault }) => fault))(
    '"$id" is told in both languages, leaves what it has to, and the next one is served [HLT-1, D-28]',
    async (fault) => {
      const id = randomUUID()
      const error = await suffer(fault, id)

      expect(told(error)).toEqual(fault.expect)
      expect(await rowsOf(id)).toBe(fault.rows)
      // What broke while nobody used it may be met once.
      await expect.poll(() => write(randomUUID()), { timeout: 10_000 }).toBeUndefined()
    },
    30_000,
  )
})
