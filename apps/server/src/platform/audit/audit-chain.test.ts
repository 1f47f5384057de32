import { mkdtempSync } from 'node:fs'
import { appendFile, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { createLog } from '../log/log.ts'
import { createAudit } from './audit.ts'
import { closeOldEvents, verifyArchive } from './audit-archive.ts'
import { anchorFileOf, readAnchors, startAnchoring } from './audit-anchors.ts'
import { type Anchor, verifyChain } from './audit-chain.ts'
import { closeSegment } from './audit.store.ts'

const log = createLog({ level: 'silent' })
let copy: TestDatabase
let database: Database

beforeEach(async () => {
  copy = await copyDatabase()
  database = openDatabase(copy, log)
  await append(20)
})
afterEach(async () => {
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

async function append(count: number) {
  const audit = createAudit(database)
  for (let n = 0; n < count; n += 1)
    await audit.record({ action: 'session.end', outcome: 'done', facts: { n, text: 'שלום "|,' } })
}

/** What the owner of the database can do, and nobody else. */
const forge = (statement: string) =>
  copy.asOwner((db) =>
    db.query(
      `begin; alter table audit_events disable trigger all; ${statement};
       alter table audit_events enable trigger all; commit`,
    ),
  )
const rehash = `update audit_events events set hash =
  sha256(events.previous || convert_to(audit_body(events), 'UTF8'))`
const anchorNow = async (): Promise<Anchor> => {
  const { last } = await verifyChain(database, [])
  return last
}

describe('the chain of the audit log [SEC-7]', () => {
  it('is whole as long as nobody touches it, with and without anchors', async () => {
    const anchors = [await anchorNow()]
    await append(5)
    expect(await verifyChain(database, anchors)).toMatchObject({
      isWhole: true,
      checked: 25,
      anchors: 1,
      last: { sequence: 25 },
    })
  })

  it.each([
    ['an edit', `update audit_events set outcome = 'failed' where sequence = 7`, 'edited', 7],
    [
      'an edit that was hashed again',
      `update audit_events set outcome = 'failed' where sequence = 7; ${rehash}`,
      'unlinked',
      8,
    ],
    [
      'a changed time',
      `update audit_events set at = at + '1 microsecond' where sequence = 7`,
      'edited',
      7,
    ],
    ['a deletion in the middle', 'delete from audit_events where sequence = 7', 'missing', 7],
    [
      'a deletion that was renumbered',
      `delete from audit_events where sequence = 7;
       update audit_events set sequence = sequence - 1 where sequence > 7`,
      'edited',
      7,
    ],
    [
      'a reorder',
      `update audit_events set sequence = 1000 where sequence = 7;
       update audit_events set sequence = 7 where sequence = 8;
       update audit_events set sequence = 8 where sequence = 1000`,
      'edited',
      7,
    ],
    ['a cut beginning', 'delete from audit_events where sequence < 7', 'cut-start', 1],
    [
      'a forged closed part',
      `delete from audit_events where sequence < 7;
       insert into audit_segments (first_sequence, last_sequence, last_hash)
         select 1, 6, previous from audit_events where sequence = 7`,
      'segment',
      6,
    ],
  ])('shows %s', async (...[, statement, kind, sequence]) => {
    await forge(statement)
    const { isWhole, breaks } = await verifyChain(database, [])
    expect(isWhole).toBe(false)
    expect(breaks[0]).toEqual({ kind, sequence })
  })

  it('shows a cut end, and a chain that was written anew, by the anchors only', async () => {
    const anchor = await anchorNow()
    await forge('delete from audit_events where sequence > 15')
    expect(await verifyChain(database, [])).toMatchObject({ isWhole: true })
    expect((await verifyChain(database, [anchor])).breaks).toEqual([
      { kind: 'cut-end', sequence: 16 },
    ])
    await append(10)
    expect(await verifyChain(database, [])).toMatchObject({ isWhole: true })
    expect((await verifyChain(database, [anchor])).breaks).toEqual([
      { kind: 'rewritten', sequence: 20 },
    ])
  })

  it('goes on from a closed part, whose end it knows', async () => {
    const [early, edge] = [{ sequence: 3, hash: 'f'.repeat(64) }, await anchorNow()]
    expect(await database.asMaintenance((db) => closeSegment(db, 20))).toBe(20)
    expect(await database.asMaintenance((db) => closeSegment(db, 20))).toBe(0)
    await append(4)
    expect(await verifyChain(database, [early, edge])).toMatchObject({
      isWhole: true,
      checked: 5,
      segments: 1,
      anchors: 1,
    })
    await database.asMaintenance((db) => closeSegment(db, 23))
    expect(await verifyChain(database, [edge])).toMatchObject({ isWhole: true, segments: 2 })
    expect((await verifyChain(database, [{ ...edge, hash: 'f'.repeat(64) }])).breaks).toEqual([
      { kind: 'rewritten', sequence: 20 },
    ])
  })

  it('is anchored in the log and in a file at the start, at the end, and where it grew', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'anchors-')), 'audit', 'anchors.jsonl')
    const lines: string[] = []
    const loud = createLog({
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    })
    const anchoring = startAnchoring({ database, log: loud, file })
    await expect.poll(() => readAnchors(file)).toHaveLength(1)
    await append(1)
    await anchoring[Symbol.asyncDispose]()
    await appendFile(file, 'rubbish\n{"sequence":"x"}\n')
    const anchors = await readAnchors(file)
    expect(anchors.map(({ sequence }) => sequence)).toEqual([20, 21])
    expect(await verifyChain(database, anchors)).toMatchObject({ isWhole: true, anchors: 2 })
    const logFile = `${file}.log`
    await appendFile(logFile, lines.join(''))
    expect(await readAnchors(logFile)).toEqual(anchors)
    expect(await readFile(file, 'utf8')).toContain('"at":"20')
  })
})

describe('retention of the audit log [SEC-7, OPS-9]', () => {
  it('seals what is older than so many days into a file that proves itself, and the chain goes on', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'retention-'))
    const keeping = { database, log, dataDirectory, days: 30 }
    const later = (days: number) => new Date(Date.now() + days * 86_400_000)
    expect(await closeOldEvents(keeping, later(29))).toBe(0)
    // Two servers of one installation sweep at once.
    const swept = await Promise.all([1, 2].map(() => closeOldEvents(keeping, later(31))))
    expect(swept).toContain(20)
    await append(3)
    const anchors = await readAnchors(anchorFileOf(dataDirectory))
    expect(anchors).toContainEqual(expect.objectContaining({ sequence: 20 }))
    const report = await verifyChain(database, anchors)
    expect(report).toMatchObject({ isWhole: true, anchors: anchors.length })
    const archive = await verifyArchive(database, dataDirectory)
    expect(archive).toHaveLength(report.segments)
    expect(archive[0]).toMatchObject({ first: 1, last: 20 })
    expect(archive.filter(({ isWhole }) => !isWhole)).toEqual([])
  })

  it('takes nothing out of a chain that is broken', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'retention-'))
    await forge(`update audit_events set outcome = 'failed' where sequence = 7`)
    const now = new Date(Date.now() + 31 * 86_400_000)
    expect(await closeOldEvents({ database, log, dataDirectory, days: 30 }, now)).toBe(0)
    expect(await readdir(join(dataDirectory, 'audit')).catch(() => [])).toEqual([])
  })
})
