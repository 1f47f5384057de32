import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../platform/db/database.ts'
import { createLog } from '../../platform/log/log.ts'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { createRunEventLog, type RunEventLog } from './runs.log.ts'
import { createRunService, type Generate, type Outcome } from './runs.service.ts'
import * as store from './runs.store.ts'

const log = createLog({ level: 'silent' })
let copy: TestDatabase
let database: Database
let events: RunEventLog
const userId = randomUUID()

beforeAll(async () => {
  copy = await copyDatabase()
  database = openDatabase(copy, log)
  events = createRunEventLog({ database, log, commitEveryMs: 5, pollEveryMs: 50 })
  await copy.asOwner((db) =>
    db.query(
      `insert into users (id, employee_id, name, email, display_name, hashed_password, encrypted_jira_pat,
        jira_url, jira_flavour, jira_token_hint, wrapped_key, role)
      values ($1, 'a', 'a', 'a@x', 'a', '', '', '', 'dc', '', '', 'member')`,
      [userId],
    ),
  )
})

afterAll(async () => {
  await events[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

const complete: Outcome = { kind: 'ended', done: { state: 'complete', fallback: false } }
const asks: Outcome = { kind: 'waiting', question: { question: 'Which card?', options: [] } }

const serve = (generate: Generate) => createRunService({ database, events, log, generate })
type Runs = ReturnType<typeof serve>

async function givenRun(runs: Runs) {
  const storyId = randomUUID()
  await copy.asOwner((db) =>
    db.query(
      `insert into stories (id, user_id, marker, requirement, format, language) values ($1, $2, gen_random_uuid()::text, '', 'bdd', 'en')`,
      [storyId, userId],
    ),
  )
  return database.asUser(userId, (db) => runs.create(db, { userId, subject: { kind: 'story', storyId }, input: {} }))
}

async function typesOf(runId: string, isEnough: (type: string) => boolean = () => false) {
  const types: string[] = []
  const enough = new AbortController()
  await events.follow({
    userId,
    runId,
    after: -1,
    signal: enough.signal,
    hear(batch) {
      types.push(...batch.map(({ event }) => event.type))
      if (types.some(isEnough)) enough.abort()
      return undefined
    },
  })
  return types
}

/** The database refuses the last event of every run, as `errcode` says. */
async function refusingEnds<T>(errcode: string, meanwhile: () => Promise<T>): Promise<T> {
  await copy.asOwner((db) =>
    db.query(`
      create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'refused' using errcode = '${errcode}'; end $$;
      create trigger refuse before insert on run_events for each row when (new.type = 'done')
        execute function refuse()`),
  )
  try {
    return await meanwhile()
  } finally {
    await copy.asOwner((db) =>
      db.query('drop trigger refuse on run_events; drop function refuse()'),
    )
  }
}

describe('a run', () => {
  it('is never over without its last event', async () => {
    await using runs = serve(async () => complete)
    const created = await givenRun(runs)
    const runId = created.run.id
    await refusingEnds('23514', async () => {
      runs.begin(created)
      // A stop waits for what is being done.
      await expect(runs.stop(userId, runId)).resolves.toMatchObject({ state: 'running' })
    })
    await runs.recover()
    expect((await typesOf(runId)).at(-1)).toBe('done')
    expect(await runs.show(userId, runId)).toMatchObject({ state: 'complete' })
  })

  it('is not given up because the database is away for a moment', async () => {
    await using runs = serve(async () => complete)
    const created = await givenRun(runs)
    const runId = created.run.id
    await refusingEnds('57P03', async () => {
      runs.begin(created)
      await copy.asOwner((db) => db.query('select pg_sleep(0.3)'))
    })
    expect((await typesOf(runId)).at(-1)).toBe('done')
    expect(await runs.show(userId, runId)).toMatchObject({ state: 'complete' })
  })

  it('that waits can be stopped, also twice at the same moment', async () => {
    await using runs = serve(async () => asks)
    const created = await givenRun(runs)
    const runId = created.run.id
    runs.begin(created)
    await typesOf(runId, (type) => type === 'clarify')
    const stopped = await Promise.all([1, 2, 3].map(() => runs.stop(userId, runId)))
    expect(stopped.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped'])
    expect(await typesOf(runId)).toEqual(['clarify', 'done'])
  })

  it('that is stopped and answered at the same moment comes to an end', async () => {
    await using runs = serve(async ({ clarifications, signal }) => {
      if (clarifications.length === 0) return asks
      if (!signal.aborted)
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      return { kind: 'ended', done: { state: 'stopped', fallback: false } }
    })
    for (let round = 0; round < 10; round += 1) {
      const created = await givenRun(runs)
      const runId = created.run.id
      runs.begin(created)
      await typesOf(runId, (type) => type === 'clarify')
      const { question } = await runs.show(userId, runId)
      const requestId = question?.requestId ?? ''
      await Promise.all([
        runs.answer(userId, { runId, requestId, answer: 'Visa' }).catch(() => undefined),
        runs.stop(userId, runId),
      ])
      expect(await runs.stop(userId, runId)).toMatchObject({ state: 'stopped' })
      expect((await typesOf(runId)).filter((type) => type === 'done')).toHaveLength(1)
    }
  })

  it('that is stopped in the middle of a batch has said all that it said before [STR-3]', async () => {
    const spoke = Promise.withResolvers<void>()
    await using runs = serve(async ({ emit, signal }) => {
      for (const text of ['one ', 'two ', 'three ']) emit({ type: 'assistant_token', text })
      spoke.resolve()
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      emit({ type: 'assistant_token', text: 'four' })
      return { kind: 'ended', done: { state: 'stopped', fallback: false } }
    })
    const created = await givenRun(runs)
    const runId = created.run.id
    runs.begin(created)
    await spoke.promise
    expect(await runs.stop(userId, runId)).toMatchObject({ state: 'stopped' })
    const read = await database.readAsUser(userId, (db) => store.readEvents(db, runId, -1))
    const said = read.map(({ event }) => (event.type === 'assistant_token' ? event.text : ''))
    expect(said.join('')).toBe('one two three four')
    expect(read.map(({ seq }) => seq)).toEqual(read.map((_, index) => index))
    expect(read.at(-1)?.event).toMatchObject({ type: 'done', state: 'stopped' })
  })

  it('that this process works on is not taken for one that was left behind', async () => {
    let generations = 0
    const open = Promise.withResolvers<Outcome>()
    await using runs = serve(async () => {
      generations += 1
      return open.promise
    })
    const created = await givenRun(runs)
    const runId = created.run.id
    runs.begin(created)
    await runs.recover()
    open.resolve(complete)
    expect(await typesOf(runId)).toEqual(['done'])
    expect(generations).toBe(1)
  })
})
