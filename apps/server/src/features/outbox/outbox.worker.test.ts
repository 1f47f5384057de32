import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { approvalHash } from '../../platform/approval/approval-hash.ts'
import { createAudit } from '../../platform/audit/audit.ts'
import { type Database, openDatabase } from '../../platform/db/database.ts'
import { OutsideError } from '../../platform/errors/outside-error.ts'
import { createLog } from '../../platform/log/log.ts'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import type { Executor, Found, Scope } from './outbox.executor.ts'
import { createOutboxService } from './outbox.service.ts'
import type { NewOperation, OperationRow } from './outbox.store.ts'
import { createOutboxWorker } from './outbox.worker.ts'

const log = createLog({ level: 'silent' })
let copy: TestDatabase
let database: Database

beforeAll(async () => {
  copy = await copyDatabase(inject('postgres'))
  database = openDatabase(copy, log)
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

async function newPerson(): Promise<string> {
  const id = randomUUID()
  const name = id.slice(0, 8)
  await copy.asOwner((db) =>
    db.query(
      `insert into users (id, employee_id, name, email, display_name, hashed_password, wrapped_key, role)
       values ($1, $2, $2, $2 || '@example.com', $2, 'x', 'x', 'member')`,
      [id, name],
    ),
  )
  return id
}

/** A system that keeps what it was sent, by marker, and does what it is told to. */
function createSystem(changes: Partial<Executor> & Pick<Executor, 'system'>) {
  const there = new Map<string, Found>()
  const sent: string[] = []
  const earlier: (readonly string[])[] = []
  let onSend: (row: OperationRow, scope: Scope) => Promise<void> = async () => undefined
  const executor: Executor = {
    thing: 'card',
    unclear: 'trello.unclear',
    absenceProves: true,
    keyExample: 'abc',
    present: () => ({ target: 'a board' }),
    readKey: (typed) => typed,
    highWater: async () => undefined,
    find: async (row) => there.get(row.marker),
    async send(row, scope) {
      sent.push(row.title)
      earlier.push(scope.earlier.map(({ key }) => key))
      await onSend(row, scope)
      const found = { key: `K-${row.title}`, url: 'https://x.example' }
      there.set(row.marker, found)
      return found
    },
    verify: async (row) => there.get(row.marker),
    withMarker: (row) => row.payload,
    ...changes,
  }
  return {
    executor,
    there,
    sent,
    earlier,
    during: (deed: typeof onSend) => (onSend = deed),
  }
}

function open(executors: Record<string, Executor>) {
  const worker = createOutboxWorker({
    database,
    log,
    executors,
    nodeId: randomUUID(),
    lookupAfterMs: [10, 20, 30],
    deadlineMs: 500,
  })
  const outbox = createOutboxService({ database, audit: createAudit(database), executors })
  return { worker, outbox }
}

async function statesOf(userId: string) {
  const rows = await database.asUser(userId, (db) =>
    db
      .selectFrom('outside_operations')
      .select(['title', 'state', 'error_code', 'attempts'])
      .execute(),
  )
  return Object.fromEntries(rows.map(({ title, state }) => [title, state]))
}

function write(userId: string, kind: string, title: string): NewOperation {
  const target = { board: 'B' }
  const payload = { title }
  const payloadHash = approvalHash({ kind, target, payload })
  const marker = `so-${randomUUID().slice(0, 10)}`
  return { id: randomUUID(), userId, kind, title, target, payload, payloadHash, marker }
}

describe('the outbox', () => {
  it('keeps the order of one person at one system, and lets no slow system hold up another [HLT-7]', async () => {
    const userId = await newPerson()
    const slow = createSystem({ system: 'jira' })
    const quick = createSystem({ system: 'trello' })
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    slow.during(() => held)
    const { worker, outbox } = open({ slow: slow.executor, quick: quick.executor })
    for (const title of ['1', '2', '3']) {
      await database.asUser(userId, (db) => outbox.plan(db, write(userId, 'slow', `slow ${title}`)))
      await database.asUser(userId, (db) =>
        outbox.plan(db, write(userId, 'quick', `quick ${title}`)),
      )
    }
    await worker.start()
    await using _ = worker

    await expect.poll(() => quick.sent).toEqual(['quick 1', 'quick 2', 'quick 3'])
    expect(slow.sent).toEqual(['slow 1'])
    letGo()
    await expect.poll(() => slow.sent).toEqual(['slow 1', 'slow 2', 'slow 3'])
  })

  it('lets what waits for a system that is away hold up nobody else there, and keeps its own order', async () => {
    const [noa, maya] = [await newPerson(), await newPerson()]
    const system = createSystem({ system: 'trello' })
    let isAway = true
    system.during(async ({ user_id: userId }) => {
      if (isAway && userId === noa)
        throw new OutsideError('not-done', { code: 'trello.unreachable', retryAfterMs: 150 })
    })
    const { worker, outbox } = open({ card: system.executor })
    await database.asUser(noa, (db) => outbox.plan(db, write(noa, 'card', 'noa 1')))
    await database.asUser(noa, (db) => outbox.plan(db, write(noa, 'card', 'noa 2')))
    await database.asUser(maya, (db) => outbox.plan(db, write(maya, 'card', 'maya 1')))
    await worker.start()
    await using _ = worker

    await expect.poll(() => statesOf(maya)).toEqual({ 'maya 1': 'done' })
    expect(system.sent).not.toContain('noa 2')
    isAway = false
    await expect
      .poll(() => statesOf(noa), { timeout: 5_000 })
      .toEqual({ 'noa 1': 'done', 'noa 2': 'done' })
    expect(system.sent.indexOf('noa 2')).toBe(system.sent.length - 1)
  })

  it('carries several steps out in their order, shows how far it is, and goes on when told so [D-12]', async () => {
    const userId = await newPerson()
    const system = createSystem({ system: 'trello' })
    let isForbidden = true
    system.during(async ({ title }) => {
      if (isForbidden && title === 'two')
        throw new OutsideError('refused', { code: 'trello.forbidden' })
    })
    const { worker, outbox } = open({ card: system.executor })
    const step = (title: string, number: number) => ({
      ...write(userId, 'card', title),
      step: number,
    })
    const id = randomUUID()
    const group = {
      id,
      userId,
      cause: 'split:1',
      title: 'Split',
      steps: [step('one', 0), step('two', 1), step('three', 2)],
    }
    expect(await database.asUser(userId, (db) => outbox.planGroup(db, group))).toBe(true)
    expect(
      await database.asUser(userId, (db) => outbox.planGroup(db, { ...group, id: randomUUID() })),
    ).toBe(false)
    await worker.start()
    await using _ = worker
    await expect
      .poll(() => statesOf(userId))
      .toEqual({ Split: 'partial', one: 'done', two: 'refused', three: 'planned' })
    const [shown] = await outbox.list(userId, 10)
    if (shown === undefined) throw new Error('nothing is shown')
    expect(outbox.present(shown, 'en')).toMatchObject({
      kind: 'group',
      state: 'partial',
      steps: [
        { title: 'one', state: 'done', key: 'K-one' },
        { title: 'two', state: 'refused', problem: { code: 'trello.forbidden' } },
        { title: 'three', state: 'planned', waitsForSteps: true },
      ],
    })
    isForbidden = false
    await outbox.continue({ userId, operationId: id })
    worker.wake()
    await expect
      .poll(() => statesOf(userId))
      .toEqual({ Split: 'done', one: 'done', two: 'done', three: 'done' })
    expect(system.sent).toEqual(['one', 'two', 'two', 'three'])
    expect(system.earlier.at(-1)).toEqual(['K-one', 'K-two'])
  })

  it('sends again what a system that hides nothing does not have, and finds what it has [D-12]', async () => {
    const userId = await newPerson()
    const system = createSystem({ system: 'trello' })
    let tries = 0
    system.during(async (row) => {
      tries += 1
      // The first never arrives; of the second the answer is lost.
      if (tries === 2) system.there.set(row.marker, { key: 'K-there', url: 'https://x.example' })
      if (tries < 3) throw new OutsideError('ambiguous', { code: 'trello.unreachable' })
    })
    const { worker, outbox } = open({ card: system.executor })
    await database.asUser(userId, (db) => outbox.plan(db, write(userId, 'card', 'lost')))
    await worker.start()
    await using _ = worker

    await expect.poll(() => statesOf(userId), { timeout: 5_000 }).toEqual({ lost: 'done' })
    expect(tries).toBe(2)
  })

  it('looks for a write before it sends it once more, also where it was told that it did not happen [D-12]', async () => {
    const userId = await newPerson()
    const system = createSystem({ system: 'trello' })
    system.during(async (row) => {
      system.there.set(row.marker, { key: 'K-there', url: 'https://x.example' })
      throw new OutsideError('not-done', { code: 'trello.rate-limited', retryAfterMs: 5 })
    })
    const { worker, outbox } = open({ card: system.executor })
    await database.asUser(userId, (db) => outbox.plan(db, write(userId, 'card', 'limited')))
    await worker.start()
    await using _ = worker

    await expect.poll(() => statesOf(userId), { timeout: 5_000 }).toEqual({ limited: 'done' })
    expect(system.sent).toEqual(['limited'])
  })

  it('writes nothing about what another worker holds by now [D-12, JOB-6]', async () => {
    const userId = await newPerson()
    const system = createSystem({ system: 'trello' })
    const operation = write(userId, 'card', 'slept')
    system.during(async () => {
      await database.asMaintenance((db) =>
        sql`update outside_operations set epoch = epoch + 1, state = 'needs-user', lease_until = null
          where id = ${operation.id}`.execute(db),
      )
    })
    const { worker, outbox } = open({ card: system.executor })
    await database.asUser(userId, (db) => outbox.plan(db, operation))
    await worker.start()
    await expect.poll(() => system.there.size, { timeout: 5_000 }).toBe(1)
    await worker[Symbol.asyncDispose]()

    expect(await statesOf(userId)).toEqual({ slept: 'needs-user' })
  })

  it('knows that nothing left where its own database was away before, and goes on [D-12, HLT-7]', async () => {
    const userId = await newPerson()
    let isAway = true
    const system = createSystem({
      system: 'trello',
      absenceProves: false,
      async highWater() {
        if (!isAway) return undefined
        isAway = false
        throw Object.assign(new Error('terminating connection'), { code: '57P01' })
      },
    })
    const { worker, outbox } = open({ card: system.executor })
    await database.asUser(userId, (db) => outbox.plan(db, write(userId, 'card', 'outage')))
    await worker.start()
    await using _ = worker

    await expect.poll(() => statesOf(userId), { timeout: 10_000 }).toEqual({ outage: 'done' })
    expect(system.sent).toEqual(['outage'])
  })

  it('sends nothing but what was approved [D-25]', async () => {
    const userId = await newPerson()
    const system = createSystem({ system: 'trello' })
    const { worker, outbox } = open({ card: system.executor })
    const operation = write(userId, 'card', 'changed')
    await expect(
      database.asUser(userId, (db) =>
        outbox.plan(db, { ...operation, payload: { title: 'other' } }),
      ),
    ).rejects.toMatchObject({ code: 'operation.payload-changed' })
    await database.asUser(userId, (db) => outbox.plan(db, operation))
    await database.asMaintenance((db) =>
      sql`update outside_operations set payload = '{"title":"forged"}' where id = ${operation.id}`.execute(
        db,
      ),
    )
    await worker.start()
    await using _ = worker

    await expect.poll(() => statesOf(userId)).toEqual({ changed: 'refused' })
    expect(system.sent).toEqual([])
  })
})
