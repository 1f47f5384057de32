import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../platform/db/database.ts'
import { createLog } from '../../platform/log/log.ts'
import { openDatabaseLine } from '../../testing/faults/database-line.ts'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { createRunEventLog, type RunEventLog } from './runs.log.ts'
import { createRunService, type Generate, type Outcome, type RunContext } from './runs.service.ts'
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

const serve = (generate: Generate, own = events, sayEveryMs = 100) =>
  createRunService({ database, events: own, log, generate, sayEveryMs })
type Runs = ReturnType<typeof serve>

async function givenRun(runs: Runs) {
  const storyId = randomUUID()
  await copy.asOwner((db) =>
    db.query(
      `insert into stories (id, user_id, marker, requirement, format, language) values ($1, $2, gen_random_uuid()::text, '', 'bdd', 'en')`,
      [storyId, userId],
    ),
  )
  return database.asUser(userId, (db) =>
    runs.create(db, { userId, subject: { kind: 'story', storyId }, input: {} }),
  )
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

/** Another node on the same database: it has a log of its own and hears only by notifications. */
async function openNode(generate: Generate, sayEveryMs?: number) {
  const own = createRunEventLog({ database, log, commitEveryMs: 5, pollEveryMs: 60_000 })
  const runs = serve(generate, own, sayEveryMs)
  const listening = await database.listen(store.runsChannel, runs.hear)
  await runs.recover()
  return {
    runs,
    events: own,
    /** As the process of the node would end by SIGKILL, as far as others can see. */
    async die() {
      await listening[Symbol.asyncDispose]()
      await copy.asOwner((db) => db.query('delete from run_writers where id = $1', [own.writer]))
    },
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]()
      await runs[Symbol.asyncDispose]()
      await own[Symbol.asyncDispose]()
    },
  }
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

const textOf = (read: readonly store.StoredEvent[]) =>
  read.map(({ event }) => (event.type === 'assistant_token' ? event.text : '')).join('')

/** Says one word after the other, whenever it is told to. */
function speaker() {
  const spoken = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const say: { word(text: string): void } = { word: () => expect.unreachable() }
  const generate: Generate = async ({ emit, signal, isStopped }) => {
    say.word = (text) => emit({ type: 'assistant_token', text })
    emit({ type: 'provider', model: 'demo', attempt: 1, round: 0 })
    say.word('first ')
    spoken.resolve()
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    closed.resolve()
    if (isStopped()) return { kind: 'ended', done: { state: 'stopped', fallback: false } }
    throw signal.reason
  }
  return { generate, say, spoken: spoken.promise, closed: closed.promise }
}

