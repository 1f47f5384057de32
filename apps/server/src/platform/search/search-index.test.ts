import { randomUUID } from 'node:crypto'
import type { KyselyPlugin } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { englishPassages } from '../../testing/retrieval/english-passages.ts'
import { hebrewPassages } from '../../testing/retrieval/hebrew-passages.ts'
import { openPlainFullText } from '../../testing/retrieval/plain-full-text.ts'
import { qualityOf } from '../../testing/retrieval/quality.ts'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { type Database, type Db, openDatabase } from '../db/database.ts'
import { apart } from '../db/transaction-driver.ts'
import { createLog } from '../log/log.ts'
import { createSearchIndex, type SearchItem } from './search-index.ts'

let copy: TestDatabase
let database: Database
beforeAll(async () => {
  copy = await copyDatabase()
  database = openDatabase(copy, createLog({ level: 'silent' }))
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

async function person(): Promise<string> {
  const id = randomUUID()
  await copy.asOwner((db) =>
    db.query(
      `insert into users (id, employee_id, name, email, display_name, hashed_password,
         encrypted_jira_pat, jira_url, jira_flavour, jira_token_hint, wrapped_key, role)
       values ($1, $2, $2, $2, $2, '', '', '', 'dc', '', '', 'member')`,
      [id, id.slice(0, 8)],
    ),
  )
  return id
}

/** A project of somebody with an index of its own. */
async function project(ownerId?: string) {
  const userId = ownerId ?? (await person())
  const id = randomUUID()
  await copy.asOwner((db) =>
    db.query('insert into projects (id, name, created_by) values ($1, $2, $3)', [id, 'P', userId]),
  )
  const index = createSearchIndex()
  const alive = new Set<number>()
  const findAlive = async () => alive
  const added = new Map<number, SearchItem>()
  const readItems = async (_: Db, ids: readonly number[]) =>
    ids.flatMap((one) => (alive.has(one) ? (added.get(one) ?? []) : []))
  const step = async () => {
    const renewed = await database.asMaintenance((db) => index.renew(db, { findAlive, readItems }))
    return renewed !== undefined
  }
  return {
    id,
    userId,
    alive,
    index,
    async add(...items: SearchItem[]) {
      for (const item of items) {
        alive.add(item.id)
        added.set(item.id, item)
      }
      await database.asMaintenance((db) => index.add(db, id, items))
    },
    merge: () => database.asMaintenance((db) => index.merge(db, id, findAlive)),
    async forget() {
      await copy.asOwner((db) =>
        db.query('update search_segments set is_worn = true where project_id = $1', [id]),
      )
      while (await step());
    },
    step,
    async find(question: string, { by = userId, scopeIds = [id] } = {}) {
      const search = { scopeIds, question, limit: 10 }
      const hits = await database.asUser(by, (db) => index.search(db, search))
      return hits.map((hit) => hit.id)
    },
    counts: () =>
      copy.asOwner(async (db) => {
        const { rows } = await db.query<{ segments: string; terms: string }>(
          `select count(distinct segment.id)::text as segments, count(term)::text as terms
           from search_segments segment left join search_postings on segment_id = segment.id
           where project_id = $1`,
          [id],
        )
        return { segments: Number(rows[0]?.segments), terms: Number(rows[0]?.terms) }
      }),
  }
}

describe('the index of a project', () => {
  it('finds the same before and after its parts are merged, and keeps few parts [DOC-8]', async () => {
    const one = await project()
    const texts = [...hebrewPassages, ...englishPassages].map(({ name, text }) => ({ name, text }))
    for (const [id, item] of texts.entries()) await one.add({ id: id + 1, ...item })
    const questions = hebrewPassages.flatMap((passage) => passage.questions)
    const before = []
    for (const question of questions) before.push(await one.find(question))
    while (await one.merge());
    const { segments } = await one.counts()
    expect(segments).toBeLessThan(texts.length / 4)
    const after = []
    for (const question of questions) after.push(await one.find(question))
    expect(after).toEqual(before)
  })

  it('finds words that were mistyped, codes in part, and nothing for nothing [DOC-8]', async () => {
    const one = await project()
    await one.add(
      { id: 1, text: 'The supplier repeats PO-2026-0417 on the note' },
      { id: 2, text: 'החשבונית נשלחה ללקוח' },
      { id: 3, text: 'Something else' },
    )
    expect(await one.find('suplier')).toEqual([1])
    expect(await one.find('חשבוינת')).toEqual([2])
    expect(await one.find('0417')).toEqual([1])
    expect(await one.find('041')).toEqual([1])
    expect(await one.find('"!?" ־')).toEqual([])
    expect(await one.find('quetzal')).toEqual([])
  })

  it('keeps no word of what was deleted once it has forgotten', async () => {
    const one = await project()
    await one.add({ id: 1, text: 'secret plan' }, { id: 2, text: 'open plan' })
    one.alive.delete(1)
    await one.forget()
    expect(await one.find('secret plan')).toEqual([2])
    const left = await copy.asOwner((db) =>
      db.query(`select from search_postings where term like '%secret%'`),
    )
    expect(left.rowCount).toBe(0)
    one.alive.clear()
    await one.forget()
    expect(await one.counts()).toEqual({ segments: 0, terms: 0 })
  })

  it('learns from the database that passages are gone [DOC-8] [PRJ-3]', async () => {
    const one = await project()
    const file = [randomUUID(), one.id, 'a'.repeat(64)]
    const id = await copy.asOwner(async (db) => {
      await db.query(
        `insert into files (id, project_id, file_hash, size_bytes, format, stored_in)
         values ($1, $2, $3, 1, 'txt', 'files')`,
        file,
      )
      const { rows } = await db.query<{ id: number }>(
        `insert into document_chunks (project_id, file_id, ordinal, text)
         values ($2, $1, 0, 'vanishing') returning id`,
        file.slice(0, 2),
      )
      return Number(rows[0]?.id)
    })
    await one.add({ id, text: 'vanishing' })
    await copy.asOwner((db) => db.query('delete from files where id = $1', [file[0]]))
    one.alive.delete(id)
    while (await one.step());
    expect(await one.counts()).toEqual({ segments: 0, terms: 0 })
  })

  it('answers only those who take part, whatever they ask for [ID-13] [SEC-4]', async () => {
    const [own, foreign] = [await project(), await project()]
    await own.add({ id: 1, text: 'budget' })
    await foreign.add({ id: 2, text: 'budget' })
    const scopeIds = [own.id, foreign.id]
    expect(await own.find('budget', { scopeIds })).toEqual([1])
    expect(await own.find('budget', { scopeIds, by: foreign.userId })).toEqual([2])
    const both = await project(own.userId)
    await both.add({ id: 3, text: 'budget budget' })
    expect(await own.find('budget', { scopeIds: [own.id, both.id] })).toEqual([3, 1])
  })

  it('makes again what older rules have made', async () => {
    const one = await project()
    await one.add({ id: 1, text: 'budget' }, { id: 2, text: 'gone budget' })
    await copy.asOwner((db) =>
      db.query('update search_segments set terms_version = 0 where project_id = $1', [one.id]),
    )
    one.alive.delete(2)
    expect(await one.find('budget')).toEqual([])
    while (await one.step());
    expect(await one.find('budget')).toEqual([1])
  })

  it('reads again where a merge came between two of its statements', async () => {
    const one = await project()
    for (let id = 1; id <= 8; id += 1) await one.add({ id, text: `budget${id} plan` })
    expect(await one.find('plan')).toHaveLength(8)
    const search = { scopeIds: [one.id], question: 'budget3', limit: 10 }
    const hits = await database.asUser(one.userId, async (db) => {
      let statements = 0
      const afterFirst: KyselyPlugin = {
        transformQuery: ({ node }) => node,
        async transformResult({ result }) {
          statements += 1
          if (statements === 1) await apart(() => one.merge())
          return result
        },
      }
      return one.index.search(db.withPlugin(afterFirst), search)
    })
    expect(hits).toMatchObject([{ id: 3 }])
  })

  it('goes with its project [PRJ-2]', async () => {
    const one = await project()
    await one.add({ id: 1, text: 'budget' })
    await copy.asOwner((db) => db.query('delete from projects where id = $1', [one.id]))
    expect(await one.counts()).toEqual({ segments: 0, terms: 0 })
  })
})

describe('what is found first', () => {
  it.each([
    ['Hebrew', hebrewPassages, 1.2],
    ['English', englishPassages, 1.05],
  ] as const)(
    'answers questions in %s better than plain full-text search [DOC-8] [D-28]',
    async (_language, passages, factor) => {
      const one = await project()
      await one.add(...passages.map(({ name, text }, id) => ({ id, name, text })))
      const ours = await qualityOf(passages, async (question) =>
        (await one.find(question)).map((id) => passages[id]?.name ?? ''),
      )
      const plain = await copy.asOwner(async (owner) =>
        qualityOf(passages, await openPlainFullText(owner, passages)),
      )
      expect(ours.ndcg / plain.ndcg).toBeGreaterThan(factor)
      expect(ours.recall).toBeGreaterThan(plain.recall)
    },
  )
})
