import { randomUUID } from 'node:crypto'
import type { RunEvent } from '@studioops/contracts/runs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../platform/db/database.ts'
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
  const place = await database.asMaintenance((db) => store.takeOver(db, runId))
  return events.createWriter({ runId, epoch: place?.epoch ?? -1, next: place?.next ?? 0 })
}

const token = (text: string): RunEvent => ({ type: 'assistant_token', text })
const done: RunEvent = { type: 'done', state: 'complete', fallback: false }

async function readAll(runId: string, after = -1, from: RunEventLog = events) {
  const read: store.StoredEvent[] = []
  const { signal } = new AbortController()
  for await (const batch of from.follow({ userId, runId, after, signal })) read.push(...batch)
  return read
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
      async asMaintenance(work) {
        commits += 1
        if (commits === 2) await slow.promise
        return database.asMaintenance(work)
      },
    }
    await using slowEvents = createRunEventLog({ database: slowOnce, log, commitEveryMs: 10 })
    const place = await database.asMaintenance((db) => store.takeOver(db, runId))
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

  it('delivers only what is stored', async () => {
    const runId = await givenRun()
    const writer = await openWriter(runId)
    const reading = events.follow({
      userId,
      runId,
      after: -1,
      signal: new AbortController().signal,
    })
    writer.append(token('x'))
    const { value } = await reading.next()
    const stored = await copy.asOwner((db) =>
      db.query('select seq from run_events where run_id = $1', [runId]),
    )
    expect(stored.rowCount).toBeGreaterThanOrEqual(value?.length ?? 1)
    await reading.return(undefined)
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

  it('ends for a reader who has seen the end before', async () => {
    const runId = await givenRun()
    const writer = await openWriter(runId)
    await writer.conclude(done, (db) =>
      store.endRun(db, { runId, epoch: writer.epoch, state: 'complete', version: undefined }),
    )
    expect(await readAll(runId, 0)).toEqual([])
  })

  it('asks the table only when there is a reason', async () => {
    let reads = 0
    const counting: Database = {
      ...database,
      asUser: (id, work) => {
        reads += 1
        return database.asUser(id, work)
      },
    }
    await using quiet = createRunEventLog({ database: counting, log, pollEveryMs: 60_000 })
    const runId = await givenRun()
    const writer = await openWriter(runId)
    writer.append(token('x'))
    await writer.flush()
    const { signal } = new AbortController()
    const reading = quiet.follow({ userId, runId, after: -1, signal })
    const first = reading.next()
    // Told while the table is being read, which tells it too.
    quiet.publish([{ runId, epoch: writer.epoch, seq: 0, event: token('x') }])
    await first
    const second = reading.next()
    for (let time = 0; time < 30; time += 1)
      await database.asUser(userId, (db) => store.findRun(db, runId))
    quiet.publish([{ runId, epoch: writer.epoch, seq: 1, event: done }])
    expect((await second).value).toMatchObject([{ seq: 1 }])
    expect(reads).toBe(1)
  })

  it('shows nothing of a run to somebody else [ID-13]', async () => {
    const runId = await givenRun()
    const writer = await openWriter(runId)
    writer.append(token('secret'))
    await writer.flush()
    const stranger = await database.asUser(randomUUID(), (db) => store.readEvents(db, runId, -1))
    expect(stranger).toEqual([])
  })

  it('ends when the reader leaves', async () => {
    const runId = await givenRun()
    const leaving = new AbortController()
    const reading = events.follow({ userId, runId, after: -1, signal: leaving.signal })
    const next = reading.next()
    leaving.abort()
    expect(await next).toEqual({ value: undefined, done: true })
  })
})