/** Work that stands on a connection of its own, which can be cut. */
async function openFragile() {
  await using opened = new AsyncDisposableStack()
  const { host = '', port = 0, ...login } = copy.target
  const line = opened.use(await openDatabaseLine(`${host}/.s.PGSQL.${port}`))
  const target = { ...login, host: '127.0.0.1', port: line.port }
  const through = opened.use(openDatabase({ target, roles: 'own-logins' }, log))
  const own = opened.use(createRunEventLog({ database: through, log, commitEveryMs: 5 }))
  const running = opened.move()
  return {
    serve: (generate: Generate, againMs: number) =>
      createRunService({ database: through, events: own, log, generate, againMs }),
    /** Says a word, and then loses every connection in the middle of a transaction. */
    async breakOff({ emit, runId }: RunContext, text: string) {
      emit({ type: 'provider', model: 'demo', attempt: 1, round: 0 })
      emit({ type: 'assistant_token', text })
      await typesOf(runId, (type) => type === 'assistant_token')
      await through.asUser(userId, async (db) => {
        line.resetAll()
        await sql`select 1`.execute(db)
      })
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

describe('a run that our own database breaks off', () => {
  it('is begun again whole, and what was shown stays readable as discarded [STR-5, HLT-9]', async () => {
    await using fragile = await openFragile()
    let generations = 0
    await using runs = fragile.serve(async (run) => {
      generations += 1
      if (generations === 1) await fragile.breakOff(run, 'half')
      run.emit({ type: 'provider', model: 'demo', attempt: 1, round: 0 })
      run.emit({ type: 'assistant_token', text: 'whole' })
      return complete
    }, 1)
    const created = await givenRun(runs)
    runs.begin(created)
    await typesOf(created.run.id)
    const replayed = await runs.replay(userId, created.run.id)
    expect(replayed).toMatchObject([
      { type: 'provider' },
      { type: 'assistant_token', text: 'half' },
      { type: 'reset', reason: 'restarted', discarded: 'half'.length },
      { type: 'provider' },
      { type: 'assistant_token', text: 'whole' },
      { type: 'done', state: 'complete' },
    ])
    expect(await runs.show(userId, created.run.id)).toMatchObject({ state: 'complete' })
  })

  it('again and again is kept as partial in the end, and says so', async () => {
    let generations = 0
    await using runs = createRunService({
      database,
      events,
      log,
      againMs: 1,
      async generate({ emit }) {
        generations += 1
        emit({ type: 'assistant_token', text: `try ${generations}` })
        return database.asUser(userId, async (db) => {
          await sql`do $$ begin raise exception 'away' using errcode = '57P03'; end $$`.execute(db)
          return complete
        })
      },
    })
    const created = await givenRun(runs)
    runs.begin(created)
    const types = await typesOf(created.run.id)
    expect(types.filter((type) => type === 'reset')).toHaveLength(generations - 1)
    expect(types.slice(-2)).toEqual(['assistant_token', 'done'])
    expect(generations).toBe(6)
    expect(await runs.show(userId, created.run.id)).toMatchObject({ state: 'partial' })
  })

  it('is not begun again when the person has stopped it meanwhile [STR-3]', async () => {
    await using fragile = await openFragile()
    const broken = Promise.withResolvers<void>()
    let generations = 0
    await using runs = fragile.serve(async (run) => {
      generations += 1
      await fragile.breakOff(run, 'half').finally(broken.resolve)
      return complete
    }, 3_600_000)
    const created = await givenRun(runs)
    runs.begin(created)
    await broken.promise
    expect(await runs.stop(userId, created.run.id)).toMatchObject({ state: 'stopped' })
    expect(await typesOf(created.run.id)).toEqual(['provider', 'assistant_token', 'done'])
    expect(generations).toBe(1)
  })
})

describe('two nodes on one database', () => {
  it('show what the other one writes, and stop it there [D-22, STR-3, STR-4]', async () => {
    const { generate, say, spoken, closed } = speaker()
    // On a busy machine a process may be late to say that it lives.
    await using writing = await openNode(generate, 2_000)
    await using reading = await openNode(() => expect.unreachable(), 2_000)
    // Each learns of the other by what both say.
    await writing.runs.recover()
    const created = await givenRun(writing.runs)
    const runId = created.run.id
    writing.runs.begin(created)
    await spoken
    const read: store.StoredEvent[] = []
    const heard = Promise.withResolvers<void>()
    const following = reading.events.follow({
      userId,
      runId,
      after: -1,
      signal: new AbortController().signal,
      hear(batch) {
        read.push(...batch)
        if (textOf(read) === 'first second ') heard.resolve()
        return undefined
      },
    })
    say.word('second ')
    // The table is asked once a minute here: what comes, comes by a notification.
    await heard.promise
    expect(await reading.runs.stop(userId, runId)).toMatchObject({ state: 'stopped' })
    await closed
    await following
    expect(read.at(-1)?.event).toMatchObject({ type: 'done', state: 'stopped' })
    expect(read.map(({ seq }) => seq)).toEqual(read.map((_, seq) => seq))
    expect(new Set(read.map(({ epoch }) => epoch))).toEqual(new Set([1]))
  })

  it('take over what a dead one left, once, with a reset, and let it write no more [STR-4]', async () => {
    const { generate, say, spoken, closed } = speaker()
    await using dying = await openNode(generate, 60_000)
    const created = await givenRun(dying.runs)
    const runId = created.run.id
    dying.runs.begin(created)
    await spoken
    await typesOf(runId, (type) => type === 'assistant_token')
    let generations = 0
    const again: Generate = async ({ emit }) => {
      generations += 1
      emit({ type: 'provider', model: 'demo', attempt: 1, round: 0 })
      emit({ type: 'assistant_token', text: 'whole' })
      return complete
    }
    await using one = await openNode(again, 500)
    await using other = await openNode(again, 500)
    await dying.die()
    const types = await typesOf(runId)
    expect(types).toEqual([
      'provider',
      'assistant_token',
      'reset',
      'provider',
      'assistant_token',
      'done',
    ])
    expect(generations).toBe(1)
    // It was only slow, as it turns out: what it still says is refused, and its upstream is closed.
    say.word('a zombie wrote this')
    await closed
    for (const { runs } of [one, other])
      expect(await runs.show(userId, runId)).toMatchObject({ state: 'complete' })
    expect(await typesOf(runId)).toEqual(types)
  })

  it('keep what was begun again too often as partial, and say so', async () => {
    await using runs = serve(() => expect.unreachable())
    const created = await givenRun(runs)
    const runId = created.run.id
    await copy.asOwner((db) =>
      db.query(
        `update runs set epoch = 5, writer = 'gone/1', started_at = now() - interval '1 hour' where id = $1`,
        [runId],
      ),
    )
    await runs.recover()
    expect(await runs.show(userId, runId)).toMatchObject({ state: 'partial' })
    expect(await typesOf(runId)).toEqual(['done'])
  })
})
