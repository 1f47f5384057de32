import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { createLog, newContext, runInContext } from '../log/log.ts'
import { type Audit, createAudit } from './audit.ts'

let copy: TestDatabase
let database: Database
let audit: Audit

beforeAll(async () => {
  copy = await copyDatabase()
  database = openDatabase(copy, createLog({ level: 'silent' }))
  audit = createAudit(database)
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

// oxlint-disable-next-line no-restricted-properties -- the statements stand in this file
const statement = (text: string) => sql.raw(text)
const events = async () =>
  (await copy.asOwner((db) => db.query('select * from audit_events order by sequence'))).rows

describe('an entry of the audit log', () => {
  it('says who, what, of what, with which outcome, in which request and from where [SEC-7]', async () => {
    const actorId = randomUUID()
    const context = { ...newContext('request-1'), address: '192.0.2.7' }
    await runInContext(context, () =>
      audit.record({
        actorId,
        action: 'story.approve',
        target: 'story:1',
        outcome: 'done',
        facts: { payload_hash: 'abc', nul: 'a\0b' },
      }),
    )
    await audit.record({ action: 'session.begin', outcome: 'refused' })
    expect(await events()).toMatchObject([
      {
        sequence: 1,
        actor_id: actorId,
        action: 'story.approve',
        target: 'story:1',
        outcome: 'done',
        request_id: 'request-1',
        address: '192.0.2.7',
        facts: { payload_hash: 'abc', nul: 'a\uFFFDb' },
      },
      { sequence: 2, actor_id: null, action: 'session.begin', outcome: 'refused', facts: {} },
    ])
  })

  it('seals the one before it, also where many are written at the same time [SEC-7]', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        audit.record({ action: 'session.end', outcome: 'done', target: `n:${n}` }),
      ),
    )
    const all = await events()
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => index + 1))
    expect(all.slice(1).map(({ previous }) => previous)).toEqual(
      all.slice(0, -1).map(({ hash }) => hash),
    )
    expect(new Set(all.map(({ hash }) => String(hash))).size).toBe(all.length)
  })

  it('is taken back with the transaction of what did not happen, and leaves no gap', async () => {
    const actorId = randomUUID()
    const failing = database.asUser(actorId, async (db) => {
      await audit.record({ actorId, action: 'model.save', outcome: 'done' }, db)
      throw new Error('did not happen')
    })
    await expect(failing).rejects.toThrow('did not happen')
    const before = await events()
    await audit.record({ action: 'session.end', outcome: 'done' })
    expect((await events()).at(-1)).toMatchObject({ sequence: before.length + 1 })
  })
})

describe('the table of the audit log [SEC-7]', () => {
  const changes = [
    `update audit_events set action = 'session.end'`,
    'delete from audit_events',
    'truncate audit_events',
    'update audit_segments set last_sequence = 1',
    'delete from audit_segments',
    'truncate audit_segments',
  ]
  const insert = `insert into audit_events (actor_id, action, outcome) values`

  it.each(changes)('refuses the run-time roles: %s', async (change) => {
    await audit.record({ action: 'session.end', outcome: 'done' })
    const text = statement(change)
    for (const run of [database.asVisitor, database.asMaintenance])
      await expect(run((db) => text.execute(db))).rejects.toMatchObject({ code: '42501' })
  })

  it('refuses its owner too [SEC-7]', async () => {
    await copy.asOwner(async (db) => {
      await db.query('begin; select audit_close_segment(1, null)')
      for (const change of changes) {
        await db.query('savepoint one')
        await expect(db.query(change), change).rejects.toMatchObject({ code: '42501' })
        await db.query('rollback to one')
      }
      await db.query('rollback')
    })
  })

  it('takes no number, time or hash from whoever writes, and no name of somebody else', async () => {
    const [noa, daniel] = [randomUUID(), randomUUID()]
    const asNoa = (text: string) => database.asUser(noa, (db) => statement(text).execute(db))
    await expect(asNoa(`${insert} ('${daniel}', 'session.end', 'done')`)).rejects.toMatchObject({
      code: '42501',
    })
    await expect(
      asNoa(`insert into audit_events (sequence, action, outcome) values (7, 'x.y', 'done')`),
    ).rejects.toMatchObject({ code: '42501' })
    await copy.asOwner((db) =>
      db.query(
        `insert into audit_events (sequence, at, hash, action, outcome) values (7, '2001-01-01', 'x', 'x.y', 'done')`,
      ),
    )
    const all = await events()
    expect(all.at(-1)).toMatchObject({ sequence: all.length, action: 'x.y' })
    expect(all.at(-1)?.at.getFullYear()).toBeGreaterThan(2001)
  })

  it('is shown to those who run the workspace, and to nobody else', async () => {
    const [owner, member] = [randomUUID(), randomUUID()]
    await copy.asOwner(async (db) => {
      for (const [id, role] of [
        [owner, 'owner'],
        [member, 'member'],
      ])
        await db.query(
          `insert into users (id, employee_id, name, email, display_name, hashed_password, encrypted_jira_pat,
            jira_url, jira_flavour, jira_token_hint, wrapped_key, role)
            values ($1, $2, $2, $2, $2, '', '', '', 'dc', '', '', $2)`,
          [id, role],
        )
    })
    const countAs = (userId: string) =>
      database.asUser(userId, async (db) => {
        const seen = await db.selectFrom('audit_events').select('sequence').execute()
        return seen.length
      })
    expect(await countAs(owner)).toBe((await events()).length)
    expect(await countAs(member)).toBe(0)
  })
})
