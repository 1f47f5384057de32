import { randomUUID } from 'node:crypto'
import type { RunEvent } from '@studioops/contracts/runs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, type Db, openDatabase } from '../../platform/db/database.ts'
import { createLog } from '../../platform/log/log.ts'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { createRunEventLog, type RunEventLog, StaleWriter } from './runs.log.ts'
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

async function givenRun() {
  const [runId, storyId] = [randomUUID(), randomUUID()]
  await copy.asOwner(async (db) => {
    await db.query(
      `insert into stories (id, user_id, marker, requirement, format, language) values ($1, $2, gen_random_uuid()::text, '', 'bdd', 'en')`,
      [storyId, userId],
    )
    await db.query(
      `insert into runs (id, user_id, story_id, state, input) values ($1, $2, $3, 'running', '{}')`,
      [runId, userId, storyId],
    )
  })
  return runId
}

async function openWriter(runId: string) {
  const place = await database.asMaintenance((db) =>
    store.takeOver(db, { runId, writer: 'test/1' }),
  )
  return events.createWriter({ runId, epoch: place?.epoch ?? -1, next: place?.next ?? 0 })
}

const token = (text: string): RunEvent => ({ type: 'assistant_token', text })
const done: RunEvent = { type: 'done', state: 'complete', fallback: false }

async function readAll(runId: string, after = -1, from: RunEventLog = events) {
  const read: store.StoredEvent[] = []
  const { signal } = new AbortController()
  const hear = (batch: readonly store.StoredEvent[]) =>
    void read.push(...batch.map(({ epoch, seq, event }) => ({ runId, epoch, seq, event })))
  expect(await from.follow({ userId, runId, after, signal, hear })).toBe(true)
  return read
}

/** A reader who is told batch by batch. */
function listen(runId: string, from: RunEventLog = events) {
  const leaving = new AbortController()
  const batches: (readonly store.StoredEvent[])[] = []
  let wake = () => {}
  const over = from.follow({
    userId,
    runId,
    after: -1,
    signal: leaving.signal,
    hear(batch) {
      batches.push(batch)
      wake()
      return undefined
    },
  })
  return {
    over,
    async told() {
      while (batches.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return batches.shift() ?? []
    },
    leave: () => {
      leaving.abort()
      return over
    },
  }
}

const textOf = (read: readonly store.StoredEvent[]) =>
  read.map(({ event }) => (event.type === 'assistant_token' ? event.text : '')).join('')

describe('the log of a run', () => {
  it('gives every reader the same events, whenever it comes [STR-4]', async () => {
    const runId = await givenRun()
    const writer = await openWriter(runId)
    const early = readAll(runId)
    let text = ''
    for (let count = 0; count < 200; count += 1) {
      const word = `מילה${count} 👩‍🚀 `
      text += word
      writer.append(token(word))
      if (count % 20 === 0) await writer.flush()
    }
    const middle = readAll(runId)
    writer.append(done)
    await writer.flush()
    const late = readAll(runId)

    for (const read of await Promise.all([early, middle, late])) {
      expect(textOf(read)).toBe(text)
      expect(read.map(({ seq }) => seq)).toEqual(read.map((_, index) => index))
    }
  })

  it('lets no commit overtake another, so that no reader misses an event [STR-4]', async () => {
    const runId = await givenRun()
    const slow = Promise.withResolvers<void>()
    let commits = 0
    const slowOnce: Database = {
      ...database,
      async writeAsMaintenance(write) {
        commits += 1
        if (commits === 2) await slow.promise
        return database.writeAsMaintenance(write)
      },
    }
    await using slowEvents = createRunEventLog({ database: slowOnce, log, commitEveryMs: 10 })
    const place = await database.asMaintenance((db) =>
      store.takeOver(db, { runId, writer: 'test/1' }),
    )
    const writer = slowEvents.createWriter({ runId, epoch: place?.epoch ?? -1, next: 0 })
    const reading = readAll(runId, -1, slowEvents)

    writer.append(token('one '))
    await writer.flush()
    writer.append(token('two '))
    const flushed = writer.flush()
    writer.append(token('three'))
    // Long enough for the clock of the next commit to strike while this one is held up.
    await new Promise((resolve) => setTimeout(resolve, 50))
    slow.resolve()
    await flushed
    writer.append(done)
    await writer.flush()
    expect(textOf(await reading)).toBe('one two three')
  })

  it('goes on after any event that a reader has seen [STR-4]', async () => {
    const runId = await givenRun()
    const writer = await openWriter(runId)
    for (const word of ['a', 'b', 'c', 'd']) {
      writer.append(token(word))
      await writer.flush()
    }
    writer.append(done)
    await writer.flush()
    const all = await readAll(runId)
    for (const { seq } of all.slice(0, -1))
      expect(await readAll(runId, seq)).toEqual(all.slice(seq + 1))
  })

  it('delivers only what is stored [STR-4]', async () => {
    const runId = await givenRun()
    const [asked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const holding: Database = {
      ...database,
      async writeAsMaintenance(write) {
        asked.resolve()
        await held.promise
        return database.writeAsMaintenance(write)
      },
    }
    await using own = createRunEventLog({ database: holding, log, pollEveryMs: 60_000 })
    const place = await database.asMaintenance((db) =>
      store.takeOver(db, { runId, writer: 'test/1' }),
    )
    const reading = readAll(runId, -1, own)
    const writer = own.createWriter({ runId, epoch: place?.epoch ?? -1, next: 0 })
    const told: unknown[] = []
    const early = own.follow({
      userId,
      runId,
      after: -1,
      signal: AbortSignal.timeout(60_000),
      hear: (batch) => void told.push(...batch),
    })
    for (let time = 0; time < 5; time += 1)
      await database.asUser(userId, (db) => store.findRun(db, runId))
    writer.append(token('x'))
    await asked.promise
    await database.asUser(userId, (db) => store.findRun(db, runId))
    expect(told).toEqual([])
    held.resolve()
    writer.append(done)
    expect(textOf(await reading)).toBe('x')
    expect(await early).toBe(true)
    expect(told).toHaveLength(2)
  })

  it('keeps nothing for a reader who is slow: it reads on from the table [STR-4, STR-6]', async () => {
    const runId = await givenRun()
    await using own = createRunEventLog({
      database,
      log,
      commitEveryMs: 5,
      pollEveryMs: 60_000,
    })
    const place = await database.asMaintenance((db) =>
      store.takeOver(db, { runId, writer: 'test/1' }),
    )
    const writer = own.createWriter({ runId, epoch: place?.epoch ?? -1, next: 0 })
    const slow = Promise.withResolvers<void>()
    const first = Promise.withResolvers<void>()
    const batches: (readonly store.StoredEvent[])[] = []
    const reading = own.follow({
      userId,
      runId,
      after: -1,
      signal: new AbortController().signal,
      hear(batch) {
        batches.push(batch)
        if (batches.length > 1) return undefined
        first.resolve()
        return slow.promise
      },
    })
    writer.append(token('0 '))
    await writer.flush()
    await first.promise
    for (const word of ['1 ', '2 ', '3 ']) {
      writer.append(token(word))
      await writer.flush()
    }
    writer.append(done)
    await writer.flush()
    expect(batches).toHaveLength(1)
    slow.resolve()
    expect(await reading).toBe(true)
    expect(textOf(batches.flat())).toBe('0 1 2 3 ')
    expect(batches.flat().map(({ seq }) => seq)).toEqual(batches.flat().map((_, seq) => seq))
  })

  it('makes one event of words that come between two commits, for which first words do not wait [STR-6]', async () => {
    await using own = createRunEventLog({ database, log, commitEveryMs: 60_000 })
    const [speaking, beginning] = [await givenRun(), await givenRun()]
    const writers = await Promise.all(
      [speaking, beginning].map(async (runId) => {
        const place = await database.asMaintenance((db) =>
          store.takeOver(db, { runId, writer: 'test/1' }),
        )
        return own.createWriter({ runId, epoch: place?.epoch ?? -1, next: 0 })
      }),
    )
    const [one, other] = writers
    one?.append(token('first '))
    await one?.flush()
    for (let word = 0; word < 10; word += 1) one?.append(token(`${word} `))
    const reader = listen(beginning, own)
    other?.append(token('hello'))
    expect(textOf(await reader.told())).toBe('hello')
    const stored = () => database.asMaintenance((db) => store.readEvents(db, speaking, -1))
    expect(await stored()).toHaveLength(1)
    await one?.flush()
    expect((await stored()).map(({ seq }) => seq)).toEqual([0, 1])
    expect(textOf(await stored())).toBe('first 0 1 2 3 4 5 6 7 8 9 ')
    await reader.leave()
  })

  it('keeps characters that come in halves, and is not stopped by what cannot be kept', async () => {
    const [odd, other] = [await givenRun(), await givenRun()]
    const [oddWriter, otherWriter] = [await openWriter(odd), await openWriter(other)]
    const live = readAll(odd)
    for (const text of ['a\0', 'b\ud83d', '\ude00c\ud83d', 'd', '\ude00', '\ud83d']) {
      oddWriter.append(token(text))
      await oddWriter.flush()
    }
    oddWriter.append({ type: 'clarify', requestId: '1', question: '\0?', options: ['\udfff'] })
    oddWriter.append(done)
    otherWriter.append(token('untouched'))
    otherWriter.append(done)
    await Promise.all([oddWriter.flush(), otherWriter.flush()])
    expect(textOf(await live)).toBe('a\uFFFDb😀c\uFFFDd\uFFFD\uFFFD')
    expect(await readAll(odd)).toEqual(await live)
    expect(textOf(await readAll(other))).toBe('untouched')
  })

  it('refuses what an earlier writer still wants to add', async () => {
    const runId = await givenRun()
    const zombie = await openWriter(runId)
    zombie.append(token('first '))
    await zombie.flush()
    const successor = await openWriter(runId)
    zombie.append(token('a zombie wrote this'))
    await expect(zombie.flush()).rejects.toThrow(StaleWriter)
    successor.append(token('second'))
    successor.append(done)
    await successor.flush()
    expect(textOf(await readAll(runId))).toBe('first second')
  })

  it('refuses what an earlier writer adds at the moment at which it is replaced', async () => {
    const runId = await givenRun()
    const zombie = await openWriter(runId)
    const replaced = Promise.withResolvers<void>()
    const replacing = database.asMaintenance(async (db) => {
      await store.takeOver(db, { runId, writer: 'test/1' })
      zombie.append(token('a zombie wrote this'))
      await replaced.promise
    })
    // The commit of the zombie waits for the row that its successor holds.
    await expect
      .poll(async () => {
        const waiting = await copy.asOwner((db) =>
          db.query(`select from pg_stat_activity where wait_event_type = 'Lock'
            and datname = current_database() and query like '%run_events%'`),
        )
        return waiting.rowCount
      })
      .toBe(1)
    replaced.resolve()
    await replacing
    await expect(zombie.flush()).rejects.toThrow(StaleWriter)
    expect(await database.asUser(userId, (db) => store.readEvents(db, runId, -1))).toEqual([])
  })

  it('is taken over from a writer that is known once, however many want it [STR-4]', async () => {
    const runId = await givenRun()
    const { epoch } = await openWriter(runId)
    const take = (writer: string) =>
      database.asMaintenance((db) => store.takeOver(db, { runId, writer, epoch }))
    const taken = [await take('one/1'), await take('two/1')]
    expect(taken.map((place) => place?.epoch)).toEqual([epoch + 1, undefined])
  })

  it('takes an event twice for one, where the answer of a commit was lost', async () => {
    const runId = await givenRun()
    let isLost = true
    const forgetful: Database = {
      ...database,
      async writeAsMaintenance(write) {
        const answer = await database.writeAsMaintenance(write)
        const wasLost = isLost
        isLost = !isLost
        if (wasLost) throw Object.assign(new Error('lost'), { code: '08006' })
        return answer
      },
    }
    await using retrying = createRunEventLog({ database: forgetful, log, commitEveryMs: 1 })
    const place = await database.asMaintenance((db) =>
      store.takeOver(db, { runId, writer: 'test/1' }),
    )
    const writer = retrying.createWriter({ runId, epoch: place?.epoch ?? -1, next: 0 })
    writer.append(token('once'))
    await writer.flush()
    const conclude = () => writer.conclude(done, { state: 'complete' })
    await expect(conclude()).rejects.toThrow('lost')
    await conclude()
    const read = await readAll(runId)
    expect(textOf(read)).toBe('once')
    expect(read).toHaveLength(2)
  })

  it('ends for a reader who has seen the end before', async () => {
    const runId = await givenRun()
    const writer = await openWriter(runId)
    writer.append(token('the end'))
    await writer.conclude(done, { state: 'complete' })
    expect(await readAll(runId, 1)).toEqual([])
    expect(textOf(await readAll(runId))).toBe('the end')
  })

  it('asks the table only when there is a reason', async () => {
    let reads = 0
    const counting: Database = {
      ...database,
      readAsUser: (id, read) => {
        reads += 1
        return database.readAsUser(id, read)
      },
    }
    await using quiet = createRunEventLog({ database: counting, log, pollEveryMs: 60_000 })
    const runId = await givenRun()
    const writer = await openWriter(runId)
    writer.append(token('x'))
    await writer.flush()
    const { told, over } = listen(runId, quiet)
    // Told while the table is being read, which tells it too.
    quiet.publish([{ runId, epoch: writer.epoch, seq: 0, event: token('x') }])
    expect(await told()).toMatchObject([{ seq: 0 }])
    for (let time = 0; time < 30; time += 1)
      await database.asUser(userId, (db) => store.findRun(db, runId))
    quiet.publish([{ runId, epoch: writer.epoch, seq: 1, event: done }])
    expect(await told()).toMatchObject([{ seq: 1 }])
    expect(await over).toBe(true)
    expect(reads).toBe(1)
  })

  it('asks the table for what was told to nobody, and after a gap', async () => {
    const runId = await givenRun()
    const writer = await openWriter(runId)
    const { epoch } = writer
    const add = (from: number, ...added: RunEvent[]) =>
      database.writeAsMaintenance((db) =>
        store.insertEvents(
          db,
          added.map((event, index) => ({ runId, epoch, seq: from + index, event })),
        ),
      )
    const { told, over } = listen(runId)
    // As another process does it.
    await add(0, token('a'))
    expect(await told()).toMatchObject([{ seq: 0 }])
    await add(1, token('b'), done)
    events.publish([{ runId, epoch, seq: 2, event: done }])
    expect(await told()).toMatchObject([{ seq: 1 }, { seq: 2 }])
    expect(await over).toBe(true)
  })

  it('asks for all who hear nothing in one statement, and lets go of those whose run is gone', async () => {
    const [gone, open] = [await givenRun(), await givenRun()]
    let looks = 0
    const counting: Database = {
      ...database,
      writeAsMaintenance: (write) => {
        looks += 1
        return database.writeAsMaintenance(write)
      },
    }
    await using own = createRunEventLog({ database: counting, log, pollEveryMs: 60 })
    const readers = [gone, gone, open].map((runId) => listen(runId, own))
    await expect.poll(() => looks).toBeGreaterThan(4)
    await copy.asOwner((db) => db.query('delete from runs where id = $1', [gone]))
    await Promise.all(readers.slice(0, 2).map(({ over }) => over))
    // As another process does it.
    const add = (db: Db) =>
      store.insertEvents(db, [{ runId: open, epoch: 0, seq: 0, event: token('still heard') }])
    await database.writeAsMaintenance(add)
    expect(await readers[2]?.told()).toMatchObject([{ seq: 0 }])
    await readers[2]?.leave()
  })

  it('keeps the place of a reader while the database is away [STR-4]', async () => {
    const runId = await givenRun()
    const writer = await openWriter(runId)
    let reads = 0
    let hasBegun = false
    const away: Database = {
      ...database,
      async readAsUser(id, read) {
        reads += 1
        if (reads === 2) throw Object.assign(new Error('away'), { code: '08006' })
        const rest = await database.readAsUser(id, read)
        hasBegun = true
        return rest
      },
    }
    await using own = createRunEventLog({ database: away, log, pollEveryMs: 60_000 })
    const { told, over } = listen(runId, own)
    await expect.poll(() => hasBegun).toBe(true)
    writer.append(token('a'))
    await writer.conclude(done, { state: 'complete' })
    // A gap, so that the table is asked.
    own.publish([{ runId, epoch: writer.epoch, seq: 1, event: done }])
    expect(await told()).toMatchObject([{ seq: 0 }, { seq: 1 }])
    expect(await over).toBe(true)
    expect(reads).toBe(3)
  })

  it('shows nothing of a run to somebody else [ID-13]', async () => {
    const runId = await givenRun()
    const writer = await openWriter(runId)
    writer.append(token('secret'))
    await writer.flush()
    const stranger = randomUUID()
    expect(await database.asUser(stranger, (db) => store.readEvents(db, runId, -1))).toEqual([])
    const { signal } = new AbortController()
    const hear = () => expect.unreachable()
    const reader = { userId: stranger, runId, after: -1, signal, begin: hear, hear }
    expect(await events.follow(reader)).toBe(false)
  })

  it('ends when the reader leaves', async () => {
    const runId = await givenRun()
    const { leave, over } = listen(runId)
    await leave()
    expect(await over).toBe(true)
  })
})
